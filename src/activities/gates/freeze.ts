import type { CalendarRule } from '../../plan/compiled/gate.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import { nowMs } from '../temporal/polling.js';
import { evaluateAt } from './calendar.js';

/**
 * Call right before a change is requested. The workflow has evaluated the rules before it scheduled the change, but an
 * attempt can wait for a worker for hours. That attempt's time by Temporal's clock is then in the past, so the worker's
 * clock counts too. Fails: Frozen.
 */
export function requireNoFreeze(freeze: CalendarRule[] | undefined): void {
  if (freeze === undefined || freeze.length === 0) return;
  const { holds, message } = evaluateAt(freeze, Math.max(nowMs(), Date.now()));
  if (holds) throw nonRetryableFailure('Frozen', `frozen: ${message}; nothing was changed`);
}
