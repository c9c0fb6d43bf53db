import { endsRollout, countsAsPass } from '../../plan/compiled/on-fail.js';
import type { Decision, ReasonCode, Verdict } from './verdict.js';

/** All observations of one poll. */
export interface PollFacts {
  /** As in WatchRequest. */
  mode: 'bake' | 'guard' | 'final';
  verdicts: Verdict[];
  /** Message about an external change. Null: no drift. */
  drift: string | null;
  /** Why the poll could not read the endpoint. Null: it could. */
  unseen: string | null;
  /** The bake's duration has passed. */
  bakeOver: boolean;
  /** Every planned window of every bound guardrail is judged. */
  windowsDone: boolean;
  /** The bake is over, and the data of the last window should have arrived. */
  overdue: boolean;
  /** Kind of the last report. Null: another kind. */
  reported: 'undecided' | 'drift' | null;
  /** The drift of the last report. Null: none. */
  reportedDrift: string | null;
  roundOver: boolean;
  /** Message of a guardrail that is only reported and whose failure operators do not know. Null: none. */
  newlyReported: string | null;
}

export interface Conclusion {
  kind: 'clear' | 'fail' | 'undecided' | 'round' | 'drift';
  message: string;
}

/**
 * Returns the report, or null to poll again. The same report is not repeated before the round ends. The end of drift,
 * and a different drift, are new reports, because the workflow may have to react.
 */
export function decidePoll(poll: PollFacts): Conclusion | null {
  const conclusion = conclude(poll);
  if (conclusion === null && poll.reported === 'drift' && poll.unseen === null) {
    return { kind: 'round', message: 'the endpoint is in the state that the rollout set' };
  }
  const isRepeated =
    conclusion !== null &&
    conclusion.kind === poll.reported &&
    (conclusion.kind !== 'drift' || poll.drift === poll.reportedDrift);
  if (conclusion !== null && (!isRepeated || poll.roundOver)) return conclusion;
  return poll.newlyReported === null ? null : { kind: 'round', message: poll.newlyReported };
}

/** Fail outranks hold, hold outranks clear. The decision is clear if no guardrail is unknown or rolls back. */
export function decide(verdicts: Verdict[]): Decision {
  const failed = verdicts.find(endsRollout);
  if (failed !== undefined) return { kind: 'rollBack', because: failed };
  const unknown = verdicts.find((verdict) => !countsAsPass(verdict));
  if (unknown !== undefined) return { kind: 'hold', because: unknown };
  return { kind: 'clear' };
}

/** A failed guardrail outranks drift, because a rollback fixes both. */
function conclude(poll: PollFacts): Conclusion | null {
  const decision = decide(poll.verdicts);
  if (decision.kind === 'rollBack') return { kind: 'fail', message: decision.because.message };
  if (poll.drift !== null) return { kind: 'drift', message: poll.drift };
  switch (poll.mode) {
    case 'final':
      return concludeFinal(poll);
    case 'bake':
      return concludeBake(poll);
    case 'guard':
      return poll.roundOver ? endRound(poll, true) : null;
  }
}

function concludeBake(poll: PollFacts): Conclusion | null {
  const isUnknown = unknownReason(poll.verdicts, poll.unseen);
  if (poll.bakeOver && poll.windowsDone && isUnknown === null) {
    return { kind: 'clear', message: joinMessages(poll.verdicts) };
  }
  if (poll.overdue) return { kind: 'undecided', message: isUnknown ?? 'some windows are not evaluated yet' };
  return poll.roundOver ? endRound(poll, false) : null;
}

/**
 * Early promotion by an operator: windows that cannot be judged yet, or that have no data, are skipped. Other unknowns
 * block it.
 */
function concludeFinal(poll: PollFacts): Conclusion {
  const skipped: ReasonCode[] = ['awaitingFirstWindow', 'tooFewRequests', 'noData'];
  const judged = poll.verdicts.filter((verdict) => !skipped.includes(verdict.reason));
  const isUnknown = unknownReason(judged, poll.unseen);
  if (isUnknown !== null) return { kind: 'undecided', message: isUnknown };
  const isNothingJudged = judged.length === 0 && poll.verdicts.length > 0;
  return {
    kind: 'clear',
    message: isNothingJudged ? 'no guardrail has a verdict yet' : joinMessages(judged),
  };
}

function endRound(poll: PollFacts, bakeOver: boolean): Conclusion {
  const isUnknown = unknownReason(poll.verdicts, poll.unseen);
  if (bakeOver && isUnknown !== null) return { kind: 'undecided', message: isUnknown };
  return { kind: 'round', message: joinMessages(poll.verdicts) };
}

function unknownReason(verdicts: Verdict[], unseen: string | null): string | null {
  const decision = decide(verdicts);
  if (decision.kind !== 'clear') return decision.because.message;
  return unseen === null ? null : `the endpoint cannot be read (${unseen})`;
}

export function joinMessages(verdicts: Verdict[]): string {
  return verdicts.length === 0 ? 'no guardrails' : verdicts.map((verdict) => verdict.message).join('; ');
}
