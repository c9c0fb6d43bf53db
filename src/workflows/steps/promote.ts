/** Promotes: all traffic to the candidate, checked. The rollback window and the retirement of the baseline follow. */
import type { RolloutContext } from '../run/context.js';
import type { PromotionStep } from '../state/cursor.js';
import { checkBeforeChange } from '../monitoring/last-check.js';
import { deleteUnusedResources } from './cleanup.js';
import { shiftTraffic } from './shift-traffic.js';
import { checkUntilAllowed } from './wait-until-allowed.js';
import { writeBackOutcome } from './write-back.js';

export async function promoteCandidate(run: RolloutContext, step: PromotionStep): Promise<void> {
  const { state, notifications } = run;
  if (step.part === 'shifting') {
    if (state.weights?.candidate !== 100) await shiftTraffic(run, { baseline: 0, candidate: 100 });
    state.beginPart(step, 'checking');
  }
  await checkUntilAllowed(run, () => checkBeforeChange(run, 'allKnown'));
  notifications.send('promoted', `${state.models.candidate} serves all traffic, verified`);
}

/** Returns the leftovers of the result. */
export async function finishPromotion(run: RolloutContext): Promise<string[]> {
  const { state } = run;
  const { keptVariant, endpoint } = state;
  const kept = keptVariant === null ? [] : [`variant ${keptVariant} of endpoint ${endpoint}`];
  const leftovers = await deleteUnusedResources(run, 'baseline');
  const unwritten = await writeBackOutcome(run, 'promoted');
  state.end('promoted', `${state.models.candidate} serves all traffic, verified`);
  return [...kept, ...leftovers, ...unwritten];
}
