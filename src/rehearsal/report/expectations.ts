/** Checks a rehearsal against the `expect` of its scenario. */
import { formatDuration } from '../../plan/units/durations.js';
import type { ScenarioExpectation } from '../scenario/scenario.js';
import type { CheckedExpectation, Rehearsal } from './rehearsal-report.js';

export function checkExpectation(
  { outcomes, within, failedRequestsBelow }: ScenarioExpectation,
  { outcome, decision, cause, candidate }: Omit<Rehearsal, 'expectations'>,
): CheckedExpectation[] {
  const checks: CheckedExpectation[] = [];
  if (outcomes !== null)
    checks.push({
      expected: `outcome ${outcomes.join(' or ')}`,
      found: outcome,
      isMet: outcomes.includes(outcome),
    });
  if (within !== null)
    checks.push({
      expected: `decision within ${formatDuration(within)} of the ${cause === null ? 'start' : 'cause'}`,
      found: decision === null ? 'no decision' : formatDuration(decision.afterSeconds),
      isMet: decision !== null && decision.afterSeconds <= within,
    });
  if (failedRequestsBelow !== null)
    checks.push({
      expected: `fewer than ${failedRequestsBelow} failed requests`,
      found: String(candidate.failed),
      isMet: candidate.failed < failedRequestsBelow,
    });
  return checks;
}
