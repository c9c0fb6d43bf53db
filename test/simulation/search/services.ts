/** The services that a worker calls, and their operations in a rollout of a live endpoint. */

/** As the worker's clients are named after. */
export type Service = 'sagemaker' | 'cloudwatch' | 'autoscaling' | 'iam' | 'quotas' | 'sts';

/** Every operation of another name is SageMaker's. */
const operations: Record<Exclude<Service, 'sagemaker'>, string[]> = {
  cloudwatch: ['DescribeAlarms', 'GetMetricData', 'ListMetrics'],
  autoscaling: [
    ...['DescribeScalableTargets', 'DescribeScalingPolicies', 'DescribeScheduledActions'],
    ...['ListTagsForResource', 'RegisterScalableTarget', 'DeregisterScalableTarget'],
    ...['PutScalingPolicy', 'PutScheduledAction'],
  ],
  iam: ['SimulatePrincipalPolicy'],
  quotas: ['ListServiceQuotas', 'GetServiceQuota'],
  sts: ['GetCallerIdentity'],
};

export function operationsOf(service: Exclude<Service, 'sagemaker'>): readonly string[] {
  return operations[service];
}

export function serviceOf(operation: string): Service {
  const [service] = Object.entries(operations).find(([, names]) => names.includes(operation)) ?? [];
  return (service as Service | undefined) ?? 'sagemaker';
}

/** Rollouts proceed without their answers: docs/adr/0039-ask-beforehand.md. */
export function isOptional(service: Service): boolean {
  return service === 'iam' || service === 'quotas' || service === 'sts';
}
