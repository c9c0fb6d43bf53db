/** All deployments of a rollout that is promoted, in their order. Pure. */
import type { DeploymentShape } from '../../plan/compiled/step.js';
import { instanceCountsAt, type DeploymentInputs } from './capacity.js';
import { candidateOnly, deploymentsFor, type EndpointDeployment } from './deployments.js';

export interface PlannedDeployment extends EndpointDeployment {
  arrangement: DeploymentShape['kind'];
}

/** At the end, the candidate serves alone, with the instances of a full share. */
export function plannedDeployments(inputs: DeploymentInputs): PlannedDeployment[] {
  const { steps, endpoint } = inputs.plan;
  const planned = steps.flatMap((step) =>
    step.kind === 'deploy'
      ? deploymentsFor(inputs, step.arrangement).map((each) => ({
          ...each,
          arrangement: step.arrangement.kind,
        }))
      : [],
  );
  if (planned.at(-1)?.arrangement === 'candidateOnly') return planned;
  const deployment = candidateOnly(inputs, instanceCountsAt(inputs, 100).candidate);
  return [...planned, { endpoint, deployment, arrangement: 'candidateOnly' }];
}
