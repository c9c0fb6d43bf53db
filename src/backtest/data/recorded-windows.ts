/** Recorded metrics of both models, in whole periods of one length. Gaps stay gaps. */
import type { Role } from '../../plan/compiled/role.js';

/** Milliseconds since the epoch; `toMs` is the end. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface RecordedWindows extends TimeSpan {
  periodMs: number;
  rows: number;
  /** By role and column: one number a period from `fromMs` on; NaN where there is none. */
  values: Record<Role, Map<string, Float64Array>>;
  /** As the data says: the candidate's percent, and the plan's stage; NaN where unknown. Null: no such column. */
  shares: Float64Array | null;
  stages: Float64Array | null;
  /** Between a role's first row and its last. */
  gaps: Record<Role, TimeSpan[]>;
  /** Where each role's rows begin; null: it has none. */
  begins: Record<Role, number | null>;
}
