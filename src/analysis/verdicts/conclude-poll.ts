import type { Decision, ReasonCode, Verdict } from './verdict.js';

/** All that one look at the traffic has found. */
export interface PollFacts {
  /** As in WatchRequest. */
  mode: 'bake' | 'guard' | 'final';
  verdicts: Verdict[];
  /** What someone else changed, in words. */
  drift: string | null;
  /** The endpoint could be read in this look. */
  endpointSeen: boolean;
  /** The bake's seconds have passed. */
  bakeOver: boolean;
  /** Every planned window of every bound is judged. */
  windowsDone: boolean;
  /** The bake is over and the last window's data should have arrived. */
  overdue: boolean;
  /** What the last report said; null: neither. */
  reported: 'undecided' | 'drift' | null;
  /** The drift that it said; null: none. */
  reportedDrift: string | null;
  roundOver: boolean;
}

export interface Conclusion {
  kind: 'clear' | 'fail' | 'undecided' | 'round' | 'drift';
  message: string;
}

/**
 * What to report, or null: look again. What has been reported already is not said again before the round ends; the end
 * of drift is news, and so is another drift: what was under way may have come to something.
 */
export function decidePoll(look: PollFacts): Conclusion | null {
  const conclusion = conclude(look);
  if (conclusion === null && look.reported === 'drift' && look.endpointSeen) {
    return { kind: 'round', message: 'the endpoint is again as the rollout left it' };
  }
  const isRepeated =
    conclusion !== null &&
    conclusion.kind === look.reported &&
    (conclusion.kind !== 'drift' || look.drift === look.reportedDrift);
  return isRepeated && !look.roundOver ? null : conclusion;
}

/** Fail outranks hold, hold outranks clear. The decision is clear only if every guardrail passed. */
export function decide(verdicts: Verdict[]): Decision {
  const failed = verdicts.find((verdict) => verdict.result === 'fail');
  if (failed !== undefined) return { kind: 'rollBack', because: failed };
  const unknown = verdicts.find((verdict) => verdict.result !== 'pass');
  if (unknown !== undefined) return { kind: 'hold', because: unknown };
  return { kind: 'clear' };
}

/** A failed guardrail outranks drift, for rolling back mends both. */
function conclude(look: PollFacts): Conclusion | null {
  const decision = decide(look.verdicts);
  if (decision.kind === 'rollBack') return { kind: 'fail', message: decision.because.message };
  if (look.drift !== null) return { kind: 'drift', message: look.drift };
  switch (look.mode) {
    case 'final':
      return concludeFinal(look);
    case 'bake':
      return concludeBake(look);
    case 'guard':
      return look.roundOver ? endRound(look, true) : null;
  }
}

function concludeBake(look: PollFacts): Conclusion | null {
  const isUnknown = unknownReason(look.verdicts, look.endpointSeen);
  if (look.bakeOver && look.windowsDone && isUnknown === null) {
    return { kind: 'clear', message: joinMessages(look.verdicts) };
  }
  if (look.overdue) return { kind: 'undecided', message: isUnknown ?? 'windows are still to be judged' };
  return look.roundOver ? endRound(look, false) : null;
}

/** An operator's early promotion: windows that cannot be judged yet are skipped, anything else unknown is not. */
function concludeFinal(look: PollFacts): Conclusion {
  const skipped: ReasonCode[] = ['awaitingFirstWindow', 'tooFewRequests'];
  const judged = look.verdicts.filter((verdict) => !skipped.includes(verdict.reason));
  const isUnknown = unknownReason(judged, look.endpointSeen);
  if (isUnknown !== null) return { kind: 'undecided', message: isUnknown };
  return { kind: 'clear', message: joinMessages(judged) };
}

function endRound(look: PollFacts, bakeOver: boolean): Conclusion {
  const isUnknown = unknownReason(look.verdicts, look.endpointSeen);
  if (bakeOver && isUnknown !== null) return { kind: 'undecided', message: isUnknown };
  return { kind: 'round', message: joinMessages(look.verdicts) };
}

function unknownReason(verdicts: Verdict[], endpointSeen: boolean): string | null {
  const decision = decide(verdicts);
  if (decision.kind !== 'clear') return decision.because.message;
  return endpointSeen ? null : 'the endpoint cannot be read';
}

export function joinMessages(verdicts: Verdict[]): string {
  return verdicts.length === 0 ? 'no guardrails' : verdicts.map((verdict) => verdict.message).join('; ');
}
