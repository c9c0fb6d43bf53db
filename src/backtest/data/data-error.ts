/** What is wrong with recorded data, as far as it was read. */
import { formatProblems, type Problem } from '../../plan/spec/spec-error.js';
import { truncateText } from '../../plan/units/shorten.js';

export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(readonly problems: Problem[]) {
    super(formatProblems(problems));
  }
}

/** `line` from 1; `path` for example `windows[3].share`, or a CSV column. */
export interface DataPosition {
  file: string;
  line: number | null;
  path: string;
}

export function problemAt(
  place: DataPosition,
  found: string | null,
  allowed: string,
  message: string,
): Problem {
  const [what, path] = [found === null ? null : truncateText(found, 200), truncateText(place.path, 200)];
  return { ...place, path, column: null, found: what, allowed, message: truncateText(message, 400) };
}

export function dataError(
  place: DataPosition,
  found: string | null,
  allowed: string,
  message: string,
): DataError {
  return new DataError([problemAt(place, found, allowed, message)]);
}

const enoughToKnow = 20;

/** Collects what is wrong; beyond the first twenty there is nothing more to learn from. */
export class Problems {
  private readonly found: Problem[] = [];

  add(place: DataPosition, found: string | null, allowed: string, message: string): void {
    this.found.push(problemAt(place, found, allowed, message));
    if (this.found.length >= enoughToKnow) this.throwIfAny();
  }

  throwIfAny(): void {
    if (this.found.length > 0) throw new DataError(this.found);
  }
}

/** Of a cell, or with an empty column of the whole row. */
export function dataPositionOf(
  file: string,
  at: { line: number | null; path: string },
  column: string,
): DataPosition {
  return { file, line: at.line, path: [at.path, column].filter((part) => part !== '').join('.') };
}
