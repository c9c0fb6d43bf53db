/** A bound that fails if several of the latest windows are out of it: `failures: 2 of 3`. */
import type { BoundRule } from '../../plan/compiled/guardrail.js';
import { describeBoundComparison, describeWindowSpan, isWithin } from './bound-text.js';
import type { BoundFinding, BoundJudgement, BoundMemory } from './bound-judgement.js';

/** The latest span decides if fewer failed: within the bound it passes, out of it nothing is known yet. */
export function countOutOfBound(
  { guardrail, span, windowsPlanned }: BoundJudgement,
  rule: BoundRule & { kind: 'windows' },
  { value, before }: { value: number; before: BoundMemory | null },
): BoundFinding {
  const holds = isWithin(guardrail, value);
  const earlier = before?.kind === 'windows' ? before.outOfBound : [];
  const outOfBound = [...earlier, !holds].slice(-rule.of);
  const failures = outOfBound.filter(Boolean).length;
  const memory: BoundMemory = { kind: 'windows', outOfBound };
  const text = `${describeBoundComparison(guardrail, value, holds)}, ${describeWindowSpan(span, windowsPlanned)}`;
  const counted = rule.of === 1 ? '' : `, ${failures} of the last ${describeWindows(outOfBound.length)}`;
  if (failures >= rule.failures)
    return { result: 'fail', reason: 'outOfBound', message: `${text}${counted}`, value, memory };
  if (holds) return { result: 'pass', reason: 'withinBound', message: text, value, memory };
  const message = `${text}${counted}; ${rule.failures} of ${rule.of} fail`;
  return { result: 'inconclusive', reason: 'notConfirmed', message, value, memory };
}

function describeWindows(count: number): string {
  return count === 1 ? 'window' : `${count} windows`;
}
