/** Recorded metrics of both models, in periods of equal length. Gaps are kept. */
import { formatDuration } from '../../plan/units/durations.js';
import type { Role } from '../../plan/compiled/names.js';

const maxListed = 5;

/** Milliseconds since the epoch; `toMs` is the end. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface RecordedWindows extends TimeSpan {
  periodMs: number;
  rows: number;
  /** By role and column: one number per period from `fromMs` on. NaN: no value. */
  values: Record<Role, Map<string, Float64Array>>;
  /** Recorded shares (percent) and stages of the plan. NaN: unknown. Null: the data has no such column. */
  shares: Float64Array | null;
  stages: Float64Array | null;
  /** Gaps between the first and the last row of a role. */
  gaps: Record<Role, TimeSpan[]>;
  /** Start of the first row of each role. Null: no rows. */
  begins: Record<Role, number | null>;
}

/** One message for each missing window between two others, and one for each model without any window. */
export function describeGaps({ gaps, begins, periodMs }: RecordedWindows): string[] {
  const roles: Role[] = ['baseline', 'candidate'];
  return roles.flatMap((role) => {
    if (begins[role] === null) return [`no window of the ${role}`];
    const listed = gaps[role].slice(0, maxListed).map(({ fromMs, toMs }) => {
      const length = formatDuration((toMs - fromMs) / 1000);
      return `no window of the ${role} for ${length} from ${formatTime(new Date(fromMs).toISOString())}`;
    });
    const more = gaps[role].slice(maxListed);
    const windows = more.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / periodMs, 0);
    return more.length === 0 ? listed : [...listed, `${windows} more windows of the ${role} are missing`];
  });
}

/** `2026-11-02 13:05` in UTC, with seconds unless they are 0. */
export function formatTime(iso: string): string {
  const text = new Date(iso).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, text.slice(17, 19) === '00' ? 16 : 19)}`;
}
