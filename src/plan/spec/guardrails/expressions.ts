/** Metric math in a spec: checks its syntax and finds its operands. CloudWatch computes it. Pure. */

/**
 * Functions that work on one value per window. Functions that search for metrics or need several values are not
 * allowed.
 */
export const mathFunctions = [
  ...['ABS', 'AVG', 'CEIL', 'DAY', 'FILL', 'FLOOR', 'HOUR', 'IF', 'LOG', 'LOG10', 'MAX', 'MIN', 'MINUTE'],
  ...['PERIOD', 'STDDEV', 'SUM', 'TIME_SERIES'],
];
const wordOperators = ['AND', 'OR'];

/**
 * CloudWatch's pattern for query ids. The length limit keeps them apart from the longer ids of Penstock's own
 * queries.
 */
export const operandIdPattern = /^[a-z][a-zA-Z0-9_]{0,29}$/;

const token =
  /\s*(?:(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?\b|([a-z]\w*)|([A-Z]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/^()[\],<>]))/y;

/** Problems of the expression, one message each. CloudWatch can still reject an expression without problems. */
export function problemsInExpression(text: string, ids: readonly string[]): string[] {
  const { names, words, brackets, rest } = scan(text);
  if (rest !== '') return [`"${rest.slice(0, 1)}" is not allowed in an expression`];
  return [
    ...names.filter((name) => !ids.includes(name)).map((name) => `${name} is not one of its metrics`),
    ...words
      .filter((word) => !mathFunctions.includes(word) && !wordOperators.includes(word))
      .map((word) => `${word} is not an allowed function`),
    ...(areBalanced(brackets) ? [] : ['its brackets do not match']),
  ];
}

/** Ids that the expression uses. */
export function operandsIn(text: string): string[] {
  return [...new Set(scan(text).names)];
}

/** The ids that are used anywhere except as the first argument of FILL. */
export function unfilledIn(text: string, ids: readonly string[]): string[] {
  const unfilled = operandsIn(text.replace(/\bFILL\s*\(\s*[a-z]\w*\s*,/g, 'FILL(0,'));
  return ids.filter((id) => unfilled.includes(id));
}

interface Scan {
  names: string[];
  words: string[];
  brackets: string[];
  /** The text from the first invalid character on. */
  rest: string;
}

function scan(text: string): Scan {
  const found: Scan = { names: [], words: [], brackets: [], rest: '' };
  const trimmed = text.trim();
  token.lastIndex = 0;
  for (let at = 0; at < trimmed.length; at = token.lastIndex) {
    const match = token.exec(trimmed);
    if (match === null) return { ...found, rest: trimmed.slice(at).trim() };
    const [, name, word, symbol = ''] = match;
    if (name !== undefined) found.names.push(name);
    if (word !== undefined) found.words.push(word);
    if ('()[]'.includes(symbol)) found.brackets.push(symbol);
  }
  return found;
}

function areBalanced(brackets: string[]): boolean {
  const open: string[] = [];
  for (const bracket of brackets) {
    if (bracket === '(' || bracket === '[') open.push(bracket === '(' ? ')' : ']');
    else if (bracket !== '' && open.pop() !== bracket) return false;
  }
  return open.length === 0;
}
