/** What is wrong with a spec, all of it at once. */

export interface Problem {
  /** Null where the spec came as JSON without a file. */
  file: string | null;
  /** From 1. */
  line: number | null;
  column: number | null;
  /** For example `strategy.canary.steps[2]`; empty for the whole spec. */
  path: string;
  /** Null where a field is missing. */
  found: string | null;
  allowed: string;
  /** One sentence. */
  message: string;
}

/** There is nothing to learn from more. */
export const maxProblems = 100;

export class SpecError extends Error {
  override readonly name = 'SpecError';

  /** In the order of the file; the first hundred. */
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

/** One block a problem: where, what, what was found, what is allowed. */
export function formatProblems(problems: Problem[]): string {
  return problems.map(formatProblem).join('\n\n');
}

function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(':');
  const where = [place, problem.path].filter((part) => part !== '').join(' ');
  const message = escapeUnprintable(problem.message);
  return [
    where === '' ? message : `${escapeUnprintable(where)}\n  ${message}`,
    `  found:   ${escapeUnprintable(problem.found ?? 'nothing')}`,
    `  allowed: ${problem.allowed}`,
  ].join('\n');
}

/** Messages quote what somebody wrote: no part of it may give orders to a terminal, or turn the order of letters. */
function escapeUnprintable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (letter) => `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/** `['steps', 2, 'bake']` -> `steps[2].bake`; names that could be taken for something else are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = String(key);
      return /^[\w.:{}/<-]+$/.test(name) ? `${i === 0 ? '' : '.'}${name}` : `[${JSON.stringify(name)}]`;
    })
    .join('');
}
