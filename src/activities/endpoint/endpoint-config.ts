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

/** Creates or adopts the deployment's config. Fails: NotOwned. */
export async function ensureConfig(
  sagemaker: SageMakerClient,
  rolloutId: string,
  deployment: DesiredDeployment,
): Promise<void> {
  const { configName, basedOn } = deployment;
  const base = basedOn === null ? null : await findConfig(sagemaker, basedOn);
  if (basedOn !== null && base === null)
    throw new NotFound(
      `cannot create endpoint config ${configName}: its base config ${basedOn} no longer exists`,
    );
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
 * Carries over the base config's encryption, capture, network and metrics settings, and its production variants
 * unchanged. It does not carry over a shadow variant, because that one does not belong to the rollout.
 */
export function configRequest(
  deployment: DesiredDeployment,
  base: DescribeEndpointConfigOutput | null,
): CreateEndpointConfigInput {
  return {
    EndpointConfigName: deployment.configName,
    ProductionVariants: deployment.variants.map((variant) => variantOf(variant, base)),
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

function variantOf(desired: DesiredVariant, base: DescribeEndpointConfigOutput | null): ProductionVariant {
  const amount = { InitialInstanceCount: desired.count, InitialVariantWeight: desired.weight };
  const existing = base?.ProductionVariants?.find((v) => v.VariantName === desired.name);
  if (existing !== undefined) return { ...existing, ...amount };
  return {
    VariantName: desired.name,
    ModelName: desired.modelName,
    InstanceType: desired.instanceType as ProductionVariantInstanceType,
    ...amount,
  };
}

/** SageMaker's default period is 60 s, so for 60 s the base config's own choice stays. */
function metricsConfigOf(periodSeconds: number, base: MetricsConfig | undefined): MetricsConfig {
  if (base !== undefined && periodSeconds === 60) return base;
  return {
    ...base,
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
      throw retryableFailure('Unavailable', `${what} still exists after its deletion`);
    }
  };
}

/** SageMaker accepts the deletion of a config in use, but then it can no longer update the endpoint. */
async function requireUnused(
  sagemaker: SageMakerClient,
  configName: string,
  endpoint: string,
): Promise<void> {
  const live = await describeEndpoint(sagemaker, endpoint);
  if (live === null || live.EndpointStatus === 'Failed') return;
  if (live.EndpointConfigName === configName) {
    throw retryableFailure('Busy', `endpoint ${endpoint} uses endpoint config ${configName}`);
  }
  if (live.EndpointStatus !== 'InService') {
    throw retryableFailure(
      'Busy',
      `endpoint ${endpoint} is ${live.EndpointStatus} and may still need endpoint config ${configName}`,
    );
  }
}
