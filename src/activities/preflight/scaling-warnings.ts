/** Autoscaling that a rollout cannot carry over whole. */
import type { Plan } from '../../plan/compiled/plan.js';
import type { InitialEndpoint } from '../interface/endpoint.js';

/**
 * The alarm that invokes a step policy is its owner's, and names the policy by its ARN. With stable names, the owner's policy stays
 * registered unless the instance type changes.
 */
export function scalingWarnings({ serve }: Pick<Plan, 'serve'>, starting: InitialEndpoint): string[] {
  if (starting.kind === 'absent') return [];
  const steps = (starting.scaling?.policies ?? []).filter(({ PolicyType }) => PolicyType === 'StepScaling');
  const isSameType = serve.instanceType === null || serve.instanceType === starting.instanceType;
  const staysRegistered = serve.variantNames?.kind === 'stable' && isSameType;
  return steps.map(({ PolicyName = '' }) =>
    staysRegistered
      ? `scaling policy ${PolicyName} is copied, but its alarm is not: until the promotion, nothing scales the candidate by it`
      : `scaling policy ${PolicyName} is copied, but its alarm is not: after the promotion, let the alarm invoke the candidate's policy`,
  );
}
