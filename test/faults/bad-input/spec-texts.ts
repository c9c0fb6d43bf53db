/** Texts that cannot be a spec: YAML features that JSON does not have, expanding aliases, and texts that are too large. */
import type { RandomCase } from './random-input.js';

interface TextMutation {
  why: string;
  mutate(text: string, random: RandomCase): string;
}

const exponent = 30;

function bomb(levels: number): string {
  const level = (i: number) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}, *x${i}]`;
  return `x0: &x0 [lol]\n${Array.from({ length: levels }, (_, i) => level(i)).join('\n')}\n`;
}

/** Repeats the part until the text has at least `length` characters. */
function fill(part: (i: number) => string, length: number): string {
  const parts: string[] = [];
  for (let have = 0; have < length; have += parts.at(-1)?.length ?? 1) parts.push(part(parts.length));
  return parts.join('');
}

/** Contents of large files: ten megabytes, or just below the limit of one megabyte. */
const shapes: Record<string, (length: number) => string> = {
  'one scalar': (length) => `x: ${'y'.repeat(length)}`,
  'blank lines': (length) => '\n'.repeat(length),
  comments: (length) => fill(() => '# x\n', length),
  keys: (length) => fill((i) => `k${i}: 1\n`, length),
  'one repeated key': (length) => fill(() => 'k: 1\n', length),
  anchors: (length) => fill((i) => `k${i}: &a${i} 1\n`, length),
  'aliases of one anchor': (length) => `a: &a 1\nb: [${fill(() => '*a, ', length)}1]`,
  'open flow lists': (length) => '['.repeat(length),
  'flow lists': (length) => '['.repeat(length / 2) + ']'.repeat(length / 2),
  'block lists': (length) => '- '.repeat(length / 2),
  'nested maps': (length) => fill(() => '{a: ', length),
  'explicit keys': (length) => '? '.repeat(length / 2),
  'closing brackets': (length) => `a: 1\n${'}'.repeat(length)}`,
  commas: (length) => `[${','.repeat(length)}]`,
  directives: (length) => fill(() => '%X 1\n', length),
  documents: (length) => fill(() => '---\n', length),
  'tagged entries': (length) => fill(() => '- !x 1\n', length),
  'maps in a line': (length) => fill(() => 'a: b: c\n', length),
  'an open quote': (length) => `a: "${fill(() => 'x\n', length)}`,
  digits: (length) => `a: ${'9'.repeat(length)}`,
  'canary steps': (length) => `strategy: {canary: {steps: [${fill(() => '1%, ', length)}2%]}}`,
  'gates without a kind': (length) => `gates: [${fill(() => '{}, ', length)}{}]`,
  'NUL bytes': (length) => '\0'.repeat(length),
  tabs: (length) => `a:\n${'\t'.repeat(length)}`,
};

export const textMutations: Record<string, TextMutation> = {
  'duplicate keys': {
    why: 'duplicate keys are ambiguous',
    mutate: (text, random) =>
      `${text}\n${random.oneOf(['apiVersion: penstock/v1', '"models": {}', 'strategy: standard'])}\n`,
  },
  'expanding aliases': {
    why: `${exponent} levels of three aliases expand beyond the limit`,
    mutate: (text, random) => `${text}\n${bomb(exponent + random.below(200))}`,
  },
  'an alias that is undefined or refers to itself': {
    why: 'such an alias has no value',
    mutate: (text, random) => `${text}\nx: ${random.oneOf(['*missing', '&x [*x]', '&x { a: { b: *x } }'])}\n`,
  },
  'a tag': {
    why: 'JSON has no other types',
    mutate: (text, random) => {
      const tags = [
        '!!js/function',
        '!!python/object/apply:os.system',
        '!!binary',
        '!!set',
        '!foo',
        '!!timestamp',
      ];
      return text.replace(/^apiVersion: /m, `apiVersion: ${random.oneOf(tags)} `);
    },
  },
  'a merge key': {
    why: 'there is no field <<',
    mutate: (text) => text.replace(/^models:/m, 'x: &x { apiVersion: penstock/v1 }\n<<: *x\nmodels:'),
  },
  'a number that JSON cannot represent': {
    why: 'the number is not finite',
    mutate: (text, random) =>
      `${text}\nx: ${random.oneOf(['.nan', '.inf', '-.inf', '1e400', `1${'0'.repeat(400)}`])}\n`,
  },
  'a key that is not a string': {
    why: 'JSON has only string keys',
    mutate: (text, random) =>
      `${text}\n${random.oneOf(['? [a]\n: 1', '? {a: 1}\n: 1', '? \n: 1', '~: 1', '? |\n  x\n: 1'])}\n`,
  },
  'several documents': {
    why: 'a file has one spec',
    mutate: (text, random) => `${text}\n---\n${random.oneOf([text, '', 'a: 1', '{'])}\n`,
  },
  'another YAML version': {
    why: 'the same text has other values in other versions',
    mutate: (text, random) => `%YAML ${random.oneOf(['1.1', '1.0', '9.9', 'x'])}\n---\n${text}`,
  },
  'a broken text': {
    why: 'a bracket or quote is not closed, or a character is not allowed there',
    mutate: (text, random) =>
      `${text}\n${random.oneOf(['x: {', 'x: [1', 'x: "y', "x: 'y", '\tx: 1', 'x: y: z', '}', '@x', 'x: `y`', '- x', '%'])}\n`,
  },
  'strange bytes': {
    why: 'no field may have these bytes',
    mutate: (text, random) =>
      text.replace(
        /^(endpoint|name): /m,
        `$1: ${random.oneOf(['\0', '\ud800', '\u001b[2J', '\u202e', '\ufffd', '\u0085'])}`,
      ),
  },
  'no spec': {
    why: 'a spec is an object with fields',
    mutate: (_, random) =>
      random.oneOf([
        '',
        '\ufeff',
        '---\n',
        '# nothing\n',
        '~',
        'text',
        '42',
        '[]',
        'true',
        '""',
        '{}',
        '\0',
        '...',
        '\r\r',
        '!!null',
      ]),
  },
  'almost a megabyte': {
    why: 'the text has no field of a spec',
    mutate: (_, random) => random.oneOf(Object.values(shapes))(900_000),
  },
  'ten megabytes': {
    why: 'a spec has at most one megabyte',
    mutate: (_, random) => random.oneOf(Object.values(shapes))(10_000_000),
  },
  'a few hundred words': {
    why: 'the text has no field of a spec',
    mutate: (_, random) => random.oneOf(Object.values(shapes))(random.oneOf([400, 4_000, 40_000, 100_000])),
  },
};
