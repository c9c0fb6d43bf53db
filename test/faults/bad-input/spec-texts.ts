/** Texts that are no spec whatever stands in them: what YAML has that JSON has not, what unfolds, and what is too large. */
import type { Dice } from './random-input.js';

interface SpoiltText {
  why: string;
  spoil(text: string, dice: Dice): string;
}

const exponent = 30;

function bomb(levels: number): string {
  const level = (i: number) => `x${i + 1}: &x${i + 1} [*x${i}, *x${i}, *x${i}]`;
  return `x0: &x0 [lol]\n${Array.from({ length: levels }, (_, i) => level(i)).join('\n')}\n`;
}

/** So much of it that a text has at least `length` characters. */
function fill(part: (i: number) => string, length: number): string {
  const parts: string[] = [];
  for (let have = 0; have < length; have += parts.at(-1)?.length ?? 1) parts.push(part(parts.length));
  return parts.join('');
}

/** What a file of ten megabytes, or just below the limit of one, may consist of. */
const shapes: Record<string, (length: number) => string> = {
  'one scalar': (length) => `x: ${'y'.repeat(length)}`,
  'blank lines': (length) => '\n'.repeat(length),
  comments: (length) => fill(() => '# x\n', length),
  keys: (length) => fill((i) => `k${i}: 1\n`, length),
  'one key, again and again': (length) => fill(() => 'k: 1\n', length),
  anchors: (length) => fill((i) => `k${i}: &a${i} 1\n`, length),
  'aliases of one anchor': (length) => `a: &a 1\nb: [${fill(() => '*a, ', length)}1]`,
  'flow lists, open': (length) => '['.repeat(length),
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

export const textMutations: Record<string, SpoiltText> = {
  'a key twice': {
    why: 'which of two is meant cannot be told',
    spoil: (text, dice) =>
      `${text}\n${dice.oneOf(['apiVersion: penstock/v1', '"models": {}', 'strategy: standard'])}\n`,
  },
  'aliases that unfold': {
    why: `${exponent} levels of threes are more than can be`,
    spoil: (text, dice) => `${text}\n${bomb(exponent + dice.upTo(200))}`,
  },
  'an alias to nothing, or to itself': {
    why: 'neither stands for anything',
    spoil: (text, dice) => `${text}\nx: ${dice.oneOf(['*nobody', '&x [*x]', '&x { a: { b: *x } }'])}\n`,
  },
  'a tag': {
    why: 'JSON has no types but its own',
    spoil: (text, dice) => {
      const tags = [
        '!!js/function',
        '!!python/object/apply:os.system',
        '!!binary',
        '!!set',
        '!foo',
        '!!timestamp',
      ];
      return text.replace(/^apiVersion: /m, `apiVersion: ${dice.oneOf(tags)} `);
    },
  },
  'a merge key': {
    why: 'there is no field <<',
    spoil: (text) => text.replace(/^models:/m, 'x: &x { apiVersion: penstock/v1 }\n<<: *x\nmodels:'),
  },
  'a number that JSON cannot carry': {
    why: 'it is not finite',
    spoil: (text, dice) =>
      `${text}\nx: ${dice.oneOf(['.nan', '.inf', '-.inf', '1e400', `1${'0'.repeat(400)}`])}\n`,
  },
  'a key that is no text': {
    why: 'JSON has none',
    spoil: (text, dice) =>
      `${text}\n${dice.oneOf(['? [a]\n: 1', '? {a: 1}\n: 1', '? \n: 1', '~: 1', '? |\n  x\n: 1'])}\n`,
  },
  'several documents': {
    why: 'one file is one spec',
    spoil: (text, dice) => `${text}\n---\n${dice.oneOf([text, '', 'a: 1', '{'])}\n`,
  },
  'another version of YAML': {
    why: 'it reads other values in the same text',
    spoil: (text, dice) => `%YAML ${dice.oneOf(['1.1', '1.0', '9.9', 'x'])}\n---\n${text}`,
  },
  'a broken text': {
    why: 'it ends within a bracket or a quote, or has what cannot stand there',
    spoil: (text, dice) =>
      `${text}\n${dice.oneOf(['x: {', 'x: [1', 'x: "y', "x: 'y", '\tx: 1', 'x: y: z', '}', '@x', 'x: `y`', '- x', '%'])}\n`,
  },
  'strange bytes': {
    why: 'no field has them',
    spoil: (text, dice) =>
      text.replace(
        /^(endpoint|name): /m,
        `$1: ${dice.oneOf(['\0', '\ud800', '\u001b[2J', '\u202e', '\ufffd', '\u0085'])}`,
      ),
  },
  'no spec at all': {
    why: 'a spec is an object with fields',
    spoil: (_, dice) =>
      dice.oneOf([
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
  'close to a megabyte': {
    why: 'none of it is a field of a spec',
    spoil: (_, dice) => dice.oneOf(Object.values(shapes))(900_000),
  },
  'ten megabytes': {
    why: 'a spec has one at most',
    spoil: (_, dice) => dice.oneOf(Object.values(shapes))(10_000_000),
  },
  'a few hundred words': {
    why: 'none of it is a field of a spec',
    spoil: (_, dice) => dice.oneOf(Object.values(shapes))(dice.oneOf([400, 4_000, 40_000, 100_000])),
  },
};
