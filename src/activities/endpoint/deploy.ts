import {
  CreateEndpointCommand,
  UpdateEndpointCommand,
  type CreateEndpointInput,
  type SageMakerClient,
  type UpdateEndpointInput,
} from '@aws-sdk/client-sagemaker';
import { mutateAws, retryNotFound } from '../aws/errors.js';
import { describeEndpoint, observe } from './endpoint.js';
import { describeOtherConfig } from './arms.js';
import type { CalendarRule } from '../../plan/compiled/gate.js';
import { requireNoFreeze } from '../gates/freeze.js';
import { nameOf } from './config-request.js';
import { ensureConfig, restoreConfig } from './endpoint-config.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import type { RolloutActivities } from '../interface/activities.js';
import { deregister, setScaling } from '../scaling/set-scaling.js';
import type { DesiredDeployment, DesiredVariant } from '../interface/deployment.js';
import type { EndpointObservation } from '../interface/endpoint.js';
import { nextAction, type DeployAction } from './plan-deploy.js';
import { createOrAdopt, requireOwned } from '../aws/ownership.js';
import { firstPollSeconds, lastPollState, nowMs, pollAgain } from '../temporal/polling.js';

interface DeployRequest {
  rolloutId: string;
  endpoint: string;
  deployment: DesiredDeployment;
  freeze?: CalendarRule[];
}

/**
 * Passed on after SageMaker has accepted an update. After a crash in between, the next attempt requests the
 * update again.
 */
interface DeployState {
  requested: boolean;
  /** Since when each attempt has seen the same end, which no request of this attempt explains. Milliseconds. */
  sameEnd?: { as: string; sinceMs: number };
}

/**
 * One read can be older than an update that SageMaker has accepted, so it neither proves that the update was reverted nor
 * that the endpoint is done. `sameEnd`: null if this end is confirmed.
 */
function confirm(
  action: DeployAction,
  { requested, sameEnd }: DeployState,
  pollSeconds: number,
): NonNullable<DeployState['sameEnd']> | null {
  const needsProof =
    action.kind === 'done' ? !requested : action.kind === 'fail' && action.type === 'UpdateReverted';
  if (!needsProof) return null;
  if (sameEnd?.as !== action.kind) return { as: action.kind, sinceMs: nowMs() };
  return nowMs() - sameEnd.sinceMs >= confirmationSeconds(pollSeconds) * 1000 ? null : sameEnd;
}

function confirmationSeconds(pollSeconds: number): number {
  return Math.min(pollSeconds, 30);
}

interface DeployClients {
  sagemaker: SageMakerClient;
  autoscaling: ApplicationAutoScalingClient;
}

/** Each attempt observes the endpoint, decides, and takes at most one action. */
export function createDeploy(
  { sagemaker, autoscaling }: DeployClients,
  pollSeconds: number,
): RolloutActivities['deploy'] {
  return async (desired) => {
    const before = lastPollState<DeployState>() ?? { requested: false };
    const { requested } = before;
    const seen = await observe(sagemaker, desired.endpoint);
    const action = nextAction(seen, desired.deployment, requested);
    const what = `endpoint ${desired.endpoint}`;
    const { configName } = desired.deployment;
    const sameEnd = confirm(action, before, pollSeconds);
    if (sameEnd) {
      const message = `${what}: reading it again before its state counts`;
      return pollAgain(message, confirmationSeconds(pollSeconds), {
        requested,
        sameEnd,
      } satisfies DeployState);
    }
    switch (action.kind) {
      case 'done':
        if (seen === null) throw nonRetryableFailure('EndpointNotFound', `${what} no longer exists`);
        if (await scale(autoscaling, desired)) {
          const message = `${what}: requested the autoscaling of its variants`;
          return pollAgain(message, firstPollSeconds(pollSeconds), before);
        }
        return seen;
      case 'create': {
        requireNoFreeze(desired.freeze);
        await createEndpoint(sagemaker, desired);
        const message = `${what}: requested its creation with config ${configName}`;
        return pollAgain(message, firstPollSeconds(pollSeconds));
      }
      case 'update': {
        requireNoFreeze(desired.freeze);
        await replaceConfig({ sagemaker, autoscaling }, desired, action, seen);
        const message = `${what}: requested the update to config ${configName}`;
        return pollAgain(message, firstPollSeconds(pollSeconds), { requested: true } satisfies DeployState);
      }
      case 'wait':
        return pollAgain(`${what}: ${action.because}, waiting for config ${configName}`, pollSeconds, {
          requested,
        } satisfies DeployState);
      case 'drift':
        throw nonRetryableFailure(
          'Drift',
          describeOtherConfig(desired.endpoint, action.found, action.expected),
        );
      case 'fail':
        throw nonRetryableFailure(action.type, `${what}: ${action.message}`);
    }
  };
}

