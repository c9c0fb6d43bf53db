/** Gates: conditions that a rollout waits for. */
import type { ReceiverAddress } from './notifications.js';

/** A condition that must be met before the rollout continues. `id` is unique within the plan and shown to people. */
export type Gate = { id: string; withinSeconds: number | null } & (
  | { kind: 'manual' }
  /**
   * `people` different actors approve. `allowStarter`: the starter counts too. `verified`: only signed approvals
   * count.
   */
  | { kind: 'approval'; people: number; allowStarter: boolean; verified: boolean }
  | { kind: 'webhook'; address: ReceiverAddress; secretEnv: string | null; everySeconds: number }
  /** The gate is open while at least one rule matches. */
  | { kind: 'hours'; open: CalendarRule[] }
);

/** A recurring or single time span, in the wall time of `zone` (IANA name). */
export type CalendarRule = { zone: string } &
  /**
   * `days`: 1 Monday to 7 Sunday, on which the span begins. `from`, `to`: HH:MM; `to` at or before `from` is on the
   * next day.
   */
  (
    | { kind: 'weekly'; days: number[]; from: string; to: string }
    /** Begins at the times of the five-field cron expression. */
    | { kind: 'cron'; expression: string; seconds: number }
    /** Once: `from`, `to` as local wall time, YYYY-MM-DDTHH:MM. */
    | { kind: 'once'; from: string; to: string }
  );
