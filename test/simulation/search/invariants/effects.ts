/** Each effect happens once, and none after the end. */
import { findDoubles } from '../../../../bench/soak/invariants.js';
import { describeCall } from '../../../../bench/soak/journal.js';
import { isEffect } from '../../../faults/kills/effects.js';
import type { Invariant } from './violation.js';

export const everyEffectOnce: Invariant = ({ calls, foreign, startMs }) =>
  findDoubles(calls, (call) => foreign.has(call)).map((message) => ({ atMs: startMs, message }));

export const nothingAfterTheEnd: Invariant = ({ calls, foreign, endedMs }) =>
  calls
    .filter((call) => isEffect(call) && !foreign.has(call) && endedMs !== null && call.at > endedMs)
    .map((call) => ({ atMs: call.at, message: `changed after its end: ${describeCall(call)}` }));
