import { decide } from './decide.js';
import type { ReasonCode, Verdict } from './verdict.js';

/** All that one look at the traffic has found. */
export interface Look {
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
  sentence: string;
}

/**
 * What to report, or null: look again. What has been reported already is not said again before the round ends; the end
 * of drift is news, and so is another drift: what was under way may have come to something.
 */
export function concludeLook(look: Look): Conclusion | null {
  const conclusion = conclude(look);
  if (conclusion === null && look.reported === 'drift' && look.endpointSeen) {
    return { kind: 'round', sentence: 'the endpoint is again as the rollout left it' };
  }
  const isRepeated =
    conclusion !== null &&
    conclusion.kind === look.reported &&
    (conclusion.kind !== 'drift' || look.drift === look.reportedDrift);
  return isRepeated && !look.roundOver ? null : conclusion;
}

/** A failed guardrail outranks drift, for rolling back mends both. */
function conclude(look: Look): Conclusion | null {
  const decision = decide(look.verdicts);
  if (decision.kind === 'rollBack') return { kind: 'fail', sentence: decision.because.sentence };
  if (look.drift !== null) return { kind: 'drift', sentence: look.drift };
  switch (look.mode) {
    case 'final':
      return concludeFinal(look);
    case 'bake':
      return concludeBake(look);
    case 'guard':
      return look.roundOver ? endRound(look, true) : null;
  }
}

function concludeBake(look: Look): Conclusion | null {
  const isUnknown = whatIsUnknown(look.verdicts, look.endpointSeen);
  if (look.bakeOver && look.windowsDone && isUnknown === null) {
    return { kind: 'clear', sentence: sayAll(look.verdicts) };
  }
  if (look.overdue) return { kind: 'undecided', sentence: isUnknown ?? 'windows are still to be judged' };
  return look.roundOver ? endRound(look, false) : null;
}

/** An operator's early promotion: windows that cannot be judged yet are skipped, anything else unknown is not. */
function concludeFinal(look: Look): Conclusion {
  const skipped: ReasonCode[] = ['awaitingFirstWindow', 'tooFewRequests'];
  const judged = look.verdicts.filter((verdict) => !skipped.includes(verdict.reason));
  const isUnknown = whatIsUnknown(judged, look.endpointSeen);
  if (isUnknown !== null) return { kind: 'undecided', sentence: isUnknown };
  return { kind: 'clear', sentence: sayAll(judged) };
}

function endRound(look: Look, bakeOver: boolean): Conclusion {
  const isUnknown = whatIsUnknown(look.verdicts, look.endpointSeen);
  if (bakeOver && isUnknown !== null) return { kind: 'undecided', sentence: isUnknown };
  return { kind: 'round', sentence: sayAll(look.verdicts) };
}

function whatIsUnknown(verdicts: Verdict[], endpointSeen: boolean): string | null {
  const decision = decide(verdicts);
  if (decision.kind !== 'clear') return decision.because.sentence;
  return endpointSeen ? null : 'the endpoint cannot be read';
}

export function sayAll(verdicts: Verdict[]): string {
  return verdicts.length === 0 ? 'no guardrails' : verdicts.map((verdict) => verdict.sentence).join('; ');
}
