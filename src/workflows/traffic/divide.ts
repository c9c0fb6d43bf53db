import type { Weights } from '../../plan/compiled/role.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutContext } from '../run/context.js';
import { publishSplit } from './published-split.js';

/**
 * The switches are told first: they follow within seconds, and SageMaker's weights are for those who do not use them.
 * `from`: the shares as they were left; where they are not, somebody else has set them, and nothing is overwritten.
 */
export async function setTrafficSplit(
  run: RolloutContext,
  weights: Weights,
  scheduleToCloseSeconds: number,
  summary: string,
  from?: Weights,
): Promise<void> {
  const { state } = run;
  publishSplit(state, state.traffic, weights.candidate);
  const { setWeights } = proxyRolloutActivities({ scheduleToCloseSeconds, summary });
  state.observation = await setWeights({ traffic: state.traffic, weights, from });
}
