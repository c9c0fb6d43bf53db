/** Cells of one row as what they are to be; what they are not is a problem with its place. */
import type { DataRow } from './csv-rows.js';
import { dataPositionOf, type Problems } from './data-error.js';

export interface Bounds {
  /** Null: any finite number. */
  from: number | null;
  to?: number;
  whole?: boolean;
}

/** Null where the cell is empty, or wrong, which has been noted then. `start` and `role` must not be empty. */
export interface Cells {
  time(column: string): number | null;
  oneOf<T extends string>(column: string, allowed: readonly T[]): T | null;
  number(column: string, bounds: Bounds): number | null;
  refuse(column: string, found: string, allowed: string, message: string): null;
}

/** With its zone: a time without one would be another time on another machine. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

export function readCell(row: DataRow, file: string, problems: Problems): Cells {
  const refuse = (column: string, found: string | null, allowed: string, message: string): null => {
    problems.add(dataPositionOf(file, row.at, column), found, allowed, message);
    return null;
  };
  return {
    refuse,
    time(column) {
      const value = row.cell(column);
      const at = typeof value === 'string' && time.test(value) ? Date.parse(value) : NaN;
      if (!Number.isNaN(at)) return at;
      return refuse(
        column,
        shown(value),
        'a time with its zone, such as 2026-11-02T12:05:00Z',
        'No such time.',
      );
    },
    oneOf<T extends string>(column: string, allowed: readonly T[]) {
      const value = row.cell(column);
      const known = allowed.find((name) => name === value);
      return known ?? refuse(column, shown(value), allowed.join(', '), `Each row says its ${column}.`);
    },
    number(column, bounds) {
      const value = row.cell(column);
      if (value === undefined) return null;
      const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
      if (isWithin(number, bounds)) return number;
      return refuse(
        column,
        shown(value),
        inWords(bounds),
        'Empty where nothing was recorded, else a number.',
      );
    },
  };
}

function isWithin(value: unknown, { from, to = Infinity, whole = false }: Bounds): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value >= (from ?? -Infinity) && value <= to && (!whole || Number.isInteger(value));
}

function inWords({ from, to, whole = false }: Bounds): string {
  const kind = whole ? 'a whole number' : 'a number';
  if (from === null) return `${kind}, finite`;
  return to === undefined ? `${kind}, ${from} or more` : `${kind} from ${from} to ${to}`;
}

function shown(value: unknown): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
}
