import assert from 'node:assert/strict';
import type { EmulatorOptions } from '../../../src/emulator/emulator.js';
import { type Account, createConfig, settledSeconds, shopOf } from '../aws-account.js';
import {
  activitiesOf,
  instancesByMinute,
  instancesOf,
  openShop,
  resource,
  setInstances,
  track,
} from './scaled-shop.js';

const withTraffic = (requestsPerSecond: number): EmulatorOptions => ({
  traffic: [{ endpoint: 'shop', requestsPerSecond }],
});

describe('emulated target tracking', () => {
  let account: Account;
  const open = async (options: EmulatorOptions = {}) => (account = await openShop(options));
  afterEach(() => account.emulator.stop());

  const setTraffic = (requestsPerSecond: number) =>
    account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond });
  const suspend = (SuspendedState: object) =>
    account.autoScaling.registerScalableTarget({ ...resource, SuspendedState });

  it('target tracking: 3 minutes above the target -> scales out by the ratio, with an activity', async () => {
    await open(withTraffic(30));
    const [high] = await track(account, { target: 600 });
    // 1,800 invocations a minute need 3 instances of 600, or 4 if the draw is above.
    const [first, second, third, fourth] = await instancesByMinute(account, 4);
    assert.deepEqual([first, second], [1, 1]);
    account.clock.advance(settledSeconds);
    const count = await instancesOf(account);
    assert.ok(count === 3 || count === 4, `${third}, ${fourth}, ${count} instances`);
    const [activity] = await activitiesOf(account);
    assert.deepEqual(
      [activity?.Description, activity?.Cause, activity?.StatusCode],
      [
        `Setting desired instance count to ${count}.`,
        `monitor alarm ${high} in state ALARM triggered policy invocations`,
        'Successful',
      ],
    );
  });

  it('target tracking: above the maximum -> the maximum, and no further activity', async () => {
    await open(withTraffic(100));
    await track(account, { target: 600, limits: [1, 2] });
    const counts = await instancesByMinute(account, 20);
    assert.equal(Math.max(...counts.map((count) => count ?? 0)), 2);
    assert.equal((await activitiesOf(account)).length, 1);
    const [newest] = await activitiesOf(account, true);
    assert.deepEqual(newest?.NotScaledReasons, [{ Code: 'AlreadyAtMaxCapacity', MaxCapacity: 2 }]);
    assert.equal(newest?.StatusCode, 'Failed');
  });

  it('target tracking: 15 minutes below 90 % -> scales in by one instance each cooldown', async () => {
    await open(withTraffic(10));
    await track(account, { target: 600, limits: [1, 8] });
    await setInstances(account, 4);
    const counts = await instancesByMinute(account, 35);
    const steps = counts.filter((count, minute) => count !== counts[minute - 1]);
    assert.deepEqual(steps.slice(0, 3), [4, 3, 2]);
    const changed = (count: number) => counts.indexOf(count);
    assert.ok(changed(3) >= 14, `scaled in after ${changed(3)} minutes`);
    assert.ok(changed(2) - changed(3) >= 5, 'the cooldown is five minutes');
  });

  it('target tracking: one instance less would exceed the target -> stays', async () => {
    await open(withTraffic(17));
    await track(account, { target: 600, limits: [1, 8] });
    await setInstances(account, 2);
    // 510 invocations a minute and instance: below 540, and above 600 with one instance.
    assert.equal((await instancesByMinute(account, 30)).at(-1), 2);
    assert.deepEqual(await activitiesOf(account), []);
    assert.equal(
      (await activitiesOf(account, true))[0]?.NotScaledReasons?.[0]?.Code,
      'AlreadyAtDesiredCapacity',
    );
  });

  it('target tracking: without traffic -> no data, no scaling', async () => {
    await open();
    await track(account, { limits: [1, 8] });
    await setInstances(account, 4);
    assert.equal((await instancesByMinute(account, 40)).at(-1), 4);
  });

  it('target tracking: DisableScaleIn -> never scales in', async () => {
    await open(withTraffic(10));
    await track(account, { limits: [1, 8], DisableScaleIn: true });
    await setInstances(account, 4);
    assert.equal((await instancesByMinute(account, 40)).at(-1), 4);
  });

  it('scale-out cooldown: more traffic within it -> only a larger scale-out; after it -> scales out', async () => {
    await open(withTraffic(15));
    await track(account, { target: 600, limits: [1, 20], ScaleOutCooldown: 3600 });
    await instancesByMinute(account, 5);
    const first = await instancesOf(account);
    assert.ok(first === 2, `${first} instances`);
    // A scale-out of one instance, like the last one.
    await setTraffic(22);
    assert.equal((await instancesByMinute(account, 15)).at(-1), 2);
    await setTraffic(100);
    await instancesByMinute(account, 15);
    const larger = (await instancesOf(account)) ?? 0;
    assert.ok(larger >= 5, `${larger} instances`);
  });

  it('suspended: scaling out -> stays; resumed -> scales out', async () => {
    await open(withTraffic(30));
    await track(account);
    await suspend({ DynamicScalingOutSuspended: true });
    assert.equal((await instancesByMinute(account, 10)).at(-1), 1);
    await suspend({ DynamicScalingOutSuspended: false });
    assert.ok(((await instancesByMinute(account, 3)).at(-1) ?? 0) > 1);
  });

  it('suspended: scaling in -> stays; resumed -> scales in', async () => {
    await open(withTraffic(10));
    await track(account);
    await suspend({ DynamicScalingInSuspended: true });
    await setInstances(account, 4);
    assert.equal((await instancesByMinute(account, 25)).at(-1), 4);
    await suspend({ DynamicScalingInSuspended: false });
    assert.equal((await instancesByMinute(account, 3)).at(-1), 3);
  });

  it('endpoint is Updating: alarm in ALARM -> no scaling until the update ends', async () => {
    await open({ ...withTraffic(30), pace: { spread: 0, updating: 1200 } });
    await track(account);
    await createConfig(account.sageMaker, 'next', { a: 1, b: 0 });
    await shopOf(account).update('next');
    assert.equal((await instancesByMinute(account, 15)).at(-1), 1);
    assert.deepEqual(await activitiesOf(account), []);
    assert.ok(((await instancesByMinute(account, 10)).at(-1) ?? 0) > 1);
  });

  it('instance limit: beyond it -> the activity fails, the instances stay', async () => {
    await open({
      ...withTraffic(30),
      sageMaker: { instanceLimits: { 'ml.m5.large for endpoint usage': 2 } },
    });
    await track(account);
    await instancesByMinute(account, 5);
    assert.equal(await instancesOf(account), 1);
    const [activity] = await activitiesOf(account);
    assert.equal(activity?.StatusCode, 'Failed');
    assert.match(
      activity.StatusMessage ?? '',
      /^Failed to set desired instance count to \d\. Reason: The account-level service limit 'ml\.m5\.large for endpoint usage' is 2 Instances,.*Error Code: ResourceLimitExceeded;/,
    );
  });

  it('no capacity in the region: scale-out -> the activity fails with the reason', async () => {
    await open(withTraffic(30));
    await track(account);
    await account.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 0 });
    await instancesByMinute(account, 4);
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 1);
    const failed = (await activitiesOf(account)).find(({ StatusCode }) => StatusCode === 'Failed');
    assert.match(failed?.StatusMessage ?? '', /Reason: Unable to provision requested ML compute capacity/);
  });

  it('present instances outside of the limits: alarm -> moved into them at once', async () => {
    await open(withTraffic(10));
    await track(account, { target: 600, limits: [1, 3] });
    await setInstances(account, 6);
    const counts = await instancesByMinute(account, 20);
    assert.deepEqual([...new Set(counts)].slice(0, 2), [6, 3]);
  });

  it('customized metric: PutMetricData above the target -> scales out', async () => {
    await open();
    const { autoScaling, cloudWatch, clock } = account;
    await autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1, MaxCapacity: 8 });
    await autoScaling.putScalingPolicy({
      ...{ ...resource, PolicyName: 'queue', PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 10,
        CustomizedMetricSpecification: {
          Metrics: [
            {
              Id: 'queue',
              MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Queue' }, Stat: 'Average' },
              ReturnData: false,
            },
            { Id: 'doubled', Expression: 'queue * 2' },
          ],
        },
      },
    });
    for (let minute = 0; minute < 5; minute += 1) {
      await cloudWatch.putMetricData({ Namespace: 'Shop', MetricData: [{ MetricName: 'Queue', Value: 15 }] });
      clock.advance(60);
    }
    assert.equal(await instancesOf(account), 3);
  });

  it('scaling rule: option of the emulator -> a target and a policy of an endpoint that is created', async () => {
    const rule = { variant: 'a', targetInvocationsPerInstance: 600, minCount: 2, maxCount: 4 };
    await open({ sageMaker: { scaling: [{ endpoint: 'shop', ...rule, cooldownSeconds: 60 }] } });
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 2);
    const { autoScaling, emulator } = account;
    const { ScalingPolicies } = await autoScaling.describeScalingPolicies({ ServiceNamespace: 'sagemaker' });
    const [policy] = ScalingPolicies ?? [];
    assert.deepEqual(
      [
        policy?.ResourceId,
        policy?.PolicyName,
        policy?.TargetTrackingScalingPolicyConfiguration?.ScaleInCooldown,
      ],
      ['endpoint/shop/variant/a', 'SageMakerEndpointInvocationScalingPolicy', 60],
    );
    await emulator.cause({ event: 'stopScaling', endpoint: 'shop', variant: 'a' });
    await emulator.cause({ event: 'scaling', endpoint: 'shop', ...rule, variant: 'b' });
    const { ScalableTargets } = await autoScaling.describeScalableTargets({ ServiceNamespace: 'sagemaker' });
    assert.deepEqual(
      ScalableTargets?.map(({ ResourceId }) => ResourceId),
      ['endpoint/shop/variant/b'],
    );
  });
});

