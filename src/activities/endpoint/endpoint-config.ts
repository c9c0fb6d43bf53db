import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type CreateEndpointConfigInput,
  type DescribeEndpointConfigOutput,
  type MetricsConfig,
  type ProductionVariant,
  type ProductionVariantInstanceType,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { readAws, mutateAws, NotFound, orNull, retryNotFound } from '../aws/errors.js';
import { describeEndpoint } from './endpoint.js';
import { retryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { DesiredDeployment, DesiredVariant } from '../interface/deployment.js';
import { createOrAdopt, requireOwned } from '../aws/ownership.js';

export function findConfig(
  sagemaker: SageMakerClient,
  configName: string,
): Promise<DescribeEndpointConfigOutput | null> {
  const command = new DescribeEndpointConfigCommand({ EndpointConfigName: configName });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

/** Makes or adopts the deployment's config. Fails: NotOwned. */
export async function ensureConfig(
  sagemaker: SageMakerClient,
  rolloutId: string,
  deployment: DesiredDeployment,
): Promise<void> {
  const { configName, basedOn } = deployment;
  const base = basedOn === null ? null : await findConfig(sagemaker, basedOn);
  if (basedOn !== null && base === null) throw new NotFound(`endpoint config ${basedOn} no longer exists`);
  const request = configRequest(deployment, base);
  await createOrAdopt(sagemaker, {
    what: `endpoint config ${configName}`,
    rolloutId,
    request,
    find: async () => (await findConfig(sagemaker, configName))?.EndpointConfigArn ?? null,
    create: (Tags) =>
      retryNotFound(
        mutateAws((o) => sagemaker.send(new CreateEndpointConfigCommand({ ...request, Tags }), o)),
      ),
  });
}

/**
 * The base's encryption, capture, network and metrics settings carry over, and its production variants as they are; a
 * shadow variant that it has is not the rollout's and does not.
 */
export function configRequest(
  deployment: DesiredDeployment,
  base: DescribeEndpointConfigOutput | null,
): CreateEndpointConfigInput {
  return {
    EndpointConfigName: deployment.configName,
    ProductionVariants: deployment.variants.map((wish) => variantOf(wish, base)),
    ShadowProductionVariants: deployment.shadow === null ? undefined : [variantOf(deployment.shadow, base)],
    DataCaptureConfig: base?.DataCaptureConfig,
    KmsKeyId: base?.KmsKeyId,
    ExecutionRoleArn: base?.ExecutionRoleArn,
    VpcConfig: base?.VpcConfig,
    EnableNetworkIsolation: base?.EnableNetworkIsolation,
    AsyncInferenceConfig: base?.AsyncInferenceConfig,
    ExplainerConfig: base?.ExplainerConfig,
    MetricsConfig: metricsConfigOf(deployment.metricPeriodSeconds, base?.MetricsConfig),
  };
}

function variantOf(wish: DesiredVariant, base: DescribeEndpointConfigOutput | null): ProductionVariant {
  const amount = { InitialInstanceCount: wish.count, InitialVariantWeight: wish.weight };
  const existing = base?.ProductionVariants?.find((v) => v.VariantName === wish.name);
  if (existing !== undefined) return { ...existing, ...amount };
  return {
    VariantName: wish.name,
    ModelName: wish.modelName,
    InstanceType: wish.instanceType as ProductionVariantInstanceType,
    ...amount,
  };
}

/** 60 s is what SageMaker does unasked, so there the endpoint's own choice stands. */
function metricsConfigOf(periodSeconds: number, carried: MetricsConfig | undefined): MetricsConfig {
  if (carried !== undefined && periodSeconds === 60) return carried;
  return {
    ...carried,
    EnableEnhancedMetrics: true,
    MetricPublishFrequencyInSeconds: periodSeconds,
  };
}

export function createDeleteConfig(sagemaker: SageMakerClient): RolloutActivities['deleteConfig'] {
  return async ({ rolloutId, configName, endpoint }) => {
    const config = await findConfig(sagemaker, configName);
    if (config === null) return;
    const what = `endpoint config ${configName}`;
    await requireOwned(sagemaker, { arn: config.EndpointConfigArn ?? '', what, rolloutId });
    await requireUnused(sagemaker, configName, endpoint);
    const command = new DeleteEndpointConfigCommand({ EndpointConfigName: configName });
    await orNull(mutateAws((o) => sagemaker.send(command, o)));
    if ((await findConfig(sagemaker, configName)) !== null) {
      throw retryableFailure('Unavailable', `${what} is still there after its deletion`);
    }
  };
}

/** SageMaker lets one delete a config in use, after which the endpoint can no longer be updated. */
async function requireUnused(
  sagemaker: SageMakerClient,
  configName: string,
  endpoint: string,
): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null || live.EndpointStatus === 'Failed') return;
  if (live.EndpointConfigName === configName) {
    throw retryableFailure('Busy', `endpoint config ${configName} is in use by endpoint ${endpoint}`);
  }
  if (live.EndpointStatus !== 'InService') {
    throw retryableFailure(
      'Busy',
      `endpoint ${endpoint} is ${live.EndpointStatus} and may still need ${configName}`,
    );
  }
}
