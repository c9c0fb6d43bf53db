/** Autoscaling that a rollout cannot carry over whole. */
import type { InitialEndpoint } from '../interface/endpoint.js';

/** The alarm that invokes a step policy is its owner's, and names the policy by its ARN. */
export function scalingWarnings(starting: InitialEndpoint): string[] {
  if (starting.kind === 'absent') return [];
  const steps = (starting.scaling?.policies ?? []).filter(({ PolicyType }) => PolicyType === 'StepScaling');
  return steps.map(
    ({ PolicyName }) =>
      `scaling policy ${PolicyName ?? ''} is copied, but its alarm is not: after the promotion, let the alarm invoke the candidate's policy`,
  );
}
