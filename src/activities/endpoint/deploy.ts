import {
  CreateEndpointCommand,
  UpdateEndpointCommand,
  type CreateEndpointInput,
  type SageMakerClient,
  type UpdateEndpointInput,
} from '@aws-sdk/client-sagemaker';
import { mutateAws, retryNotFound } from '../aws/errors.js';
import { describeEndpoint, observe } from './endpoint.js';
import { ensureConfig, findConfig } from './endpoint-config.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { DesiredDeployment } from '../interface/deployment.js';
import { nextAction, type DeployAction } from './plan-deploy.js';
import { createOrAdopt, requireOwned } from '../aws/ownership.js';
import { firstPollSeconds, lastPollState, pollAgain } from '../temporal/polling.js';

interface DeployRequest {
  rolloutId: string;
  endpoint: string;
  deployment: DesiredDeployment;
}

/** Handed on only after SageMaker has accepted an update: a crash in between merely asks for it again. */
interface DeployState {
  requested: boolean;
}

/** Observe, decide, act; one move a look. */
export function createDeploy(sagemaker: SageMakerClient, pollSeconds: number): RolloutActivities['deploy'] {
  return async (wish) => {
    const requested = lastPollState<DeployState>()?.requested ?? false;
    const seen = await observe(sagemaker, wish.endpoint);
    const move = nextAction(seen, wish.deployment, requested);
    const what = `endpoint ${wish.endpoint}`;
    const { configName } = wish.deployment;
    switch (move.kind) {
      case 'done':
        if (seen === null) throw nonRetryableFailure('EndpointNotFound', `${what} no longer exists`);
        return seen;
      case 'create':
        await createEndpoint(sagemaker, wish);
        return pollAgain(`${what}: creation on ${configName} asked for`, firstPollSeconds(pollSeconds));
      case 'update':
        await updateEndpoint(sagemaker, wish, move);
        return pollAgain(`${what}: update to ${configName} asked for`, firstPollSeconds(pollSeconds), {
          requested: true,
        } satisfies DeployState);
      case 'wait':
        return pollAgain(`${what}: ${move.because}, on its way to ${configName}`, pollSeconds, {
          requested,
        });
      case 'fail':
        throw nonRetryableFailure(move.type, `${what}: ${move.message}`);
    }
  };
}

async function createEndpoint(sagemaker: SageMakerClient, wish: DeployRequest): Promise<void> {
  await ensureConfig(sagemaker, wish.rolloutId, wish.deployment);
  const request: CreateEndpointInput = {
    EndpointName: wish.endpoint,
    EndpointConfigName: wish.deployment.configName,
  };
  await createOrAdopt(sagemaker, {
    what: `endpoint ${wish.endpoint}`,
    rolloutId: wish.rolloutId,
    request,
    find: async () => (await describeEndpoint(sagemaker, wish.endpoint))?.EndpointArn ?? null,
    create: (Tags) =>
      retryNotFound(mutateAws((o) => sagemaker.send(new CreateEndpointCommand({ ...request, Tags }), o))),
  });
}

async function updateEndpoint(
  sagemaker: SageMakerClient,
  wish: DeployRequest,
  { keepsWeights }: DeployAction & { kind: 'update' },
): Promise<void> {
  const { configName, owned, createsEndpoint } = wish.deployment;
  if (createsEndpoint) await requireOwnEndpoint(sagemaker, wish);
  if (owned) await ensureConfig(sagemaker, wish.rolloutId, wish.deployment);
  else if ((await findConfig(sagemaker, configName)) === null) {
    throw nonRetryableFailure('Rejected', `endpoint config ${configName} no longer exists`);
  }
  const request: UpdateEndpointInput = {
    EndpointName: wish.endpoint,
    EndpointConfigName: configName,
    // Without it, the update resets live weights and counts to the new config's initial ones.
    RetainAllVariantProperties: true,
    ...(keepsWeights ? {} : { ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }] }),
  };
  await retryNotFound(mutateAws((o) => sagemaker.send(new UpdateEndpointCommand(request), o)));
}

/** Where the endpoint began with this rollout, one of that name that it did not make is a stranger's. */
async function requireOwnEndpoint(
  sagemaker: SageMakerClient,
  { endpoint, rolloutId }: DeployRequest,
): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null) return;
  await requireOwned(sagemaker, { arn: live.EndpointArn ?? '', what: `endpoint ${endpoint}`, rolloutId });
}
