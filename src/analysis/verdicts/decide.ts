import type { Decision, Verdict } from './verdict.js';

/** Fail beats hold beats clear. Only a list in which every guardrail passed is clear. */
export function decide(verdicts: Verdict[]): Decision {
  const failed = verdicts.find((verdict) => verdict.result === 'fail');
  if (failed !== undefined) return { kind: 'rollBack', because: failed };
  const unknown = verdicts.find((verdict) => verdict.result !== 'pass');
  if (unknown !== undefined) return { kind: 'hold', because: unknown };
  return { kind: 'clear' };
}
