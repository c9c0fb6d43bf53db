/** An autoscaled endpoint in a simulation, and its scaling as Application Auto Scaling describes it. */
import {
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  type PutScalingPolicyCommandInput,
} from '@aws-sdk/client-application-auto-scaling';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { scalingsOf } from '../../support/scalings.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint } from '../waits/ranker-rollout.js';

export const targetOf = (variant: string) =>
  ({
    ServiceNamespace: 'sagemaker',
    ResourceId: `endpoint/${endpoint}/variant/${variant}`,
    ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
  }) as const;

export type Policy = Omit<PutScalingPolicyCommandInput, keyof ReturnType<typeof targetOf>>;

/** 20 requests a second are 1,200 a minute, so two instances are enough. */
export const predefined: Policy = {
  PolicyName: 'invocations',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 1_000,
    PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    ScaleInCooldown: 120,
    DisableScaleIn: false,
  },
};

/** Names the variant in its dimensions. */
export const customized: Policy = {
  PolicyName: 'cpu',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: 70,
    CustomizedMetricSpecification: {
      MetricName: 'CPUUtilization',
      Namespace: '/aws/sagemaker/Endpoints',
      Dimensions: [
        { Name: 'EndpointName', Value: endpoint },
        { Name: 'VariantName', Value: 'AllTraffic' },
      ],
      Statistic: 'Average',
    },
  },
};

export const step: Policy = {
  PolicyName: 'load',
  PolicyType: 'StepScaling',
  StepScalingPolicyConfiguration: {
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    Cooldown: 60,
  },
};

export async function openScaled(
  policies: Policy[],
  options: Partial<SimulationOptions> = {},
): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, options);
  const { autoscaling } = simulation.aws;
  const target = targetOf('AllTraffic');
  await autoscaling.send(
    new RegisterScalableTargetCommand({
      ...target,
      MinCapacity: 2,
      MaxCapacity: 6,
      SuspendedState: { ScheduledScalingSuspended: true },
      Tags: { CostCenter: 'ml-42' },
    }),
  );
  for (const policy of policies)
    await autoscaling.send(new PutScalingPolicyCommand({ ...target, ...policy }));
  await autoscaling.send(
    new PutScheduledActionCommand({
      ...target,
      ScheduledActionName: 'mornings',
      Schedule: 'cron(0 6 ? * MON-FRI *)',
      Timezone: 'Europe/Berlin',
      ScalableTargetAction: { MinCapacity: 4 },
    }),
  );
  return simulation;
}

export const scalings = ({ aws }: Simulation) => scalingsOf(aws.autoscaling);

export const baseline = `${endpoint}/AllTraffic`;

/** As the scaling of another variant, whose name is in customized metrics. */
export function renamed(scaling: unknown, to: string): unknown {
  return JSON.parse(JSON.stringify(scaling).replaceAll('"AllTraffic"', `"${to}"`));
}
