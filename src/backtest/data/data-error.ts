/** Problems of recorded data, up to the point where reading stopped. */
import { formatProblems, type Problem } from '../../plan/spec/spec-error.js';
import { truncateText } from '../../plan/units/shorten.js';

export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(readonly problems: Problem[]) {
    super(formatProblems(problems));
  }
}

/** `line` starts at 1. `path`: for example `windows[3].share`, or a CSV column. */
export interface DataPosition {
  file: string;
  line: number | null;
  path: string;
}

export function problemAt(
  position: DataPosition,
  found: string | null,
  allowed: string,
  message: string,
): Problem {
  const [shownValue, path] = [
    found === null ? null : truncateText(found, 200),
    truncateText(position.path, 200),
  ];
  return { ...position, path, column: null, found: shownValue, allowed, message: truncateText(message, 400) };
}

export function dataError(
  position: DataPosition,
  found: string | null,
  allowed: string,
  message: string,
): DataError {
  return new DataError([problemAt(position, found, allowed, message)]);
}

const maxProblems = 20;

/** Collects problems, at most 20. More would not help the reader. */
export class Problems {
  private readonly found: Problem[] = [];

  add(position: DataPosition, found: string | null, allowed: string, message: string): void {
    this.found.push(problemAt(position, found, allowed, message));
    if (this.found.length >= maxProblems) this.throwIfAny();
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw new DataError(this.found);
  }
}

/** Position of a cell, or of the whole row if `column` is empty. */
export function dataPositionOf(
  file: string,
  at: { line: number | null; path: string },
  column: string,
): DataPosition {
  return { file, line: at.line, path: [at.path, column].filter((part) => part !== '').join('.') };
}
