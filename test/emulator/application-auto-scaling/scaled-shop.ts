import type { EmulatorOptions } from '../../../src/emulator/emulator.js';
import { type Account, createShop, openAccount, settledSeconds, weightsOf } from '../aws-account.js';

/** The variant `a` of the endpoint `shop`. */
export const resource = {
  ServiceNamespace: 'sagemaker',
  ResourceId: 'endpoint/shop/variant/a',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;
export const ofTarget = { ServiceNamespace: 'sagemaker', ResourceId: resource.ResourceId } as const;

export const invocationsPerInstance = {
  PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance',
} as const;

/** An endpoint `shop` with the variants a and b, whose variant a gets all traffic. */
export async function openShop(options: EmulatorOptions = {}): Promise<Account> {
  const account = await openAccount({ pace: { spread: 0 }, ...options });
  await createShop(account, { a: 1, b: 0 });
  return account;
}

/** Registers the variant a, with target tracking on its invocations. Returns the names of both alarms. */
export async function track(
  { autoScaling }: Account,
  {
    limits: [MinCapacity, MaxCapacity] = [1, 8],
    target: TargetValue = 600,
    ...configuration
  }: {
    limits?: [number, number];
    target?: number;
    DisableScaleIn?: boolean;
    ScaleInCooldown?: number;
    ScaleOutCooldown?: number;
  } = {},
): Promise<string[]> {
  await autoScaling.registerScalableTarget({ ...resource, MinCapacity, MaxCapacity });
  const { Alarms = [] } = await autoScaling.putScalingPolicy({
    ...{ ...resource, PolicyName: 'invocations', PolicyType: 'TargetTrackingScaling' },
    TargetTrackingScalingPolicyConfiguration: {
      ...{ TargetValue, ...configuration },
      PredefinedMetricSpecification: invocationsPerInstance,
    },
  });
  return Alarms.map(({ AlarmName = '' }) => AlarmName);
}

export async function instancesOf({ sageMaker }: Account, variant = 'a'): Promise<number | undefined> {
  return (await weightsOf(sageMaker, 'shop'))[variant]?.count;
}

/** Newest first. */
export async function activitiesOf({ autoScaling }: Account, IncludeNotScaledActivities = false) {
  const request = { ...ofTarget, IncludeNotScaledActivities };
  return (await autoScaling.describeScalingActivities(request)).ScalingActivities ?? [];
}

/** The instances after each minute. */
export async function instancesByMinute(account: Account, minutes: number): Promise<(number | undefined)[]> {
  const counts: (number | undefined)[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    account.clock.advance(60);
    counts.push(await instancesOf(account));
  }
  return counts;
}

/** Changes the instances of the variant a, as a caller of SageMaker. */
export async function setInstances(account: Account, DesiredInstanceCount: number): Promise<void> {
  await account.sageMaker.updateEndpointWeightsAndCapacities({
    EndpointName: 'shop',
    DesiredWeightsAndCapacities: [{ VariantName: 'a', DesiredInstanceCount }],
  });
  account.clock.advance(settledSeconds);
}
