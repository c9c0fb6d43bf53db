/** Mutations that make any valid spec invalid. `why` gives the reason, which does not depend on the spec or the place. */
import type { RandomCase } from './random-input.js';
import { fieldOf, knownNames, objectsIn, placesIn, put, textsIn, type Path } from './places.js';

export interface MutatedSpec {
  spec: unknown;
  /** The problem must be found at this path, above it or below it. */
  path: Path;
}

export interface SpecMutation {
  why: string;
  /** Null: the spec has no place for this mutation. */
  mutate(spec: unknown, random: RandomCase): MutatedSpec | null;
}

const shares = [
  '0%',
  '101%',
  '-5%',
  '100.1%',
  '1e2%',
  '٥%',
  'NaN%',
  '0.00001%',
  '5 %',
  '%',
  '5%%',
  '1000%',
  '0x5%',
  '5',
  5,
  0.05,
];
const units = [
  '30',
  30,
  '30sec',
  '1.5h',
  '-1m',
  '0s',
  '1h 30m',
  '30S',
  'PT30M',
  '１m',
  '5µs',
  '1w',
  '',
  ' 1m',
  '1m\n',
  'm1',
  '1d'.repeat(2_000),
];
const numbers = [-1, 0, 0.5, 1e21, 1e308, 2 ** 53, '3', true, null, [3]];
const names = [
  ...[
    "a'; DROP TABLE rollouts;--",
    '../../etc/passwd',
    '$(reboot)',
    '`id`',
    'a b',
    'a\nb',
    'a\0b',
    'a\u202eb',
    '{{x}}',
  ],
  ...[
    '<script>alert(1)</script>',
    '%00',
    'é',
    'a\ud800',
    '',
    '-',
    'a-',
    'x'.repeat(64),
    'a/b',
    'a\\b',
    '\u001b[2Jx',
    '😀',
  ],
];
const strangeKeys = [
  ...[
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'prototype',
    ' steps',
    'steps\n',
    '',
    '<<',
    '\0',
    '$ref',
  ],
  ...['еndpoint', 'k'.repeat(5_000), '\u001b[31mred', '\u202eevil', '0', 'null', 'models.candidate', '😀'],
];
/** Fields that hold names of SageMaker resources. */
const nameFields = ['endpoint', 'model', 'group', 'name', 'endpoints', 'waves'];
const needed =
  /^(apiVersion|endpoint|waves|models|strategy)$|^models,candidate$|,(role|output|steps|by|zone|before|higherIsBetter)$/;

function mutateText(like: RegExp, replacements: readonly unknown[]): SpecMutation['mutate'] {
  return (spec, random) => {
    const places = textsIn(spec, like);
    if (places.length === 0) return null;
    const { path } = random.oneOf(places);
    // Only a bound on a metric with a source accepts both a share and a number.
    const isBound = ['below', 'above'].includes(fieldOf(path));
    const wrong = replacements.filter((each) => !isBound || typeof each !== 'number');
    return { path, spec: put(spec, path, random.oneOf(wrong)) };
  };
}

