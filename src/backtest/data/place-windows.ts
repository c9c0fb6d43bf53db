/** Aligns rows in any order on a time grid. */
import type { Role } from '../../plan/compiled/names.js';
import { type CollectedRow, type Origin, findPeriod } from './find-period.js';
import type { RowPlace } from './csv-rows.js';
import { dataError, dataPositionOf } from './data-error.js';
import type { RecordedWindows, TimeSpan } from './recorded-windows.js';

/** About four years of minutes. */
const maxPeriods = 2_200_000;

/** Throws DataError for no rows, an unknown period, and rows that are off the grid, duplicate or contradictory. */
export function placeWindows(rows: CollectedRow[], origin: Origin): RecordedWindows {
  const { file, problems } = origin;
  if (rows.length === 0) {
    const message = 'The file has no rows.';
    throw dataError({ file, line: null, path: '' }, 'no rows', 'a row for each window and model', message);
  }
  const periodMs = findPeriod(rows, origin);
  problems.throwIfAny();
  const span = spanOf(rows, periodMs, file);
  const grid = new Grid(span, periodMs, origin);
  for (const row of rows) grid.place(row);
  problems.throwIfAny();
  return grid.windows(rows.length);
}

function spanOf(rows: CollectedRow[], periodMs: number, file: string): TimeSpan {
  let [fromMs, lastMs] = [Infinity, -Infinity];
  for (const { startMs } of rows) {
    fromMs = Math.min(fromMs, startMs);
    lastMs = Math.max(lastMs, startMs);
  }
  const periods = (lastMs - fromMs) / periodMs + 1;
  if (periods <= maxPeriods) return { fromMs, toMs: lastMs + periodMs };
  const found = `${Math.round(periods)} windows of ${periodMs / 1000} s from first to last`;
  const message = 'The rows are too far apart.';
  throw dataError({ file, line: null, path: 'start' }, found, `at most ${maxPeriods}`, message);
}

class Grid {
  private readonly periods: number;
  private readonly shares: Float64Array;
  private readonly stages: Float64Array;
  private readonly values: RecordedWindows['values'];
  private readonly taken: Record<Role, (RowPlace | undefined)[]>;

  constructor(
    private readonly span: TimeSpan,
    private readonly periodMs: number,
    private readonly origin: Origin,
  ) {
    this.periods = Math.ceil((span.toMs - span.fromMs) / periodMs);
    this.shares = this.empty();
    this.stages = this.empty();
    const names = [...origin.columns.byName.keys()];
    const columns = () => new Map(names.map((name) => [name, this.empty()]));
    this.values = { baseline: columns(), candidate: columns() };
    this.taken = { baseline: [], candidate: [] };
  }

  place(row: CollectedRow): void {
    const { startMs, role } = row;
    const slot = (startMs - this.span.fromMs) / this.periodMs;
    if (startMs % this.periodMs !== 0) return this.rejectOffGrid(row);
    const first = this.taken[role][slot];
    if (first !== undefined) {
      const firstPlace = first.line === null ? first.path : `line ${first.line}`;
      const found = `a second row of the ${role} for ${toText(startMs)}`;
      return this.reject(
        row,
        'start',
        found,
        `one row for each window and model; the first is at ${firstPlace}`,
        'The row is a duplicate.',
      );
    }
    this.taken[role][slot] = row.at;
    this.setShared(row, slot, 'share', this.shares);
    this.setShared(row, slot, 'stage', this.stages);
    let i = 0;
    for (const column of this.values[role].values()) column[slot] = row.values[i++] ?? NaN;
  }

  windows(rows: number): RecordedWindows {
    const each = <T>(of: (taken: (RowPlace | undefined)[]) => T) => {
      return { baseline: of(this.taken.baseline), candidate: of(this.taken.candidate) };
    };
    return {
      ...this.span,
      periodMs: this.periodMs,
      rows,
      values: this.values,
      shares: isAnyKnown(this.shares) ? this.shares : null,
      stages: isAnyKnown(this.stages) ? this.stages : null,
      gaps: each((taken) => this.gapsIn(taken)),
      begins: each((taken) => this.beginOf(taken)),
    };
  }

  /** One row of a window, or both, can have the value. Both must setShared. */
  private setShared(row: CollectedRow, slot: number, column: 'share' | 'stage', all: Float64Array): void {
    const value = row[column];
    if (value === null) return;
    const known = all[slot] ?? NaN;
    if (!Number.isNaN(known) && known !== value) {
      const allowed = `${known}, as in the other model's row`;
      this.reject(row, column, String(value), allowed, `Both rows of a window must have the same ${column}.`);
    }
    all[slot] = value;
  }

  private rejectOffGrid(row: CollectedRow): void {
    const near = Math.floor(row.startMs / this.periodMs) * this.periodMs;
    const allowed = `${toText(near)} or ${toText(near + this.periodMs)}`;
    const message = `Windows of ${this.periodMs / 1000} s must begin at multiples of ${this.periodMs / 1000} s.`;
    this.reject(row, 'start', toText(row.startMs), allowed, message);
  }

  private reject(row: CollectedRow, column: string, found: string, allowed: string, message: string): void {
    this.origin.problems.add(dataPositionOf(this.origin.file, row.at, column), found, allowed, message);
  }

  private gapsIn(taken: (RowPlace | undefined)[]): TimeSpan[] {
    const gaps: TimeSpan[] = [];
    let last = -1;
    for (let slot = 0; slot < taken.length; slot += 1) {
      if (taken[slot] === undefined) continue;
      if (last >= 0 && slot > last + 1) gaps.push({ fromMs: this.msOf(last + 1), toMs: this.msOf(slot) });
      last = slot;
    }
    return gaps;
  }

  private beginOf(taken: (RowPlace | undefined)[]): number | null {
    const slot = taken.findIndex((row) => row !== undefined);
    return slot === -1 ? null : this.msOf(slot);
  }

  private msOf(slot: number): number {
    return this.span.fromMs + slot * this.periodMs;
  }

  private empty(): Float64Array {
    return new Float64Array(this.periods).fill(NaN);
  }
}

function isAnyKnown(values: Float64Array): boolean {
  return values.some((value) => !Number.isNaN(value));
}

function toText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
