/** Tells the switches how to divide the users. It goes into the memo, which can be read while no worker runs. */
import { upsertMemo } from '@temporalio/workflow';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { type Split, splitMemoKey, type SplitTarget } from '../../plan/split/split.js';
import type { RolloutState } from '../state/state.js';
import type { Weights } from '../../plan/compiled/names.js';
import { proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutContext } from '../run/context.js';

type Targets = Split['targets'];

/** Users go by the shares of `traffic`; a shadow and an arm that is gone get none. */
export function publishSplit(state: RolloutState, traffic: ArmTraffic, candidateShare: number): void {
  const { baseline, candidate } = traffic.arms;
  const named = traffic.topology === 'variants' && baseline !== null && !candidate.shadow;
  const target = (endpoint: string, variant: string): SplitTarget => ({
    endpoint,
    variant: named ? variant : null,
  });
  publish(state, candidateShare, {
    baseline: baseline && target(baseline.endpoint, baseline.variant),
    candidate: candidate.shadow ? null : target(candidate.endpoint, candidate.variant),
  });
}

/** One model is left, alone on the endpoint; whichever variant that is, it needs no name. */
export function publishSingleTarget(state: RolloutState, role: 'baseline' | 'candidate'): void {
  const target: SplitTarget = { endpoint: state.plan.endpoint, variant: null };
  publish(state, role === 'candidate' ? 100 : 0, {
    baseline: role === 'baseline' ? target : null,
    candidate: role === 'candidate' ? target : null,
  });
}

function publish(state: RolloutState, candidateShare: number, targets: Targets): void {
  const { rolloutId, endpoint } = state.plan;
  const split: Split = {
    format: 1,
    endpoint,
    rolloutId,
    sequence: (state.split?.sequence ?? 0) + 1,
    since: new Date().toISOString(),
    bucketing: 'fnv1a32x2/10000',
    seed: rolloutId,
    targets,
    candidateShare,
  };
  state.split = split;
  upsertMemo({ [splitMemoKey]: split });
}

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
