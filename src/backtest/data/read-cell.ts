/** Reads the cells of one row with their types. Records invalid cells as problems with their positions. */
import type { DataRow } from './csv-rows.js';
import { dataPositionOf, type Problems } from './data-error.js';

export interface Bounds {
  /** Null: any finite number. */
  from: number | null;
  to?: number;
  whole?: boolean;
}

/** Null if the cell is empty or invalid; invalid cells are recorded. `start` and `role` must not be empty. */
export interface Cells {
  time(column: string): number | null;
  oneOf<T extends string>(column: string, allowed: readonly T[]): T | null;
  number(column: string, bounds: Bounds): number | null;
  reject(column: string, found: string, allowed: string, message: string): null;
}

/** The zone is required, because a time without a zone depends on the machine. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

export function readCell(row: DataRow, file: string, problems: Problems): Cells {
  const reject = (column: string, found: string | null, allowed: string, message: string): null => {
    problems.add(dataPositionOf(file, row.at, column), found, allowed, message);
    return null;
  };
  return {
    reject,
    time(column) {
      const value = row.cell(column);
      const at = typeof value === 'string' && time.test(value) ? Date.parse(value) : NaN;
      if (!Number.isNaN(at)) return at;
      return reject(
        column,
        show(value),
        'a time with a zone, such as 2026-11-02T12:05:00Z',
        'The value is not a time with a zone.',
      );
    },
    oneOf<T extends string>(column: string, allowed: readonly T[]) {
      const value = row.cell(column);
      const known = allowed.find((name) => name === value);
      return known ?? reject(column, show(value), allowed.join(', '), `Each row needs a valid ${column}.`);
    },
    number(column, bounds) {
      const value = row.cell(column);
      if (value === undefined) return null;
      const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
      if (isWithin(number, bounds)) return number;
      return reject(
        column,
        show(value),
        textOf(bounds),
        'The value must be a number, or empty if nothing was recorded.',
      );
    },
  };
}

function isWithin(value: unknown, { from, to = Infinity, whole = false }: Bounds): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value >= (from ?? -Infinity) && value <= to && (!whole || Number.isInteger(value));
}

function textOf({ from, to, whole = false }: Bounds): string {
  const kind = whole ? 'a whole number' : 'a number';
  if (from === null) return `${kind}, finite`;
  return to === undefined ? `${kind}, ${from} or more` : `${kind} from ${from} to ${to}`;
}

function show(value: unknown): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
}
