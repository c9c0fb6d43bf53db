/** What in a report is a reason to hold. Pure. */
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';

/**
 * A sentence, or null. A goal that is not decided yet is what an experiment is for; anything else unknown, and drift, is
 * a reason to hold.
 */
export function whatIsUnknown(
  { kind, sentence, verdicts }: Pick<WatchReport, 'kind' | 'sentence' | 'verdicts'>,
  goals: Goal[],
): string | null {
  if (kind === 'drift') return sentence;
  if (kind !== 'undecided' || isOnlyEarly(verdicts)) return null;
  if (goals.length === 0) return sentence;
  const awaited = new Set(goals.map((goal) => goal.id));
  const unknown = verdicts.find(
    ({ result, guardrail }) => result !== 'pass' && result !== 'fail' && !awaited.has(guardrail),
  );
  return unknown?.sentence ?? null;
}

/** A window that is not over yet is waited for; nothing is wrong with it. */
function isOnlyEarly(verdicts: WatchReport['verdicts']): boolean {
  const unknown = verdicts.filter(({ result }) => result !== 'pass');
  return unknown.length > 0 && unknown.every(({ reason }) => reason === 'awaitingFirstWindow');
}

/**
 * What could not be judged while the bake goes on: an alarm that is gone, metrics that cannot be read. People are told at
 * once; it decides something only when the bake is over, for until then it may come back.
 */
export function whatIsBlind({ kind, verdicts }: Pick<WatchReport, 'kind' | 'verdicts'>): string | null {
  if (kind !== 'round') return null;
  return verdicts.find(({ result }) => result === 'error')?.sentence ?? null;
}

export const undecidedAtTheEnd = 'the longest time is over and the goals have not decided';

/**
 * What becomes of an experiment whose longest time is over. Only a test on good data can be a draw: where a guardrail has
 * not passed, or nobody has counted for a goal, what promotes on a draw holds.
 */
export function whenUndecided(
  { verdicts, kind, sentence: said }: WatchReport,
  { goals, onInconclusive }: Pick<Plan, 'goals' | 'onInconclusive'>,
): { kind: Plan['onInconclusive']; sentence: string } {
  const ids = new Set(goals.map((goal) => goal.id));
  const judged = verdicts.filter(({ guardrail }) => ids.has(guardrail));
  const missing = verdicts.find(
    ({ guardrail, result, reason }) => result !== 'pass' && !(ids.has(guardrail) && reason === 'undecided'),
  );
  const isDraw = missing === undefined && judged.length === goals.length && kind !== 'drift';
  const because = isDraw ? judged.map((goal) => goal.sentence).join('; ') : (missing?.sentence ?? said);
  return {
    kind: onInconclusive === 'promote' && !isDraw ? 'hold' : onInconclusive,
    sentence: `${undecidedAtTheEnd}: ${because}`,
  };
}