async function createEndpoint(sagemaker: SageMakerClient, desired: DeployRequest): Promise<void> {
  await ensureConfig(sagemaker, desired.rolloutId, desired.deployment);
  const request: CreateEndpointInput = {
    EndpointName: desired.endpoint,
    EndpointConfigName: desired.deployment.configName,
  };
  await createOrAdopt(sagemaker, {
    what: `endpoint ${desired.endpoint}`,
    rolloutId: desired.rolloutId,
    request,
    tags: desired.deployment.tags.endpoint,
    find: async () => (await describeEndpoint(sagemaker, desired.endpoint))?.EndpointArn ?? null,
    create: (Tags) =>
      retryNotFound(mutateAws((o) => sagemaker.send(new CreateEndpointCommand({ ...request, Tags }), o))),
  });
}

async function updateEndpoint(
  sagemaker: SageMakerClient,
  desired: DeployRequest,
  { keepsWeights }: DeployAction & { kind: 'update' },
  seen: EndpointObservation | null,
): Promise<void> {
  const { deployment } = desired;
  const { base, configName, owned, createsEndpoint } = deployment;
  if (createsEndpoint) await requireOwnEndpoint(sagemaker, desired);
  if (owned) await ensureConfig(sagemaker, desired.rolloutId, deployment);
  else if (base) await restoreConfig(sagemaker, desired.rolloutId, deployment, base);
  const excluded: UpdateEndpointInput['ExcludeRetainedVariantProperties'] = [
    ...(keepsWeights ? [] : [{ VariantPropertyType: 'DesiredWeight' as const }]),
    ...(hasOtherFleet(deployment, seen) ? [{ VariantPropertyType: 'DesiredInstanceCount' as const }] : []),
  ];
  const request: UpdateEndpointInput = {
    EndpointName: desired.endpoint,
    EndpointConfigName: configName,
    // Without it, the update resets live weights and counts to the initial values of the new config.
    RetainAllVariantProperties: true,
    ...(excluded.length === 0 ? {} : { ExcludeRetainedVariantProperties: excluded }),
  };
  await retryNotFound(mutateAws((o) => sagemaker.send(new UpdateEndpointCommand(request), o)));
}

/** SageMaker would keep the instance count of a variant for another model that gets its name. */
function hasOtherFleet({ variants }: DesiredDeployment, seen: EndpointObservation | null): boolean {
  return variants.some((variant) => typeBefore(variant, seen) !== undefined);
}

function typeBefore({ otherFleetIn = {} }: DesiredVariant, seen: EndpointObservation | null) {
  return seen === null ? undefined : otherFleetIn[seen.configName];
}

/**
 * For an endpoint that this rollout creates: an endpoint of that name with other tags belongs to another owner.
 */
async function requireOwnEndpoint(
  sagemaker: SageMakerClient,
  { endpoint, rolloutId }: DeployRequest,
): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null) return;
  await requireOwned(sagemaker, { arn: live.EndpointArn ?? '', what: `endpoint ${endpoint}`, rolloutId });
}

/** Whether anything was to do. Then the next attempt reads it back. */
async function scale(
  autoscaling: ApplicationAutoScalingClient,
  { endpoint, deployment }: DeployRequest,
): Promise<boolean> {
  let hasChanged = false;
  for (const [variant, scaling] of Object.entries(deployment.scaling ?? {}))
    if (await setScaling(autoscaling, { endpoint, variant }, scaling)) hasChanged = true;
  return hasChanged;
}

/**
 * A rollback requests its update also if Application Auto Scaling does not answer: the update can be what moves the users, and
 * SageMaker accepts it if no target is in its way.
 */
async function replaceConfig(
  { sagemaker, autoscaling }: DeployClients,
  desired: DeployRequest,
  action: DeployAction & { kind: 'update' },
  seen: EndpointObservation | null,
): Promise<void> {
  const isRollback = desired.freeze === undefined;
  let unreleased: unknown = null;
  try {
    await releaseTargets(autoscaling, desired, seen);
  } catch (error) {
    if (!isRollback) throw error;
    unreleased = error;
  }
  try {
    await updateEndpoint(sagemaker, desired, action, seen);
  } catch (error) {
    throw unreleased ?? error;
  }
}

/**
 * SageMaker refuses an update that removes a scalable target or changes its instance type. It allows another model:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
 */
async function releaseTargets(
  autoscaling: ApplicationAutoScalingClient,
  { endpoint, deployment }: DeployRequest,
  seen: EndpointObservation | null,
): Promise<void> {
  if (deployment.scaling === null) return;
  const isKept = (variant: DesiredVariant) =>
    (typeBefore(variant, seen) ?? variant.instanceType) === variant.instanceType;
  const { variants, others } = deployment;
  const otherNames = others?.variants.map(({ name }) => name) ?? [];
  const kept = new Set([...variants.filter(isKept).map(nameOf), ...otherNames]);
  for (const { name } of seen?.variants ?? [])
    if (!kept.has(name)) await deregister(autoscaling, { endpoint, variant: name });
}
