/** Finds the length of the windows of a file. */
import type { Role } from '../../plan/compiled/names.js';
import type { Columns } from './columns.js';
import type { RowPlace } from './csv-rows.js';
import { dataError, dataPositionOf, type Problems } from './data-error.js';

/** One row of recorded data, not yet aligned with the others. */
export interface CollectedRow {
  at: RowPlace;
  startMs: number;
  role: Role;
  periodSeconds: number | null;
  share: number | null;
  stage: number | null;
  /** In the order of the columns. */
  values: (number | null)[];
}

/** The file that rows come from, with its columns and the problems found so far. */
export interface Origin {
  file: string;
  columns: Columns;
  problems: Problems;
}

/** Milliseconds, from the rows or from the smallest distance between two rows of a model. Throws DataError. */
export function findPeriod(rows: CollectedRow[], { file, problems }: Origin): number {
  const first = rows.find(({ periodSeconds }) => periodSeconds !== null);
  const seconds = first?.periodSeconds ?? closestSeconds(rows);
  if (seconds === null) {
    const message = 'Cannot determine the window length from the starts; add periodSeconds.';
    throw dataError({ file, line: null, path: 'periodSeconds' }, null, 'seconds', message);
  }
  if (!isPeriod(seconds)) {
    const message = 'The period is not a CloudWatch period.';
    const position = first
      ? dataPositionOf(file, first.at, 'periodSeconds')
      : { file, line: null, path: 'periodSeconds' };
    throw dataError(position, String(seconds), '1, 5, 10, 20, 30 or a multiple of 60', message);
  }
  for (const { at, periodSeconds } of rows) {
    if (periodSeconds === null || periodSeconds === seconds) continue;
    const allowed = `${seconds}, as in the first row`;
    const position = dataPositionOf(file, at, 'periodSeconds');
    problems.add(position, String(periodSeconds), allowed, 'All windows must have the same length.');
  }
  return seconds * 1000;
}

function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

function closestSeconds(rows: CollectedRow[]): number | null {
  const roles: Role[] = ['baseline', 'candidate'];
  let closest = Infinity;
  for (const role of roles) {
    const starts = rows.flatMap((row) => (row.role === role ? [row.startMs] : [])).sort((a, b) => a - b);
    for (const [i, start] of starts.entries()) {
      const step = start - (starts[i - 1] ?? -Infinity);
      if (step > 0) closest = Math.min(closest, step);
    }
  }
  return closest === Infinity ? null : closest / 1000;
}
