/** Moves traffic between the arms: scale-out before a higher weight, scale-in after a lower one. */
import type { EndpointObservation } from '../../activities/interface/endpoint.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { change } from '../monitoring/change.js';
import { ContinueAsNewNeeded } from '../run/continue-as-new.js';
import { checkUntilAllowed, waitUntilAllowed } from './wait-until-allowed.js';
import { checkAlarmsAndDrift } from './bake.js';
import { instanceCountsAt, observedCounts } from '../deployment/capacity.js';
import { setTrafficSplit, publishSplit } from '../traffic/published-split.js';
import type { RolloutContext } from '../run/context.js';
import { failureOf } from '../temporal/stop.js';

const roles: Role[] = ['baseline', 'candidate'];
const retrySeconds = 60;

/**
 * Waits until the rollout may advance, then changes the weights and reads them back. Before the first user traffic
 * for the candidate, no alarm may be firing.
 */
export async function shiftTraffic(run: RolloutContext, weights: Weights): Promise<void> {
  const { state, forward, notifications } = run;
  for (;;) {
    await waitUntilAllowed(run);
    if (!state.trafficMoved && state.weights !== null) await checkUntilAllowed(run, 'noAlarmFiring');
    const previous = state.weights;
    try {
      await setStepWeights(run, weights);
      return state.release();
    } catch (error) {
      // The next run expects the weights that are in effect, and makes this change again.
      if (error instanceof ContinueAsNewNeeded && previous) state.setDesiredWeights(previous);
      // An external change is not overwritten: hold until it is reverted, or until an abort.
      const cause = failureOf(error);
      if (cause?.type !== 'Drift' || !previous) throw error;
      state.setDesiredWeights(previous);
      publishSplit(state, state.traffic, previous.candidate);
      const hold = { reason: 'drift', message: cause.message } as const;
      if (state.startHold(hold, null)) notifications.send('hold', cause.message);
      const began = Date.now();
      await checkAlarmsAndDrift(run, 'noAlarmFiring');
      // If the check saw the drift, it has waited for its end. If only the change failed, retry after a pause.
      if (Date.now() - began >= retrySeconds * 1000) continue;
      state.startHold(hold, null);
      await forward.sleepUntilRetry(retrySeconds * 1000);
    }
  }
}

async function setStepWeights(run: RolloutContext, weights: Weights): Promise<void> {
  const { state } = run;
  const { limits } = state.plan;
  state.enterPhase('shifting', `candidate to ${weights.candidate} % of the traffic`);
  state.setWaitingFor('the weights to be read back', Date.now() + limits.shiftSeconds * 1000);
  await scaleOut(run, weights.candidate, limits.shiftSeconds);
  await waitUntilAllowed(run);
  const from = state.weights ?? undefined;
  state.setDesiredWeights(weights);
  const summary = `candidate to ${weights.candidate} %`;
  await change(run, () => setTrafficSplit(run, weights, limits.shiftSeconds, summary, from));
  await scaleIn(run, weights.candidate);
}

/** Scales out the arms that have fewer instances than the share needs. Never scales in. */
export async function scaleOut(run: RolloutContext, share: number, within: number): Promise<void> {
  const { state } = run;
  const needed = instanceCountsAt(state.deploymentInputs, share);
  const observed = observedCounts(state.observation, state.variants);
  const counts = each((role) => {
    const current = observed[role];
    return current !== null && current < needed[role] ? { atLeast: needed[role] } : null;
  });
  if (roles.every((role) => counts[role] === null)) return;
  await change(run, () => setInstanceCounts(run, counts, within, 'scale out for the next weights'));
}

/** Scales in to what the share needs. A count that someone else has changed stays. */
async function scaleIn(run: RolloutContext, share: number): Promise<void> {
  const { state } = run;
  if (state.plan.serve.capacity === 'full') return;
  const needed = instanceCountsAt(state.deploymentInputs, share);
  const counts = each((role) => {
    const ours = state.requestedCounts[role];
    return ours !== null && ours > needed[role] ? { exactly: needed[role], whileAt: ours } : null;
  });
  await setInstanceCounts(run, counts, state.plan.limits.shiftSeconds, 'scale in after the weight change');
}

type DesiredCount = { atLeast: number } | { exactly: number; whileAt: number } | null;

export async function setInstanceCounts(
  { state }: RolloutContext,
  counts: Record<Role, DesiredCount>,
  scheduleToCloseSeconds: number,
  summary: string,
): Promise<EndpointObservation | null> {
  if (roles.every((role) => counts[role] === null)) return null;
  const { setCounts } = proxyRolloutActivities({ scheduleToCloseSeconds, summary });
  const observation = await setCounts({ traffic: state.traffic, counts });
  state.observation = observation;
  const observed = observedCounts(observation, state.variants);
  for (const role of roles) if (counts[role] !== null) state.requestedCounts[role] = observed[role];
  return observation;
}

function each(countOf: (role: Role) => DesiredCount): Record<Role, DesiredCount> {
  return { baseline: countOf('baseline'), candidate: countOf('candidate') };
}
