/** The endpoint config of a deployment, as CreateEndpointConfig takes it. No I/O. */
import type {
  CreateEndpointConfigInput,
  MetricsConfig,
  ProductionVariant,
  ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import type { ConfigSettings, DesiredDeployment, DesiredVariant } from '../interface/deployment.js';
import type { OtherVariants } from '../interface/other-variants.js';
import { copiedVariant, withoutRefusedMembers } from './copied-variant.js';

/**
 * Carries over all settings of the base config, such as encryption, capture and network, and its production variants
 * unchanged, with the live weights and counts of the other variants. It does not carry over a shadow variant, because that one does not belong to the rollout.
 */
export function configRequest(
  deployment: DesiredDeployment,
): CreateEndpointConfigInput & { EndpointConfigName: string } {
  const { base } = deployment;
  return {
    ...base,
    EndpointConfigName: deployment.configName,
    ProductionVariants: [
      ...deployment.variants.map((variant) => variantOf(variant, deployment)),
      ...(deployment.others?.variants ?? []).flatMap((other) => otherVariant(other, base)),
    ],
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
  { base, copies, others, variantSettings }: DesiredDeployment,
): ProductionVariant {
  const weight = (desired.weight * (others?.pairWeight ?? 100)) / 100;
  const amount = { InitialInstanceCount: desired.count, InitialVariantWeight: weight };
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

/** A serverless variant, or one of inference components, has no instances of its own. */
function otherVariant(
  { name, weight, count }: OtherVariants['variants'][number],
  base: ConfigSettings | null,
): ProductionVariant[] {
  const existing = base?.ProductionVariants?.find(({ VariantName }) => VariantName === name);
  if (existing === undefined) return [];
  const instances = existing.InitialInstanceCount === undefined ? {} : { InitialInstanceCount: count };
  return [{ ...withoutRefusedMembers(existing), ...instances, InitialVariantWeight: weight }];
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
