import assert from 'node:assert/strict';
import type { DeploymentConfig, UpdateEndpointInput } from '@aws-sdk/client-sagemaker';
import { type Account, createModels, openAccount, settledSeconds } from '../aws-account.js';

const canary = (size: number): DeploymentConfig => ({
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: 'CANARY',
      WaitIntervalInSeconds: 120,
      CanarySize: { Type: 'CAPACITY_PERCENT', Value: size },
    },
    TerminationWaitInSeconds: 60,
    MaximumExecutionTimeoutInSeconds: 600,
  },
});

const rolling: DeploymentConfig = {
  RollingUpdatePolicy: {
    MaximumBatchSize: { Type: 'INSTANCE_COUNT', Value: 2 },
    WaitIntervalInSeconds: 60,
    RollbackMaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 50 },
  },
};

/** Longer than the start of a fleet at the fast pace, and shorter than any wait of these deployments. */
const provisionedSeconds = 8;

describe('emulated deployment guardrails', () => {
  let account: Account;
  const endpoint = () => account.sageMaker.describeEndpoint({ EndpointName: 'shop' });

  beforeEach(async () => {
    account = await openAccount({
      pace: { rollingBack: 10 },
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }],
      behaviours: [
        { model: 'old', latencyMs: { p50: 10, p99: 20 }, response: 'old' },
        { model: 'new', latencyMs: { p50: 1000, p99: 1100 }, response: 'new' },
      ],
    });
    await createModels(account.sageMaker, 'old', 'new');
    await createConfigOf('old');
    await createConfigOf('new');
    await account.sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'old' });
    account.clock.advance(settledSeconds);
  });
  afterEach(() => account.emulator.stop());

  const createConfigOf = (ModelName: string, VariantName = 'main', InstanceType = 'ml.m5.large') =>
    account.sageMaker.createEndpointConfig({
      EndpointConfigName: ModelName + (VariantName === 'main' ? '' : `-${VariantName}`),
      ProductionVariants: [
        { VariantName, ModelName, InstanceType: InstanceType as 'ml.m5.large', InitialInstanceCount: 4 },
      ],
    });

  const update = (DeploymentConfig: DeploymentConfig, rest: Partial<UpdateEndpointInput> = {}) =>
    account.sageMaker.updateEndpoint({
      EndpointName: 'shop',
      EndpointConfigName: 'new',
      DeploymentConfig,
      ...rest,
    });

  const createAlarm = async (StateValue: 'OK' | 'ALARM') => {
    await account.cloudWatch.putMetricAlarm({
      AlarmName: 'guard',
      Namespace: 'Own',
      MetricName: 'm',
      Period: 60,
      Statistic: 'Sum',
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
    });
    await account.cloudWatch.setAlarmState({ AlarmName: 'guard', StateValue, StateReason: 'test' });
  };

  const stage = async () => {
    const { EndpointStatus, EndpointConfigName, PendingDeploymentSummary } = await endpoint();
    const pending = PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status;
    return [EndpointStatus, EndpointConfigName, pending];
  };

  /** Share of 200 real requests that the new model serves. */
  const newShare = async () => {
    let answered = 0;
    for (let request = 0; request < 200; request += 1) {
      const { Body } = await account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' });
      if (Body.transformToString() === '"new"') answered += 1;
    }
    return answered / 200;
  };

  it('canary deployment: success -> canary share, bake, all traffic, termination wait', async () => {
    await update(canary(20));
    assert.deepEqual(await stage(), ['Updating', 'old', 'Creating']);
    account.clock.advance(provisionedSeconds);
    assert.deepEqual(await stage(), ['Updating', 'old', 'Baking']);
    const share = await newShare();
    assert.ok(share > 0.1 && share < 0.3, `share ${share}`);
    account.clock.advance(120);
    assert.deepEqual(await stage(), ['Updating', 'old', 'Baking']);
    assert.equal(await newShare(), 1);
    account.clock.advance(65);
    assert.deepEqual(await stage(), ['InService', 'new', undefined]);
    assert.deepEqual((await endpoint()).LastDeploymentConfig, canary(20));
  });

  it("canary deployment: during the bake -> the variant's metrics mix both fleets", async () => {
    await update(canary(50));
    account.clock.advance(180);
    const end = account.clock.now();
    account.clock.advance(10);
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: ['p10', 'p90'].map((Stat) => ({
        Id: Stat,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SageMaker',
            MetricName: 'ModelLatency',
            Dimensions: [
              { Name: 'EndpointName', Value: 'shop' },
              { Name: 'VariantName', Value: 'main' },
            ],
          },
          Period: 60,
          Stat,
        },
      })),
      StartTime: new Date(end - 130_000),
      EndTime: new Date(end - 60_000),
    });
    const [low = 0, high = 0] = (MetricDataResults ?? []).map((each) => each.Values?.[0] ?? 0);
    assert.ok(low < 50_000 && high > 500_000, `p10 ${low}, p90 ${high} microseconds`);
  });

  it('guarded deployment: alarm -> rolled back to the old config with a reason', async () => {
    await createAlarm('OK');
    await update({
      ...canary(20),
      AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'guard' }] },
    });
    account.clock.advance(provisionedSeconds);
    assert.deepEqual(await stage(), ['Updating', 'old', 'Baking']);
    await account.cloudWatch.setAlarmState({ AlarmName: 'guard', StateValue: 'ALARM', StateReason: 'test' });
    account.clock.advance(6);
    assert.equal((await endpoint()).EndpointStatus, 'RollingBack');
    assert.equal(await newShare(), 0, 'the old fleet takes all traffic at once');
    account.clock.advance(settledSeconds);
    const { EndpointStatus, EndpointConfigName, FailureReason } = await endpoint();
    assert.deepEqual([EndpointStatus, EndpointConfigName], ['InService', 'old']);
    assert.match(FailureReason ?? '', /ALARM state during the deployment: guard/);
  });

  it('linear deployment: step size -> traffic grows in these steps', async () => {
    await update({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'LINEAR',
          WaitIntervalInSeconds: 60,
          LinearStepSize: { Type: 'INSTANCE_COUNT', Value: 1 },
        },
      },
    });
    account.clock.advance(provisionedSeconds);
    const shares: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      shares.push(await newShare());
      account.clock.advance(60.7);
    }
    shares.forEach((share, step) =>
      assert.ok(Math.abs(share - 0.25 * (step + 1)) < 0.1, `${shares.join(' ')}`),
    );
    account.clock.advance(settledSeconds);
    assert.equal((await endpoint()).EndpointConfigName, 'new');
  });

  it('rolling deployment: batch size -> instances are replaced in batches', async () => {
    await update(rolling);
    account.clock.advance(provisionedSeconds);
    const { ProductionVariants, PendingDeploymentSummary } = await endpoint();
    assert.equal(ProductionVariants?.[0]?.CurrentInstanceCount, 2);
    assert.equal(PendingDeploymentSummary?.ProductionVariants?.[0]?.CurrentInstanceCount, 2);
    account.clock.advance(130);
    assert.deepEqual(await stage(), ['InService', 'new', undefined]);
  });

  it('guarded deployment: the rollback fails -> both configs keep serving', async () => {
    account.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'rollbackFailed' });
    await update(rolling);
    account.clock.advance(20);
    const { EndpointStatus, EndpointConfigName, FailureReason } = await endpoint();
    assert.deepEqual([EndpointStatus, EndpointConfigName], ['UpdateRollbackFailed', 'old']);
    assert.ok(FailureReason);
    const share = await newShare();
    assert.ok(share > 0.35 && share < 0.65, `share ${share}`);
    await account.sageMaker.updateEndpoint({ EndpointName: 'shop', EndpointConfigName: 'old' });
    account.clock.advance(settledSeconds);
    assert.equal((await endpoint()).EndpointStatus, 'InService');
    assert.equal(await newShare(), 0);
  });

  it('guarded deployment: longer than MaximumExecutionTimeoutInSeconds -> rolled back', async () => {
    await update({
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: {
          Type: 'CANARY',
          WaitIntervalInSeconds: 595,
          CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 },
        },
        MaximumExecutionTimeoutInSeconds: 600,
      },
    });
    account.clock.advance(620);
    const { EndpointStatus, EndpointConfigName, FailureReason } = await endpoint();
    assert.deepEqual([EndpointStatus, EndpointConfigName], ['InService', 'old']);
    assert.match(FailureReason ?? '', /MaximumExecutionTimeoutInSeconds/);
  });

  it('deployment config: invalid sizes, waits, alarms or variant names -> refused', async () => {
    await createConfigOf('new', 'other');
    const refused = (message: RegExp) => ({ name: 'ValidationException', message });
    await assert.rejects(update(canary(60)), refused(/CanarySize must be less than or equal to 50%/));
    await assert.rejects(update({ ...canary(20), ...rolling }), refused(/only one of/));
    await assert.rejects(
      update({ ...canary(20), AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'none' }] } }),
      refused(/alarm "none" does not exist/),
    );
    await assert.rejects(
      update(canary(20), { EndpointConfigName: 'new-other' }),
      refused(/same variant names/),
    );
    const { BlueGreenUpdatePolicy: policy } = canary(20);
    await assert.rejects(
      update({
        BlueGreenUpdatePolicy: {
          ...policy,
          TrafficRoutingConfiguration: {
            ...policy!.TrafficRoutingConfiguration!,
            WaitIntervalInSeconds: 3600,
          },
        },
      }),
      refused(/must be larger than the total/),
    );
    assert.equal((await endpoint()).EndpointStatus, 'InService');
  });

  it('guardrails: unsupported instance family -> silently not applied', async () => {
    await account.sageMaker.createEndpointConfig({
      EndpointConfigName: 'inferentia',
      ProductionVariants: [
        { VariantName: 'main', ModelName: 'new', InstanceType: 'ml.inf1.xlarge', InitialInstanceCount: 4 },
      ],
    });
    await update(canary(20), { EndpointConfigName: 'inferentia' });
    account.clock.advance(settledSeconds);
    assert.deepEqual(await stage(), ['InService', 'inferentia', undefined]);
  });

  it('RetainDeploymentConfig: set -> the last guardrails are used again, and others are refused', async () => {
    await update(canary(20));
    account.clock.advance(200);
    const again = { EndpointName: 'shop', EndpointConfigName: 'old', RetainDeploymentConfig: true };
    await assert.rejects(account.sageMaker.updateEndpoint({ ...again, DeploymentConfig: canary(20) }), {
      name: 'ValidationException',
    });
    await account.sageMaker.updateEndpoint(again);
    account.clock.advance(provisionedSeconds);
    assert.deepEqual(await stage(), ['Updating', 'new', 'Baking']);
  });
});
