/** Moves traffic between the arms: scale-out before a higher weight, scale-in after a lower one. */
import type { EndpointObservation } from '../../activities/interface/endpoint.js';
import type { Role, Weights } from '../../plan/compiled/names.js';
import { proxyRolloutActivities, wasCancelled } from '../temporal/activity-proxy.js';
import { change, guardWhile } from '../monitoring/change.js';
import { timeoutsOfChange } from '../run/freeze.js';
import { ContinueAsNewNeeded } from '../run/continue-as-new.js';
import { checkBeforeChange } from '../monitoring/last-check.js';
import { waitUntilAllowed } from './wait-until-allowed.js';
import { observePresent } from '../deployment/observe-present.js';
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
    if (!state.trafficMoved) state.cursor.isCheckDue = true;
    await waitUntilAllowed(run);
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
      await checkBeforeChange(run, 'noAlarmFiring');
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
  await change(run, () =>
    setTrafficSplit(run, weights, { ...timeoutsOfChange(state, limits.shiftSeconds), summary }, from),
  );
  state.trafficSince = Date.now();
  await scaleIn(run, weights.candidate);
}

/**
 * Scales out the arms that have fewer instances than the share needs now: the traffic can have grown since the preflight,
 * which can be weeks ago. Never scales in.
 */
async function scaleOut(run: RolloutContext, share: number, within: number): Promise<void> {
  const { state } = run;
  const observed = await presentCounts(run);
  state.peakBaselineCount = Math.max(state.peakBaselineCount ?? 0, observed.baseline ?? 0);
  const needed = instanceCountsAt(state.deploymentInputs, share);
  const counts = each((role) => {
    const current = observed[role];
    return current !== null && current < needed[role] ? { atLeast: needed[role] } : null;
  });
  if (roles.every((role) => counts[role] === null)) return;
  await change(run, () => setInstanceCounts(run, counts, within, 'scale out for the next weights'));
}

/** The candidate on an endpoint of its own was seen by the last poll. */
async function presentCounts(run: RolloutContext): Promise<Record<Role, number | null>> {
  const polled = observedCounts(run.state.observation, run.state);
  const present = observedCounts(await observePresent(run), run.state);
  return { baseline: present.baseline ?? polled.baseline, candidate: present.candidate ?? polled.candidate };
}

/** Scales in to what the share needs. A count that someone else has changed stays, and autoscaling scales in by itself. */
async function scaleIn(run: RolloutContext, share: number): Promise<void> {
  const { state } = run;
  if (state.plan.serve.capacity === 'full' || state.isScaled) return;
  const needed = instanceCountsAt(state.deploymentInputs, share);
  for (const role of roles) {
    const ours = state.requestedCounts[role];
    if (ours !== null && ours > needed[role])
      await scaleInOrKeep(run, role, { from: ours, to: needed[role] });
  }
}

/** The traffic has moved, verified. That is not undone because instances cannot be saved. */
export async function scaleInOrKeep(
  run: RolloutContext,
  role: Role,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { state, notifications } = run;
  const counts = { baseline: null, candidate: null, [role]: { exactly: to, whileAt: from } };
  try {
    await guardWhile(run, () =>
      setInstanceCounts(run, counts, state.plan.limits.shiftSeconds, `scale in the ${role}`),
    );
  } catch (error) {
    const cause = wasCancelled(error) ? null : failureOf(error);
    if (!cause) throw error;
    const message = `could not scale in the ${role}, which keeps ${from} instances: ${cause.message}`;
    state.addTimelineEntry({ kind: 'decision', message });
    notifications.send('hold', message);
  }
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
  const observed = observedCounts(observation, state);
  for (const role of roles) if (counts[role] !== null) state.requestedCounts[role] = observed[role];
  return observation;
}

function each(countOf: (role: Role) => DesiredCount): Record<Role, DesiredCount> {
  return { baseline: countOf('baseline'), candidate: countOf('candidate') };
}