describe('emulated step scaling', () => {
  let account: Account;
  afterEach(() => account.emulator.stop());

  /** An alarm on the custom metric `Queue` that invokes a policy with these steps. Returns a function that sets the metric. */
  async function openSteps(configuration: object, operator: 'GreaterThanThreshold' | 'LessThanThreshold') {
    account = await openShop();
    const { autoScaling, cloudWatch, clock } = account;
    await autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1, MaxCapacity: 20 });
    const { PolicyARN = '' } = await autoScaling.putScalingPolicy({
      ...{ ...resource, PolicyName: 'steps', PolicyType: 'StepScaling' },
      StepScalingPolicyConfiguration: { Cooldown: 600, ...configuration },
    });
    await cloudWatch.putMetricAlarm({
      ...{ AlarmName: 'queue', Namespace: 'Shop', MetricName: 'Queue', Statistic: 'Average', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 50, ComparisonOperator: operator, AlarmActions: [PolicyARN] },
    });
    return async (Value: number) => {
      await cloudWatch.putMetricData({ Namespace: 'Shop', MetricData: [{ MetricName: 'Queue', Value }] });
      clock.advance(60 + settledSeconds);
      return instancesOf(account);
    };
  }

  const steps = [
    { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 1 },
    { MetricIntervalLowerBound: 10, ScalingAdjustment: 3 },
  ];

  it('step scaling: distance from the threshold -> the step of that distance', async () => {
    const setQueue = await openSteps(
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments: steps },
      'GreaterThanThreshold',
    );
    assert.equal(await setQueue(50), 1);
    assert.equal(await setQueue(55), 2);
    // Within the cooldown, the instance that the last step added counts as one of the three.
    assert.equal(await setQueue(60), 4);
    const [activity] = await activitiesOf(account);
    assert.equal(activity?.Cause, 'monitor alarm queue in state ALARM triggered policy steps');
  });

  it('step scaling: same step within the cooldown -> stays, after it -> again', async () => {
    const setQueue = await openSteps(
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments: steps },
      'GreaterThanThreshold',
    );
    for (let minute = 0; minute < 8; minute += 1) assert.equal(await setQueue(55), 2);
    for (let minute = 0; minute < 3; minute += 1) await setQueue(55);
    assert.equal(await instancesOf(account), 3);
  });

  it('step scaling: below the threshold -> scales in, the upper bound is inclusive', async () => {
    const StepAdjustments = [
      { MetricIntervalUpperBound: -10, ScalingAdjustment: -2 },
      { MetricIntervalLowerBound: -10, MetricIntervalUpperBound: 0, ScalingAdjustment: -1 },
    ];
    const setQueue = await openSteps(
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments, Cooldown: 0 },
      'LessThanThreshold',
    );
    await setInstances(account, 6);
    assert.equal(await setQueue(41), 5);
    assert.equal(await setQueue(40), 3);
  });

  it('step scaling: percent, exact capacity -> rounded away from no change, and exact', async () => {
    const percent = { AdjustmentType: 'PercentChangeInCapacity', MinAdjustmentMagnitude: 2 } as const;
    const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 50 }];
    const setQueue = await openSteps({ ...percent, StepAdjustments, Cooldown: 0 }, 'GreaterThanThreshold');
    assert.equal(await setQueue(60), 3);
    assert.equal(await setQueue(60), 5);
    assert.equal(await setQueue(60), 7);
    assert.equal(await setQueue(60), 10);
    await account.autoScaling.putScalingPolicy({
      ...{ ...resource, PolicyName: 'steps' },
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ExactCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 4 }],
      },
    });
    assert.equal(await setQueue(60), 4);
  });

  it('step scaling: SetAlarmState without a datapoint -> no scaling', async () => {
    await openSteps({ AdjustmentType: 'ChangeInCapacity', StepAdjustments: steps }, 'GreaterThanThreshold');
    await account.cloudWatch.setAlarmState({ AlarmName: 'queue', StateValue: 'ALARM', StateReason: 'test' });
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 1);
  });
});
