import type { CalendarRule } from '../../plan/compiled/gate.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import { nowMs } from '../temporal/polling.js';
import { evaluateAt } from './calendar.js';

/**
 * Call right before a change is requested. The workflow has evaluated the rules before it scheduled the change, but AWS can
 * throttle for hours. The time is that of this attempt by Temporal's clock: an attempt that waits for a worker is judged by
 * the time at which it was due, and the workflow lets Temporal give out none later than the begin of the next freeze
 * (workflows/run/freeze.ts). Fails: Frozen.
 */
export function requireNoFreeze(freeze: CalendarRule[] | undefined): void {
  if (freeze === undefined || freeze.length === 0) return;
  const { holds, message } = evaluateAt(freeze, nowMs());
  if (holds) throw nonRetryableFailure('Frozen', `frozen: ${message}; nothing was changed`);
}
