import { validationError } from '../../http/service-error.js';
import type { ScalableTarget, ScalingPolicy, TrackingConfiguration } from '../scaling-state.js';

/** botocore, MetricType: the metrics of a variant with instances. */
export const predefinedMetrics = {
  SageMakerVariantInvocationsPerInstance: { name: 'InvocationsPerInstance', periodSeconds: 60 },
  SageMakerVariantConcurrentRequestsPerModelHighResolution: {
    name: 'ConcurrentRequestsPerModel',
    periodSeconds: 10,
  },
} as const;

export function isPredefinedMetric(type: string): type is keyof typeof predefinedMetrics {
  return Object.hasOwn(predefinedMetrics, type);
}

/** The new configuration of a policy. Without one in the request, the policy keeps its own. */
export function checkTrackingConfiguration(
  target: ScalableTarget,
  policyName: string,
  given: TrackingConfiguration | undefined,
  known: ScalingPolicy | undefined,
): TrackingConfiguration {
  const before = known?.type === 'TargetTrackingScaling' ? known.configuration : undefined;
  const configuration = given ?? before;
  if (!configuration) throw validationError('TargetTrackingScalingPolicyConfiguration must be specified');
  if (configuration.TargetValue <= 0) throw validationError('TargetValue must be greater than zero');
  for (const member of ['ScaleInCooldown', 'ScaleOutCooldown'] as const)
    if ((configuration[member] ?? 0) < 0) throw validationError(`${member} cannot be negative`);
  checkMetric(configuration);
  for (const other of target.policies.values()) {
    if (other.name === policyName || other.type !== 'TargetTrackingScaling') continue;
    if (metricOf(other.configuration) === metricOf(configuration))
      // AWS's words, which users have published.
      throw validationError(
        'Only one TargetTrackingScaling policy for a given metric specification is allowed.',
      );
  }
  return configuration;
}

function checkMetric(configuration: TrackingConfiguration): void {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: custom } = configuration;
  if ((predefined === undefined) === (custom === undefined))
    throw validationError(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified',
    );
  if (predefined) {
    if (predefined.ResourceLabel !== undefined)
      throw validationError('ResourceLabel can only be specified for metric type ALBRequestCountPerTarget');
    if (!isPredefinedMetric(predefined.PredefinedMetricType))
      throw validationError(
        `The metric type ${predefined.PredefinedMetricType} is not supported for scalable dimension sagemaker:variant:DesiredInstanceCount`,
      );
  }
  if (!custom) return;
  const { Metrics, MetricName, Namespace, Statistic } = custom;
  const isSingle = MetricName !== undefined || Namespace !== undefined || Statistic !== undefined;
  if (Metrics && isSingle) throw validationError('Metrics cannot be specified together with a single metric');
  if (!Metrics && (MetricName === undefined || Namespace === undefined || Statistic === undefined))
    throw validationError('MetricName, Namespace and Statistic must be specified for a customized metric');
}

/** Equal for two configurations of the same metric, whatever their target values and cooldowns. */
function metricOf(configuration: TrackingConfiguration): string {
  const { PredefinedMetricSpecification, CustomizedMetricSpecification } = configuration;
  return JSON.stringify(
    PredefinedMetricSpecification?.PredefinedMetricType ?? CustomizedMetricSpecification,
    (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );
}
