/** The endpoint config of a deployment, as CreateEndpointConfig takes it. No I/O. */
import type {
  CreateEndpointConfigInput,
  MetricsConfig,
  ProductionVariant,
  ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import type { DesiredDeployment, DesiredVariant } from '../interface/deployment.js';
import { copiedVariant, withoutRefusedMembers } from './copied-variant.js';

/**
 * Carries over all settings of the base config, such as encryption, capture and network, and its production variants
 * unchanged. It does not carry over a shadow variant, because that one does not belong to the rollout.
 */
export function configRequest(
  deployment: DesiredDeployment,
): CreateEndpointConfigInput & { EndpointConfigName: string } {
  const { base } = deployment;
  return {
    ...base,
    EndpointConfigName: deployment.configName,
    ProductionVariants: deployment.variants.map((variant) => variantOf(variant, deployment)),
    ShadowProductionVariants:
      deployment.shadow === null ? undefined : [variantOf(deployment.shadow, deployment)],
    MetricsConfig: metricsConfigOf(deployment.metricPeriodSeconds, base?.MetricsConfig),
  };
}

export function nameOf({ name, renamedTo }: DesiredVariant): string {
  return renamedTo ?? name;
}

/**
 * A variant of the base config stays as it is. A new one is a copy of `copies`, with the settings of the spec and its own model
 * and instances.
 */
function variantOf(
  desired: DesiredVariant,
  { base, copies, variantSettings }: DesiredDeployment,
): ProductionVariant {
  const amount = { InitialInstanceCount: desired.count, InitialVariantWeight: desired.weight };
  const variantNamed = (name: string | null) =>
    base?.ProductionVariants?.find(({ VariantName }) => VariantName === name);
  const existing = variantNamed(desired.name);
  if (existing !== undefined) return { ...withoutRefusedMembers(existing), ...amount };
  const original = variantNamed(copies);
  return {
    ...(original === undefined ? {} : copiedVariant(original, desired.instanceType).variant),
    ...variantSettings,
    VariantName: nameOf(desired),
    ModelName: desired.modelName,
    InstanceType: desired.instanceType as ProductionVariantInstanceType,
    ...amount,
  };
}

const defaultPeriodSeconds = 60;

/**
 * SageMaker publishes invocation metrics more often than each minute only as enhanced metrics, which CloudWatch bills. So only
 * a spec that asks for another period switches them on.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsConfig.html
 */
function metricsConfigOf(periodSeconds: number, base: MetricsConfig | undefined): MetricsConfig | undefined {
  if (periodSeconds === defaultPeriodSeconds) return base;
  return { ...base, EnableEnhancedMetrics: true, MetricPublishFrequencyInSeconds: periodSeconds };
}
