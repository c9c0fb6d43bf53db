/** Reacts to an external change as the spec's `drift` says: hold, revert or adopt. */
import type { Drift } from '../../activities/interface/traffic.js';
import { type ActivityTimeouts, proxyRolloutActivities } from '../temporal/activity-proxy.js';
import { deploymentsFor } from '../deployment/deployments.js';
import { setTrafficSplit, publishSplit } from '../traffic/published-split.js';
import type { RolloutContext } from '../run/context.js';
import { freshCheckSeconds } from '../run/fresh-check.js';
import { failureOf } from '../temporal/stop.js';

/** After so many reverts of repeated external changes, an operator must decide. */
const maxReverts = 3;

/** Nothing is watched during a revert, and it can give users to the candidate. */
const maxRevertSeconds = 300;

/** If it takes longer, the next poll reads the alarms first, waits for the end of the update, and reverts the rest. */
function timeoutsOfRevert(
  limitSeconds: number,
): Pick<ActivityTimeouts, 'scheduleToCloseSeconds' | 'scheduleToStartSeconds'> {
  const scheduleToCloseSeconds = Math.min(limitSeconds, maxRevertSeconds);
  return { scheduleToCloseSeconds, scheduleToStartSeconds: freshCheckSeconds };
}

/** Null if the drift was reverted or adopted; else the message to hold with. */
export async function handleDrift(run: RolloutContext, drift: Drift): Promise<string | null> {
  switch (run.state.plan.drift) {
    case 'hold':
      return drift.message;
    case 'revert':
      return revert(run, drift);
    case 'adopt':
      return adopt(run, drift);
  }
}

/** Only weights and configs are reverted. An ownership tag of another rollout may be right, so it stays. */
async function revert(run: RolloutContext, { kind, message }: Drift): Promise<string | null> {
  const { state, notifications } = run;
  if (kind !== 'weights' && kind !== 'config') return message;
  if (state.reverts >= maxReverts) return `${message}; drift was already reverted ${maxReverts} times`;
  state.reverts++;
  state.addTimelineEntry({ kind: 'decision', message: `reverting an external change: ${message}` });
  notifications.send('hold', `reverting an external change: ${message}`);
  try {
    if (kind === 'config') await restoreConfigs(run);
    if (state.weights && state.arrangement?.kind === 'sideBySide')
      await setTrafficSplit(run, state.weights, {
        ...timeoutsOfRevert(state.plan.limits.shiftSeconds),
        summary: 'restore the weights',
      });
    return null;
  } catch (error) {
    const cause = failureOf(error);
    if (!cause) throw error;
    return `${message}; could not revert the change: ${cause.message}`;
  }
}

async function restoreConfigs({ state }: RolloutContext): Promise<void> {
  const { limits, rolloutId } = state.plan;
  if (!state.arrangement) throw new Error('nothing is deployed yet');
  for (const { endpoint, deployment } of deploymentsFor(state.deploymentInputs, state.arrangement)) {
    const { deploy } = proxyRolloutActivities({
      ...timeoutsOfRevert(limits.deploySeconds),
      summary: `restore config ${deployment.configName}`,
    });
    state.observation = await deploy({ rolloutId, endpoint, deployment });
  }
}

/**
 * Only weights can be adopted: their meaning does not depend on who set them. An unknown config or variant has none
 * here.
 */
function adopt({ state, notifications }: RolloutContext, { kind, message, weights }: Drift): string | null {
  if (kind === 'inProgress') return message;
  if (kind !== 'weights' || !weights) return `${message}; only weights can be adopted`;
  state.addTimelineEntry({ kind: 'decision', message: `adopting an external change: ${message}` });
  notifications.send('hold', `adopting an external change: ${message}`);
  state.setDesiredWeights(weights);
  state.trafficSince = Date.now();
  publishSplit(state, state.traffic, weights.candidate);
  return null;
}
