/** Publishes the split for the switches in the workflow's memo, which they can read while no worker runs. */
import { upsertMemo } from '@temporalio/workflow';
import type { ArmTraffic } from '../../activities/interface/traffic.js';
import { type Split, splitMemoKey, type SplitTarget } from '../../plan/split/split.js';
import type { RolloutState } from '../state/state.js';
import type { Weights } from '../../plan/compiled/names.js';
import { type ActivityTimeouts, proxyRolloutActivities } from '../temporal/activity-proxy.js';
import type { RolloutContext } from '../run/context.js';

type Targets = Split['targets'];

/**
 * `candidateShare`: percent. A shadow and a deleted arm are no targets. Beside other variants nothing is published, because a
 * switch would send their users to the arms; the endpoint's weights divide the traffic.
 */
export function publishSplit(state: RolloutState, traffic: ArmTraffic, candidateShare: number): void {
  if (traffic.others !== undefined) return;
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

/** The endpoint has one variant, so the target needs no variant name. */
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
 * Publishes the split, then sets the weights for clients that do not use a switch. `from`: the expected weights; if the
 * actual ones differ, the activity fails with `Drift` and changes nothing. Absent: a rollback or a revert, which no freeze
 * keeps back.
 */
export async function setTrafficSplit(
  run: RolloutContext,
  weights: Weights,
  timeouts: ActivityTimeouts,
  from?: Weights,
): Promise<void> {
  const { state } = run;
  publishSplit(state, state.traffic, weights.candidate);
  const { setWeights } = proxyRolloutActivities(timeouts);
  const { freeze } = state.plan;
  state.observation = await setWeights({ traffic: state.traffic, weights, from, ...(from && { freeze }) });
}
