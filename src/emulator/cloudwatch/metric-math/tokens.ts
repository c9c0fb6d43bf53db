import { MathError } from './math-error.js';

/** `id` starts with a lower-case letter, `word` with an upper-case one: functions, AND, OR, REPEAT, ... */
export type MathToken =
  | { kind: 'number'; value: number }
  | { kind: 'string' | 'id' | 'word' | 'symbol'; text: string }
  | { kind: 'end' };

const pattern =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|"([^"]*)"|'([^']*)'|([a-z]\w*)|([A-Z]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/^()[\],<>]))/y;

export function tokenizeMath(text: string): MathToken[] {
  const tokens: MathToken[] = [];
  const trimmed = text.trimEnd();
  pattern.lastIndex = 0;
  while (pattern.lastIndex < trimmed.length) {
    const position = pattern.lastIndex;
    const match = pattern.exec(trimmed);
    if (!match) throw new MathError(`Unexpected character at position ${position}`);
    tokens.push(tokenOf(match));
  }
  return [...tokens, { kind: 'end' }];
}

function tokenOf([, number, double, single, id, word, symbol]: RegExpExecArray): MathToken {
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  if (id !== undefined) return { kind: 'id', text: id };
  if (word !== undefined) return { kind: 'word', text: word };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol };
  return { kind: 'string', text: double ?? single ?? '' };
}
