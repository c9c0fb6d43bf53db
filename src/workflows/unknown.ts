/** What in a report is a reason to hold. Pure. */
import type { WatchReport } from '../activities/interface.js';
import type { Goal } from '../plan/plan.js';

/**
 * A sentence, or null. A goal that is not decided yet is what an experiment is for; anything else unknown, and drift, is
 * a reason to hold.
 */
export function whatIsUnknown(
  { kind, sentence, verdicts }: Pick<WatchReport, 'kind' | 'sentence' | 'verdicts'>,
  goals: Goal[],
): string | null {
  if (kind === 'drift') return sentence;
  if (kind !== 'undecided') return null;
  if (goals.length === 0) return sentence;
  const awaited = new Set(goals.map((goal) => goal.id));
  const unknown = verdicts.find(
    ({ result, guardrail }) => result !== 'pass' && result !== 'fail' && !awaited.has(guardrail),
  );
  return unknown?.sentence ?? null;
}
