import assert from 'node:assert/strict';
import type { PutScalingPolicyRequest } from '@aws-sdk/client-application-auto-scaling';
import type { Account } from '../aws-account.js';
import { invocationsPerInstance, ofTarget, openShop, resource, track } from './scaled-shop.js';

const refused = (message: RegExp) => ({ name: 'ValidationException', message });
const dimensions = [
  { Name: 'EndpointName', Value: 'shop' },
  { Name: 'VariantName', Value: 'a' },
];

describe('emulated scaling policies', () => {
  let account: Account;
  beforeEach(async () => (account = await openShop()));
  afterEach(() => account.emulator.stop());

  const put = (request: Partial<PutScalingPolicyRequest>) =>
    account.autoScaling.putScalingPolicy({ ...resource, PolicyName: 'policy', ...request });
  const putTracking = (configuration: object, PolicyName = 'policy') =>
    put({
      ...{ PolicyName, PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 100, ...configuration },
    });
  const putSteps = (configuration: object) =>
    put({ PolicyType: 'StepScaling', StepScalingPolicyConfiguration: configuration });
  const register = () =>
    account.autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1, MaxCapacity: 8 });
  const describePolicies = async () =>
    (await account.autoScaling.describeScalingPolicies(ofTarget)).ScalingPolicies ?? [];
  const describeAlarms = async () => (await account.cloudWatch.describeAlarms({})).MetricAlarms ?? [];

  it('PutScalingPolicy: variant is not registered -> ObjectNotFoundException', async () => {
    await assert.rejects(putTracking({ PredefinedMetricSpecification: invocationsPerInstance }), {
      name: 'ObjectNotFoundException',
      message: `No scalable target registered for service namespace: sagemaker, resource ID: ${resource.ResourceId}, scalable dimension: ${resource.ScalableDimension}`,
    });
  });

  it('PutScalingPolicy: target tracking -> two alarms, 3 of 3 minutes above, 15 of 15 below 90 %', async () => {
    const names = await track(account, { target: 100 });
    assert.equal(names.length, 2);
    const [high, low] = await describeAlarms();
    const metric = (alarm: typeof high) => [
      alarm?.Namespace,
      alarm?.MetricName,
      alarm?.Statistic,
      alarm?.Period,
    ];
    assert.match(
      high?.AlarmName ?? '',
      /^TargetTracking-endpoint\/shop\/variant\/a-AlarmHigh-[0-9a-f-]{36}$/,
    );
    assert.match(low?.AlarmName ?? '', /^TargetTracking-endpoint\/shop\/variant\/a-AlarmLow-[0-9a-f-]{36}$/);
    for (const alarm of [high, low]) {
      assert.deepEqual(metric(alarm), ['AWS/SageMaker', 'InvocationsPerInstance', 'Sum', 60]);
      assert.deepEqual(alarm?.Dimensions, dimensions);
      assert.match(alarm.AlarmActions?.[0] ?? '', /:policyName\/invocations:createdBy\/[0-9a-f-]{36}$/);
    }
    const rule = (alarm: typeof high) => [
      alarm?.ComparisonOperator,
      alarm?.Threshold,
      alarm?.EvaluationPeriods,
    ];
    assert.deepEqual(rule(high), ['GreaterThanThreshold', 100, 3]);
    assert.deepEqual(rule(low), ['LessThanThreshold', 90, 15]);
    const [policy] = await describePolicies();
    assert.match(
      policy?.PolicyARN ?? '',
      /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]{36}:resource\/sagemaker\/endpoint\/shop\/variant\/a:policyName\/invocations$/,
    );
    assert.deepEqual(
      policy?.Alarms,
      [high, low].map((alarm) => ({ AlarmName: alarm?.AlarmName, AlarmARN: alarm?.AlarmArn })),
    );
    assert.deepEqual(policy.TargetTrackingScalingPolicyConfiguration, {
      TargetValue: 100,
      PredefinedMetricSpecification: invocationsPerInstance,
    });
  });

  it('PutScalingPolicy: again -> same ARN, new alarms in the place of the old ones', async () => {
    const before = await track(account);
    const [first] = await describePolicies();
    account.clock.advance(60);
    const after = await track(account, { target: 50, DisableScaleIn: true });
    const [second] = await describePolicies();
    assert.equal(second?.PolicyARN, first?.PolicyARN);
    assert.deepEqual(second?.CreationTime, first?.CreationTime);
    assert.equal(after.length, 1, 'without scaling in there is no alarm for it');
    assert.ok(!before.includes(after[0] ?? ''));
    assert.deepEqual(
      (await describeAlarms()).map(({ AlarmName }) => AlarmName),
      after,
    );
  });

  it('PutScalingPolicy: high-resolution metric -> alarms on ten seconds', async () => {
    await register();
    const PredefinedMetricType = 'SageMakerVariantConcurrentRequestsPerModelHighResolution';
    await putTracking({ PredefinedMetricSpecification: { PredefinedMetricType } });
    const alarms = await describeAlarms();
    assert.deepEqual(
      alarms.map(({ MetricName, Statistic, Period, EvaluationPeriods }) => [
        ...[MetricName, Statistic, Period, EvaluationPeriods],
      ]),
      [
        ['ConcurrentRequestsPerModel', 'Average', 10, 3],
        ['ConcurrentRequestsPerModel', 'Average', 10, 90],
      ],
    );
  });

  it('PutScalingPolicy: customized metric, metric math -> alarms on it', async () => {
    await register();
    const metric = {
      Namespace: '/aws/sagemaker/Endpoints',
      MetricName: 'CPUUtilization',
      Dimensions: dimensions,
    };
    await putTracking(
      { CustomizedMetricSpecification: { ...metric, Statistic: 'Average', Unit: 'Percent' } },
      'cpu',
    );
    const Metrics = [
      { Id: 'cpu', MetricStat: { Metric: metric, Stat: 'Average' }, ReturnData: false },
      { Id: 'half', Expression: 'cpu / 2', ReturnData: true },
    ];
    await putTracking({ CustomizedMetricSpecification: { Metrics } }, 'math');
    const alarms = (await describeAlarms()).filter((alarm) => alarm.EvaluationPeriods === 3);
    const high = alarms.find(({ MetricName }) => MetricName !== undefined);
    const mathHigh = alarms.find(({ Metrics: queries }) => queries !== undefined);
    assert.deepEqual(
      [high?.Namespace, high?.MetricName, high?.Statistic, high?.Unit, high?.Period],
      ['/aws/sagemaker/Endpoints', 'CPUUtilization', 'Average', 'Percent', 60],
    );
    assert.deepEqual(
      mathHigh?.Metrics?.map(({ Id, Expression, MetricStat }) => [Id, Expression, MetricStat?.Period]),
      [
        ['cpu', undefined, 60],
        ['half', 'cpu / 2', undefined],
      ],
    );
  });

  it('PutScalingPolicy: invalid target tracking -> refused, no alarms', async () => {
    await register();
    const cases: [configuration: object, message: RegExp][] = [
      [{}, /Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification/],
      [{ PredefinedMetricSpecification: invocationsPerInstance, TargetValue: 0 }, /greater than zero/],
      [{ PredefinedMetricSpecification: invocationsPerInstance, ScaleInCooldown: -1 }, /cannot be negative/],
      [
        { PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' } },
        /^The metric type ECSServiceAverageCPUUtilization is not supported/,
      ],
      [{ PredefinedMetricSpecification: { ...invocationsPerInstance, ResourceLabel: 'x' } }, /ResourceLabel/],
      [{ CustomizedMetricSpecification: { MetricName: 'x' } }, /Namespace and Statistic must be specified/],
      [
        { CustomizedMetricSpecification: { Metrics: [{ Id: 'a', Expression: 'unknown + 1' }] } },
        /Unknown identifier 'unknown'/,
      ],
    ];
    for (const [configuration, message] of cases)
      await assert.rejects(putTracking(configuration), refused(message));
    await assert.rejects(put({}), refused(/PolicyType must be specified/));
    await assert.rejects(put({ PolicyType: 'TargetTrackingScaling' }), refused(/must be specified$/));
    await assert.rejects(put({ PolicyType: 'PredictiveScaling' }), refused(/only supported for Amazon ECS/));
    assert.deepEqual([await describeAlarms(), await describePolicies()], [[], []]);
  });

  it('PutScalingPolicy: second policy on the same metric -> refused', async () => {
    await track(account);
    await assert.rejects(
      putTracking({ PredefinedMetricSpecification: invocationsPerInstance }, 'second'),
      refused(/^Only one TargetTrackingScaling policy for a given metric specification is allowed\.$/),
    );
    await putTracking({ PredefinedMetricSpecification: invocationsPerInstance }, 'invocations');
  });

  it('PutScalingPolicy: steps -> stored, and the alarms that name the policy are listed', async () => {
    await register();
    const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }];
    const { PolicyARN = '', Alarms } = await putSteps({
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments,
    });
    assert.deepEqual(Alarms, []);
    await account.cloudWatch.putMetricAlarm({
      ...{ AlarmName: 'mine', Namespace: 'N', MetricName: 'm', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      AlarmActions: [PolicyARN, 'arn:aws:sns:us-east-1:123456789012:topic'],
    });
    const [policy] = await describePolicies();
    assert.deepEqual(
      policy?.Alarms?.map(({ AlarmName }) => AlarmName),
      ['mine'],
    );
    assert.deepEqual(policy.StepScalingPolicyConfiguration, {
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments,
    });
    await account.autoScaling.deleteScalingPolicy({ ...resource, PolicyName: 'policy' });
    const [left] = await describeAlarms();
    assert.deepEqual(left?.AlarmActions, ['arn:aws:sns:us-east-1:123456789012:topic']);
  });

  it('PutScalingPolicy: invalid steps -> refused', async () => {
    await register();
    const steps = (...StepAdjustments: object[]) => ({ AdjustmentType: 'ChangeInCapacity', StepAdjustments });
    const step = (low: number | undefined, high: number | undefined, ScalingAdjustment = 1) => ({
      ...(low === undefined ? {} : { MetricIntervalLowerBound: low }),
      ...(high === undefined ? {} : { MetricIntervalUpperBound: high }),
      ScalingAdjustment,
    });
    const cases: [configuration: object, message: RegExp][] = [
      [{ StepAdjustments: [step(0, undefined)] }, /AdjustmentType must be specified/],
      [steps(), /At least one step adjustment/],
      [steps(step(0, 10), step(5, undefined)), /overlap/],
      [steps(step(0, 10), step(20, undefined)), /gap/],
      [steps(step(10, 10)), /greater than its lower bound/],
      [steps(step(-10, 0)), /empty lower bound/],
      [steps(step(0, 10)), /empty upper bound/],
      [{ ...steps(step(0, undefined)), MinAdjustmentMagnitude: 2 }, /PercentChangeInCapacity/],
      [{ ...steps(step(0, undefined, -1)), AdjustmentType: 'ExactCapacity' }, /cannot be negative/],
    ];
    for (const [configuration, message] of cases)
      await assert.rejects(putSteps(configuration), refused(message));
    const many = Array.from({ length: 21 }, (_, index) => step(index, index === 20 ? undefined : index + 1));
    await assert.rejects(putSteps(steps(...many)), { name: 'LimitExceededException' });
  });

  it('PutScalingPolicy: more than 50 policies -> LimitExceededException; described in pages of 10', async () => {
    await register();
    const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
    const putNumber = (number: number) =>
      put({
        ...{ PolicyName: `policy-${number}`, PolicyType: 'StepScaling' },
        StepScalingPolicyConfiguration: { AdjustmentType: 'ChangeInCapacity', StepAdjustments },
      });
    for (let number = 0; number < 50; number += 1) await putNumber(number);
    await assert.rejects(putNumber(50), { name: 'LimitExceededException' });
    const { ScalingPolicies, NextToken } = await account.autoScaling.describeScalingPolicies(ofTarget);
    assert.equal(ScalingPolicies?.length, 10);
    assert.ok(NextToken);
    const named = { ...ofTarget, PolicyNames: ['policy-7', 'unknown'] };
    assert.equal((await account.autoScaling.describeScalingPolicies(named)).ScalingPolicies?.length, 1);
  });

  it('DeleteScalingPolicy: target tracking -> its alarms are deleted; unknown policy -> not found', async () => {
    await track(account);
    await account.autoScaling.deleteScalingPolicy({ ...resource, PolicyName: 'invocations' });
    assert.deepEqual([await describeAlarms(), await describePolicies()], [[], []]);
    await assert.rejects(
      account.autoScaling.deleteScalingPolicy({ ...resource, PolicyName: 'invocations' }),
      {
        name: 'ObjectNotFoundException',
        message: /^No scaling policy found for .*policy name: invocations$/,
      },
    );
  });
});
