/** What is done about someone else's change, as the spec says: wait, put it back, or go on with it. */
import type { Drift } from '../../activities/interface/traffic.js';
import { activities } from '../temporal/activity-proxy.js';
import { placementsOf } from '../deployment/deployments.js';
import { divide } from '../traffic/divide.js';
import type { Rollout } from '../run/context.js';
import { publishSplit } from '../traffic/published-split.js';
import { failureCause } from '../temporal/stop.js';

/** Against somebody who keeps at it, a person has to decide. */
const mostReverts = 3;

/** Null where the endpoint is as the rollout wants it, or the rollout wants it as it is; else the sentence to hold with. */
export async function settleDrift(run: Rollout, drift: Drift): Promise<string | null> {
  switch (run.state.frozen.drift) {
    case 'hold':
      return drift.sentence;
    case 'revert':
      return revert(run, drift);
    case 'adopt':
      return adopt(run, drift);
  }
}

/** What says whose it is, is not put back: it may say the truth. */
async function revert(run: Rollout, { kind, sentence }: Drift): Promise<string | null> {
  const { state, notices } = run;
  if (kind !== 'weights' && kind !== 'config') return sentence;
  if (state.reverts >= mostReverts) return `${sentence}; it was put back ${mostReverts} times already`;
  state.reverts++;
  state.note({ kind: 'decision', sentence: `putting back what someone else changed: ${sentence}` });
  notices.send('hold', `putting back what someone else changed: ${sentence}`);
  try {
    if (kind === 'config') await putConfigsBack(run);
    if (state.weights && state.arrangement?.kind === 'beside')
      await divide(run, state.weights, state.frozen.limits.shiftSeconds, 'put the weights back');
    return null;
  } catch (error) {
    const cause = failureCause(error);
    if (!cause) throw error;
    return `${sentence}; it could not be put back: ${cause.sentence}`;
  }
}

async function putConfigsBack({ state }: Rollout): Promise<void> {
  const { limits, rolloutId } = state.frozen;
  if (!state.arrangement) throw new Error('nothing is deployed yet');
  for (const { endpoint, deployment } of placementsOf(state.fleet, state.arrangement)) {
    const { deploy } = activities({
      within: limits.deploySeconds,
      summary: `back to config ${deployment.configName}`,
    });
    state.observation = await deploy({ rolloutId, endpoint, deployment });
  }
}

/** Shares mean the same whoever set them; a config or a variant that the rollout does not know does not. */
function adopt({ state, notices }: Rollout, { kind, sentence, weights }: Drift): string | null {
  if (kind === 'underWay') return sentence;
  if (kind !== 'weights' || !weights) return `${sentence}; only weights can be adopted`;
  state.note({ kind: 'decision', sentence: `going on with what someone else set: ${sentence}` });
  notices.send('hold', `going on with what someone else set: ${sentence}`);
  state.wish(weights);
  publishSplit(state, state.traffic, weights.candidate);
  return null;
}
