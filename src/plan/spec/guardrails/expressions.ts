/** Metric math in a spec: what may stand in it, and which operands it names. CloudWatch computes it. Pure. */

/** Those that make sense of one value a window; none that search for metrics, or that step from value to value. */
export const mathFunctions = [
  ...['ABS', 'AVG', 'CEIL', 'DAY', 'FILL', 'FLOOR', 'HOUR', 'IF', 'LOG', 'LOG10', 'MAX', 'MIN', 'MINUTE'],
  ...['PERIOD', 'STDDEV', 'SUM', 'TIME_SERIES'],
];
const wordOperators = ['AND', 'OR'];

/** CloudWatch's, of the id of a query; short, so that a longer one is nobody's. */
export const operandIdPattern = /^[a-z][a-zA-Z0-9_]{0,29}$/;

const token =
  /\s*(?:(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?\b|([a-z]\w*)|([A-Z]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/^()[\],<>]))/y;

/** What is wrong with it, in words; empty where nothing is. CloudWatch has the last word. */
export function problemsInExpression(text: string, ids: readonly string[]): string[] {
  const { names, words, brackets, rest } = scan(text);
  if (rest !== '') return [`"${rest.slice(0, 1)}" cannot stand in an expression`];
  return [
    ...names.filter((name) => !ids.includes(name)).map((name) => `${name} is not one of its metrics`),
    ...words
      .filter((word) => !mathFunctions.includes(word) && !wordOperators.includes(word))
      .map((word) => `${word} is not a function that can stand here`),
    ...(areBalanced(brackets) ? [] : ['its brackets do not match']),
  ];
}

/** Ids that the expression names. */
export function operandsIn(text: string): string[] {
  return [...new Set(scan(text).names)];
}

/** Of `ids`, those that stand anywhere but as the first argument of FILL. */
export function unfilledIn(text: string, ids: readonly string[]): string[] {
  const unfilled = operandsIn(text.replace(/\bFILL\s*\(\s*[a-z]\w*\s*,/g, 'FILL(0,'));
  return ids.filter((id) => unfilled.includes(id));
}

interface Scan {
  names: string[];
  words: string[];
  brackets: string[];
  /** From the first character on that fits nothing. */
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
