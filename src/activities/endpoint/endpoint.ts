import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type DescribeEndpointOutput,
  type ProductionVariantSummary,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readAws, mutateAws, orNull } from '../aws/errors.js';
import { firstPollSeconds, lastPollState, nowMs, pollAgain } from '../temporal/polling.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { EndpointObservation, VariantObservation } from '../interface/endpoint.js';
import { requireOwned } from '../aws/ownership.js';
import { deregister } from '../scaling/set-scaling.js';

export function describeEndpoint(
  sagemaker: SageMakerClient,
  endpoint: string,
): Promise<DescribeEndpointOutput | null> {
  const command = new DescribeEndpointCommand({ EndpointName: endpoint });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

export async function observe(
  sagemaker: SageMakerClient,
  endpoint: string,
): Promise<EndpointObservation | null> {
  const described = await describeEndpoint(sagemaker, endpoint);
  return described === null ? null : toObservation(endpoint, described);
}

function toObservation(endpoint: string, described: DescribeEndpointOutput): EndpointObservation {
  const configName = described.EndpointConfigName ?? '';
  const location = { endpoint, configName };
  const { ProductionVariants = [], ShadowProductionVariants = [] } = described;
  return {
    at: new Date(nowMs()).toISOString(),
    status: String(described.EndpointStatus),
    configName,
    failureReason: described.FailureReason ?? null,
    variants: [
      ...ProductionVariants.map((variant) => ({ ...toVariant(variant), ...location })),
      ...ShadowProductionVariants.map((variant) => ({
        ...toVariant(variant),
        ...location,
        shadow: true as const,
      })),
    ],
  };
}

function toVariant(variant: ProductionVariantSummary): Omit<VariantObservation, 'endpoint' | 'configName'> {
  return {
    name: variant.VariantName ?? '',
    currentWeight: variant.CurrentWeight ?? 0,
    desiredWeight: variant.DesiredWeight ?? 0,
    currentCount: variant.CurrentInstanceCount ?? 0,
    desiredCount: variant.DesiredInstanceCount ?? 0,
    status: variant.VariantStatus?.[0]?.Status ?? null,
  };
}

/** Statuses in which SageMaker accepts a deletion. The other statuses end, some of them slowly. */
const deletable = new Set<string | undefined>([
  'InService',
  'Failed',
  'OutOfService',
  'UpdateRollbackFailed',
]);

export function createObserveEndpoint(sagemaker: SageMakerClient): RolloutActivities['observeEndpoint'] {
  return ({ endpoint }) => observe(sagemaker, endpoint);
}

/** Attempts pass it on. SageMaker has accepted the deletion then. */
interface DeletionState {
  requestedMs: number;
}

/** A read can be older than an accepted request. A second request could be refused, although the first one is carried out. */
const staleReadMs = 60_000;

function isRecent(requested: DeletionState | null): boolean {
  return requested !== null && nowMs() - requested.requestedMs < staleReadMs;
}

export function createDeleteEndpoint(
  { sagemaker, autoscaling }: { sagemaker: SageMakerClient; autoscaling: ApplicationAutoScalingClient },
  pollSeconds: number,
): RolloutActivities['deleteEndpoint'] {
  return async ({ rolloutId, endpoint, isScaled }) => {
    const live = await describeEndpoint(sagemaker, endpoint);
    if (live === null) return;
    const what = `endpoint ${endpoint}`;
    await requireOwned(sagemaker, { arn: live.EndpointArn ?? '', what, rolloutId });
    const requested = lastPollState<DeletionState>();
    if (deletable.has(live.EndpointStatus) && !isRecent(requested)) {
      for (const { VariantName = '' } of isScaled ? (live.ProductionVariants ?? []) : [])
        await deregister(autoscaling, { endpoint, variant: VariantName });
      const command = new DeleteEndpointCommand({ EndpointName: endpoint });
      await orNull(mutateAws((o) => sagemaker.send(command, o)));
      const state: DeletionState = { requestedMs: nowMs() };
      pollAgain(`${what}: requested its deletion`, firstPollSeconds(pollSeconds), state);
    }
    pollAgain(`${what}: ${live.EndpointStatus}, waiting for its deletion`, pollSeconds, requested);
  };
}
