/** The problems of a spec, reported together. */

export interface Problem {
  /** Null if the spec is JSON without a file. */
  file: string | null;
  /** Starts at 1. */
  line: number | null;
  column: number | null;
  /** For example `strategy.canary.steps[2]`. Empty for the whole spec. */
  path: string;
  /** Null if the field is missing. */
  found: string | null;
  allowed: string;
  /** One sentence. */
  message: string;
}

/** More problems would not help the reader. */
export const maxProblems = 100;

export class SpecError extends Error {
  override readonly name = 'SpecError';

  /** In the order of the file, at most 100. */
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    const inOrder = [...problems].sort(byPlace).slice(0, maxProblems);
    super(formatProblems(inOrder));
    this.problems = inOrder;
  }
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** One block for each problem: position, message, value found, values allowed. */
export function formatProblems(problems: Problem[]): string {
  return problems.map(formatProblem).join('\n\n');
}

function formatProblem(problem: Problem): string {
  const position = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const location = [position, problem.path].filter((part) => part !== '').join(' ');
  const message = escapeUnprintable(problem.message);
  return [
    location === '' ? message : `${escapeUnprintable(location)}\n  ${message}`,
    `  found:   ${escapeUnprintable(problem.found ?? 'nothing')}`,
    `  allowed: ${problem.allowed}`,
  ].join('\n');
}

/** Messages quote user input. Control characters and direction marks in it must not reach the terminal. */
function escapeUnprintable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** `['steps', 2, 'bake']` -> `steps[2].bake`. Ambiguous names are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      return /^[\w.:{}/<-]+$/.test(name) ? `${i === 0 ? '' : '.'}${name}` : `[${JSON.stringify(name)}]`;
    })
    .join('');
}
