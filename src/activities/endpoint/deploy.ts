import {
  CreateEndpointCommand,
  UpdateEndpointCommand,
  type CreateEndpointInput,
  type SageMakerClient,
  type UpdateEndpointInput,
} from '@aws-sdk/client-sagemaker';
import { changeAws, soon } from '../aws/errors.js';
import { describeEndpoint, observe } from './endpoint.js';
import { ensureConfig, findConfig } from './endpoint-config.js';
import { refusal } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { Deployment } from '../interface/deployment.js';
import { nextMove, type Move } from './plan-deploy.js';
import { createOrAdopt, requireOurs } from '../aws/ownership.js';
import { firstDelay, handedOn, watching } from '../temporal/polling.js';

interface Wish {
  rolloutId: string;
  endpoint: string;
  deployment: Deployment;
}

/** Handed on only after SageMaker has accepted an update: a crash in between merely asks for it again. */
interface DeployState {
  requested: boolean;
}

/** Observe, decide, act; one move a look. */
export function createDeploy(
  sagemaker: SageMakerClient,
  lookSeconds: number,
): Pick<RolloutActivities, 'deploy'> {
  return {
    async deploy(wish) {
      const requested = handedOn<DeployState>()?.requested ?? false;
      const seen = await observe(sagemaker, wish.endpoint);
      const move = nextMove(seen, wish.deployment, requested);
      const what = `endpoint ${wish.endpoint}`;
      const { configName } = wish.deployment;
      switch (move.kind) {
        case 'done':
          if (seen === null) throw refusal('EndpointGone', `${what} no longer exists`);
          return seen;
        case 'create':
          await createEndpoint(sagemaker, wish);
          return watching(`${what}: creation on ${configName} asked for`, firstDelay(lookSeconds));
        case 'update':
          await updateEndpoint(sagemaker, wish, move);
          return watching(`${what}: update to ${configName} asked for`, firstDelay(lookSeconds), {
            requested: true,
          } satisfies DeployState);
        case 'wait':
          return watching(`${what}: ${move.because}, on its way to ${configName}`, lookSeconds, {
            requested,
          });
        case 'fail':
          throw refusal(move.type, `${what}: ${move.message}`);
      }
    },
  };
}

async function createEndpoint(sagemaker: SageMakerClient, wish: Wish): Promise<void> {
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
      soon(changeAws((o) => sagemaker.send(new CreateEndpointCommand({ ...request, Tags }), o))),
  });
}

async function updateEndpoint(
  sagemaker: SageMakerClient,
  wish: Wish,
  { keepsWeights }: Move & { kind: 'update' },
): Promise<void> {
  const { configName, owned, createsEndpoint } = wish.deployment;
  if (createsEndpoint) await requireOwnEndpoint(sagemaker, wish);
  if (owned) await ensureConfig(sagemaker, wish.rolloutId, wish.deployment);
  else if ((await findConfig(sagemaker, configName)) === null) {
    throw refusal('Rejected', `endpoint config ${configName} no longer exists`);
  }
  const request: UpdateEndpointInput = {
    EndpointName: wish.endpoint,
    EndpointConfigName: configName,
    // Without it, the update resets live weights and counts to the new config's initial ones.
    RetainAllVariantProperties: true,
    ...(keepsWeights ? {} : { ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }] }),
  };
  await soon(changeAws((o) => sagemaker.send(new UpdateEndpointCommand(request), o)));
}

/** Where the endpoint began with this rollout, one of that name that it did not make is a stranger's. */
async function requireOwnEndpoint(sagemaker: SageMakerClient, { endpoint, rolloutId }: Wish): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null) return;
  await requireOurs(sagemaker, { arn: live.EndpointArn ?? '', what: `endpoint ${endpoint}`, rolloutId });
}
