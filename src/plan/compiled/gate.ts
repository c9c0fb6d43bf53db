/** What must be so before a rollout goes on: somebody says so, or the calendar does. */
import type { ReceiverAddress } from './notifications.js';

/** Something that must be so before the rollout goes on. `id` is unique within the plan, for people. */
export type Gate = { id: string; withinSeconds: number | null } & (
  | { kind: 'manual' }
  /** So many different people; the one who started the rollout is not among them unless allowed. `verified`: who signed. */
  | { kind: 'approval'; people: number; allowStarter: boolean; verified: boolean }
  | { kind: 'webhook'; address: ReceiverAddress; secretEnv: string | null; everySeconds: number }
  /** Open while any of the rules holds. */
  | { kind: 'hours'; open: CalendarRule[] }
);

/** A time that comes again, in the wall time of `zone` (IANA name). */
export type CalendarRule = { zone: string } &
  /** `days`: 1 Monday to 7 Sunday, on which the span begins. `from`, `to`: HH:MM; `to` at or before `from` is on the next day. */
  (
    | { kind: 'weekly'; days: number[]; from: string; to: string }
    /** Begins whenever the five-field cron expression says. */
    | { kind: 'cron'; expression: string; seconds: number }
    /** Once: `from`, `to` as local wall time, YYYY-MM-DDTHH:MM. */
    | { kind: 'once'; from: string; to: string }
  );
