/** Instance counts of each arm for a share of the traffic. Pure. */
import type {
  EndpointObservation,
  InitialEndpoint,
  VariantObservation,
} from '../../activities/interface/endpoint.js';
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { findVariantOf } from '../../plan/compiled/role-of-variant.js';
import type { VariantNames } from '../../plan/compiled/variant-names.js';

export type RoleInstanceCounts = Record<Role, number>;

/**
 * `share`: the candidate's, in percent. Each arm keeps at least one instance, for a shadow or for a rollback. If the
 * baseline has grown since the preflight, the traffic has, and both arms need more in proportion.
 */
export function instanceCountsAt(
  { plan, starting, peakBaselineCount }: DeploymentInputs,
  share: number,
): RoleInstanceCounts {
  const live = starting.kind === 'live' ? Math.max(starting.count, peakBaselineCount ?? 0) : null;
  const growth = starting.kind === 'live' && live !== null ? live / Math.max(1, starting.count) : 1;
  const all = plan.serve.count === null ? live : Math.ceil(plan.serve.count * growth);
  if (all === null) throw new Error('a new endpoint without serve passed preflight');
  const needed = (total: number, percent: number) => Math.max(1, Math.ceil((total * percent) / 100));
  const { capacity } = plan.serve;
  return {
    baseline: capacity === 'scaleBoth' ? needed(live ?? all, 100 - share) : (live ?? all),
    candidate: capacity === 'full' ? all : needed(all, share),
  };
}

export type NamedRollout = Pick<DeploymentInputs, 'plan' | 'variants'>;

/** Null if the variant did not exist. */
export function observedVariant(
  observation: EndpointObservation | null,
  role: Role,
  { plan: { rolloutId }, variants }: NamedRollout,
): VariantObservation | null {
  return observation === null ? null : findVariantOf(observation.variants, role, { rolloutId, variants });
}

/** Desired instances of each arm, as last observed; null if the variant did not exist. */
export function observedCounts(
  observation: EndpointObservation | null,
  rollout: NamedRollout,
): Record<Role, number | null> {
  const of = (role: Role) => observedVariant(observation, role, rollout)?.desiredCount ?? null;
  return { baseline: of('baseline'), candidate: of('candidate') };
}

/**
 * For a time, an instance can serve twice the load that it is planned for. SageMaker recommends to begin load tests with a
 * safety factor of 0.5 between the most that an instance can serve and its target:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html
 */
const briefLoad = 2;

/**
 * Percent of the traffic that the baseline's present instances can serve while more are on their way: each at most twice
 * the share that it would serve at the planned count. 100 if its instances are unknown, because a rollback must not wait for a reading.
 */
export function shareOfBaseline(inputs: DeploymentInputs, observation: EndpointObservation | null): number {
  const variant = observedVariant(observation, 'baseline', inputs);
  if (!variant) return 100;
  const present = Math.min(variant.currentCount, variant.desiredCount);
  return Math.min(100, Math.floor((100 * briefLoad * present) / instanceCountsAt(inputs, 0).baseline));
}

export interface DeploymentInputs {
  plan: Plan;
  starting: InitialEndpoint;
  /** `baseline` null: nothing serves before the candidate. */
  models: { baseline: string | null; candidate: string };
  variants: VariantNames;
  /** The most instances that the baseline has had at a step. Null: not observed yet. */
  peakBaselineCount: number | null;
}
