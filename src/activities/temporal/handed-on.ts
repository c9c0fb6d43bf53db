import { activityInfo } from '@temporalio/activity';

/** What a look leaves to the next one: heartbeat details, which outlive a worker and other failures in between. */
export interface PollDetails {
  /** When the next look is due at the earliest, in milliseconds since the epoch. */
  notBeforeMs: number;
  delayMs: number;
  state: object | null;
  /** The look's message says only what the verdicts in its state say. */
  repeatsState: boolean;
}

/** Null on the first look, and where the last one did not get as far as to say anything. */
export function readPollDetails(): PollDetails | null {
  const details: unknown = activityInfo().heartbeatDetails;
  const isOurs = typeof details === 'object' && details !== null && 'notBeforeMs' in details;
  return isOurs ? (details as PollDetails) : null;
}