export const specMutations: Record<string, SpecMutation> = {
  'wrong type': {
    why: 'no field takes an object with an empty field name, or a list in a list in a list',
    mutate(spec, random) {
      const { path } = random.oneOf(placesIn(spec));
      return { path, spec: put(spec, path, random.oneOf([{ '': 1 }, [[[]]]])) };
    },
  },
  'misspelt key': {
    why: 'the published schema has no field of that name, and its objects reject unknown fields',
    mutate(spec, random) {
      const { path, value } = random.oneOf(
        objectsIn(spec).filter((place) => Object.keys(place.value).length > 0),
      );
      const key = random.oneOf(Object.keys(value));
      const at = random.below(key.length);
      const misspelt = random.oneOf([
        key + key.slice(-1),
        key.slice(0, at) + 'q' + key.slice(at),
        key.toUpperCase() + '_',
        `${key.slice(0, at)}-${key.slice(at)}`,
      ]);
      if (knownNames.has(misspelt)) return null;
      const { [key]: held, ...others } = value;
      return { path, spec: put(spec, path, { ...others, [misspelt]: held }) };
    },
  },
  'strange key': {
    why: 'no object has such a field',
    mutate(spec, random) {
      const { path, value } = random.oneOf(objectsIn(spec));
      const entries = [
        ...Object.entries(value),
        [random.oneOf(strangeKeys), random.oneOf([1, {}, { model: 'evil' }])],
      ];
      return { path, spec: put(spec, path, Object.fromEntries(entries as [string, unknown][])) };
    },
  },
  'impossible share': {
    why: 'shares are 0.1% to 100%, rates above 0% to 100%, both with a percent sign and few decimals',
    mutate: mutateText(/^\d+(\.\d+)?%$/, shares),
  },
  'unit mistake': {
    why: 'durations, latencies and sizes are whole numbers above 0 with a unit',
    mutate: mutateText(/^(\d+(ms|[smhd]|GB))+$/, units),
  },
  'huge value': {
    why: 'durations are at most a year, latencies have no days, and other texts are shorter than 5,000 letters',
    mutate: (spec, random) =>
      mutateText(/^(\d+(ms|[smhd]|GB))+$/, ['99999999d', '366d', '999999999999s', `${'9'.repeat(3_000)}s`])(
        spec,
        random,
      ) ?? mutateText(/./, ['x'.repeat(5_000)])(spec, random),
  },
  'long text': {
    why: 'no name, ARN, URI, choice or expression may have 5,000 letters',
    mutate: mutateText(/./, ['x'.repeat(5_000), 'x'.repeat(900_000)]),
  },
  'wrong number': {
    why: 'numbers are whole and at least 1 (other numbers are excluded from this mutation)',
    mutate(spec, random) {
      const places = placesIn(spec).filter(
        ({ path, value }) =>
          typeof value === 'number' && !['below', 'above', 'dispersion'].includes(fieldOf(path)),
      );
      if (places.length === 0) return null;
      const { path } = random.oneOf(places);
      return { path, spec: put(spec, path, random.oneOf(numbers)) };
    },
  },
  'injection in a name': {
    why: 'names have letters, digits and inner hyphens, at most 63',
    mutate(spec, random) {
      const places = textsIn(spec, /^[\w-]+$/).filter(
        ({ path }) => nameFields.includes(fieldOf(path)) && !path.includes('source'),
      );
      const { path } = random.oneOf(places);
      return { path, spec: put(spec, path, random.oneOf(names)) };
    },
  },
  'missing field': {
    why: 'the field has no default',
    mutate(spec, random) {
      const places = placesIn(spec).filter(({ path }) => needed.test(path.filter(isName).join(',')));
      const { path } = random.oneOf(places.filter(({ path }) => isName(path.at(-1))));
      return { path: path.slice(0, -1), spec: put(spec, path, undefined) };
    },
  },
  'mutually exclusive fields': {
    why: 'a model, a strategy and a guardrail each have one kind',
    mutate(spec, random) {
      const [path, other] = random.oneOf<[Path, object]>([
        [['models', 'candidate'], { model: 'a', package: 'b', train: {} }],
        [['strategy'], { canary: { steps: ['1%'] }, linear: { by: '10%' } }],
        [['guardrails', 0], { alarm: 'a', metric: 'errorRate', below: '1%' }],
        [['onInconclusive'], { rollBack: { after: '1h' }, hold: true }],
        [['validate', 'latency'], { p50: '1ms', p99: '1ms' }],
      ]);
      const {
        guardrails = [],
        validate = {},
        ...rest
      } = spec as { guardrails?: unknown[]; validate?: object };
      const list = guardrails.length > 0 ? guardrails : [{}];
      return { path, spec: put({ ...rest, guardrails: list, validate }, path, other) };
    },
  },
  'descending steps': {
    why: 'shares of a canary must ascend',
    mutate(spec, random) {
      const steps = Array.from({ length: random.oneOf([2, 5, 50]) }, (_, i) => `${99 - i}%`);
      return { path: ['strategy'], spec: put(spec, ['strategy'], { canary: { steps } }) };
    },
  },
  'too many entries': {
    why: 'every list has a limit below 1,000',
    mutate(spec, random) {
      const [key, entry] = random.oneOf<[string, unknown]>([
        ['guardrails', { alarm: 'a' }],
        ['gates', { before: 'traffic', manual: true }],
        ['freeze', { weekly: 'Sat', zone: 'UTC' }],
        ['notify', { slack: { urlEnv: 'A' } }],
        ['goals', { metric: 'conversion', higherIsBetter: true }],
        ['strategy', 'standard'],
      ]);
      const many = Array.from({ length: random.oneOf([1_001, 2_000]) }, () => entry);
      return { path: [key], spec: put(spec, [key], many) };
    },
  },
  'unknown version': {
    why: 'only one version exists',
    mutate: (spec, random) => ({
      path: ['apiVersion'],
      spec: put(
        spec,
        ['apiVersion'],
        random.oneOf(['penstock/v2', 'v1', 1, null, 'PENSTOCK/V1', ['penstock/v1']]),
      ),
    }),
  },
  'nested too deeply': {
    why: 'the limit is 100 levels, also in fields with free content',
    mutate(spec, random) {
      let deep: unknown = 1;
      for (let depth = random.oneOf([120, 500, 700]); depth > 0; depth -= 1)
        deep = depth % 2 ? [deep] : { a: deep };
      const path = ['validate', 'smoke'];
      return { path, spec: { ...(spec as object), validate: { smoke: [{ body: deep }] } } };
    },
  },
};

function isName(key: unknown): boolean {
  return typeof key === 'string';
}
