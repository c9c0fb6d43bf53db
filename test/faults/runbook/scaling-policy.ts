import {
  ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import {
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';

const resourceOf = (endpoint: string, variant: string) =>
  ({
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpoint}/variant/${variant}`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  }) as const;

/** Registers a variant with a policy whose alarm asks for this many instances, again each minute. */
export async function scaleByPolicy(
  { cloudwatch, emulator }: E2eEnvironment,
  endpoint: string,
  variant: string,
  count: number,
): Promise<void> {
  const scaling = new ApplicationAutoScalingClient(emulator.awsConfig);
  const resource = resourceOf(endpoint, variant);
  await scaling.send(new RegisterScalableTargetCommand({ ...resource, MinCapacity: 1, MaxCapacity: count }));
  const { PolicyARN = '' } = await scaling.send(
    new PutScalingPolicyCommand({
      ...{ ...resource, PolicyName: 'load', PolicyType: 'StepScaling' },
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ExactCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: count }],
      },
    }),
  );
  const metric = { Namespace: 'Shop', MetricName: `Load-${variant}` };
  const MetricData = [
    { MetricName: metric.MetricName, Value: 100, Timestamp: new Date(Date.now() - 90_000) },
  ];
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: metric.Namespace, MetricData }));
  const AlarmName = `load-${variant}`;
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName, ...metric, Statistic: 'Average', Period: 60, EvaluationPeriods: 1, Threshold: 50 },
      ...{
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
        AlarmActions: [PolicyARN],
      },
    }),
  );
  await cloudwatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'the load is high' }),
  );
}

export async function deregister(
  { emulator }: E2eEnvironment,
  endpoint: string,
  variant: string,
): Promise<void> {
  const scaling = new ApplicationAutoScalingClient(emulator.awsConfig);
  await scaling.send(new DeregisterScalableTargetCommand(resourceOf(endpoint, variant)));
}
