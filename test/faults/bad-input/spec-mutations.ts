/** Ways to spoil a valid spec. Each says why what comes out cannot be valid, whichever spec and place it was made from. */
import type { Dice } from './random-input.js';
import { fieldOf, knownNames, objectsIn, placesIn, put, textsIn, type Path } from './places.js';

export interface Spoilt {
  spec: unknown;
  /** Where the problem must be found, or around it, or within. */
  path: Path;
}

export interface SpecMutation {
  why: string;
  /** Null where the spec has no place for it. */
  spoil(spec: unknown, dice: Dice): Spoilt | null;
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
/** What begins with one of these is the name of a thing of SageMaker. */
const nameFields = ['endpoint', 'model', 'group', 'name', 'endpoints', 'waves'];
const needed =
  /^(apiVersion|endpoint|waves|models|strategy)$|^models,candidate$|,(role|output|steps|by|zone|before|higherIsBetter)$/;

function spoilText(like: RegExp, replacements: readonly unknown[]): SpecMutation['spoil'] {
  return (spec, dice) => {
    const places = textsIn(spec, like);
    if (places.length === 0) return null;
    const { path } = dice.oneOf(places);
    // A bound on a metric with a source is the one field that takes a share, or a number.
    const isBound = ['below', 'above'].includes(fieldOf(path));
    const wrong = replacements.filter((each) => !isBound || typeof each !== 'number');
    return { path, spec: put(spec, path, dice.oneOf(wrong)) };
  };
}

export const specMutations: Record<string, SpecMutation> = {
  'wrong type': {
    why: 'no field takes an object with a nameless field, and no field takes a list in a list in a list',
    spoil(spec, dice) {
      const { path } = dice.oneOf(placesIn(spec));
      return { path, spec: put(spec, path, dice.oneOf([{ '': 1 }, [[[]]]])) };
    },
  },
  'misspelt key': {
    why: 'no object of the published schema has a field of that name, and none takes names that it does not have',
    spoil(spec, dice) {
      const { path, value } = dice.oneOf(
        objectsIn(spec).filter((place) => Object.keys(place.value).length > 0),
      );
      const key = dice.oneOf(Object.keys(value));
      const at = dice.upTo(key.length);
      const misspelt = dice.oneOf([
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
    spoil(spec, dice) {
      const { path, value } = dice.oneOf(objectsIn(spec));
      const entries = [
        ...Object.entries(value),
        [dice.oneOf(strangeKeys), dice.oneOf([1, {}, { model: 'evil' }])],
      ];
      return { path, spec: put(spec, path, Object.fromEntries(entries as [string, unknown][])) };
    },
  },
  'impossible share': {
    why: 'shares lie from 0.1% to 100%, rates above 0% to 100%, both with their sign and few decimals',
    spoil: spoilText(/^\d+(\.\d+)?%$/, shares),
  },
  'unit mistake': {
    why: 'durations, latencies and sizes are whole numbers with a unit each, and not nothing',
    spoil: spoilText(/^(\d+(ms|[smhd]|GB))+$/, units),
  },
  'huge value': {
    why: 'no duration is longer than a year, no latency has days, and no other text may have 5,000 letters',
    spoil: (spec, dice) =>
      spoilText(/^(\d+(ms|[smhd]|GB))+$/, ['99999999d', '366d', '999999999999s', `${'9'.repeat(3_000)}s`])(
        spec,
        dice,
      ) ?? spoilText(/./, ['x'.repeat(5_000)])(spec, dice),
  },
  'long text': {
    why: 'no name, ARN, URI, choice or expression is 5,000 letters x',
    spoil: spoilText(/./, ['x'.repeat(5_000), 'x'.repeat(900_000)]),
  },
  'wrong number': {
    why: 'numbers of a spec are whole and 1 or more; those that are not are left out here',
    spoil(spec, dice) {
      const places = placesIn(spec).filter(
        ({ path, value }) =>
          typeof value === 'number' && !['below', 'above', 'dispersion'].includes(fieldOf(path)),
      );
      if (places.length === 0) return null;
      const { path } = dice.oneOf(places);
      return { path, spec: put(spec, path, dice.oneOf(numbers)) };
    },
  },
  'injection in a name': {
    why: 'names are letters, digits and inner hyphens, 63 at most',
    spoil(spec, dice) {
      const places = textsIn(spec, /^[\w-]+$/).filter(
        ({ path }) => nameFields.includes(fieldOf(path)) && !path.includes('source'),
      );
      const { path } = dice.oneOf(places);
      return { path, spec: put(spec, path, dice.oneOf(names)) };
    },
  },
  'missing field': {
    why: 'the field has no default',
    spoil(spec, dice) {
      const places = placesIn(spec).filter(({ path }) => needed.test(path.filter(isName).join(',')));
      const { path } = dice.oneOf(places.filter(({ path }) => isName(path.at(-1))));
      return { path: path.slice(0, -1), spec: put(spec, path, undefined) };
    },
  },
  'two that exclude each other': {
    why: 'a model, a strategy and a guardrail is one thing each',
    spoil(spec, dice) {
      const [path, other] = dice.oneOf<[Path, object]>([
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
  'steps that descend': {
    why: 'shares of a canary ascend',
    spoil(spec, dice) {
      const steps = Array.from({ length: dice.oneOf([2, 5, 50]) }, (_, i) => `${99 - i}%`);
      return { path: ['strategy'], spec: put(spec, ['strategy'], { canary: { steps } }) };
    },
  },
  'too many of them': {
    why: 'every list of a spec has a limit below a thousand',
    spoil(spec, dice) {
      const [key, entry] = dice.oneOf<[string, unknown]>([
        ['guardrails', { alarm: 'a' }],
        ['gates', { before: 'traffic', manual: true }],
        ['freeze', { weekly: 'Sat', zone: 'UTC' }],
        ['notify', { slack: { urlEnv: 'A' } }],
        ['goals', { metric: 'conversion', higherIsBetter: true }],
        ['strategy', 'standard'],
      ]);
      const many = Array.from({ length: dice.oneOf([1_001, 2_000]) }, () => entry);
      return { path: [key], spec: put(spec, [key], many) };
    },
  },
  'another version': {
    why: 'there is one version',
    spoil: (spec, dice) => ({
      path: ['apiVersion'],
      spec: put(
        spec,
        ['apiVersion'],
        dice.oneOf(['penstock/v2', 'v1', 1, null, 'PENSTOCK/V1', ['penstock/v1']]),
      ),
    }),
  },
  'nested too deeply': {
    why: 'nothing may be nested deeper than 100 levels, not even what is free',
    spoil(spec, dice) {
      let deep: unknown = 1;
      for (let depth = dice.oneOf([120, 500, 700]); depth > 0; depth -= 1)
        deep = depth % 2 ? [deep] : { a: deep };
      const path = ['validate', 'smoke'];
      return { path, spec: { ...(spec as object), validate: { smoke: [{ body: deep }] } } };
    },
  },
};

function isName(key: unknown): boolean {
  return typeof key === 'string';
}
