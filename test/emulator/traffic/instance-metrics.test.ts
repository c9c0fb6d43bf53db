import assert from 'node:assert/strict';
import { type Account, createShop, openAccount, settledSeconds, shopOf } from '../aws-account.js';

const latencyMs = { p50: 100, p99: 300 };
/** Mean of the log-normal latency, in seconds. */
const meanSeconds = 0.1 * Math.exp((Math.log(3) / 2.326) ** 2 / 2);

describe('emulated metrics of instances', () => {
  let account: Account;
  beforeEach(async () => {
    account = await openAccount({
      pace: { spread: 0 },
      lateMs: 20_000,
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }],
      behaviours: [{ model: 'a', latencyMs }],
    });
    await createShop(account, { a: 1, b: 0 });
  });
  afterEach(() => account.emulator.stop());

  /** Values of the last seconds, oldest first. */
  async function read(seconds: number, MetricName: string, Stat: string, Period: number, VariantName = 'a') {
    const Dimensions = [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'VariantName', Value: VariantName },
    ];
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: [
        {
          Id: 'm',
          MetricStat: { Metric: { Namespace: 'AWS/SageMaker', MetricName, Dimensions }, Period, Stat },
        },
      ],
      StartTime: new Date(account.clock.now() - seconds * 1000),
      EndTime: new Date(account.clock.now()),
      ScanBy: 'TimestampAscending',
    });
    return MetricDataResults?.[0]?.Values ?? [];
  }

  async function scaleTo(DesiredInstanceCount: number): Promise<void> {
    await shopOf(account).change('a', { DesiredInstanceCount });
    account.clock.advance(settledSeconds);
  }

  it('InvocationsPerInstance: sum -> invocations divided by the instances at their time', async () => {
    await scaleTo(4);
    account.clock.advance(300);
    const invocations = await read(240, 'Invocations', 'Sum', 60);
    const perInstance = await read(240, 'InvocationsPerInstance', 'Sum', 60);
    assert.ok(invocations.length >= 3);
    assert.deepEqual(
      perInstance.slice(1),
      invocations.slice(1).map((count) => count / 4),
    );
    assert.deepEqual(
      await read(240, 'InvocationsPerInstance', 'Maximum', 60),
      perInstance.map(() => 0.25),
    );
    // A range that is summed up from its minutes.
    const [whole = 0] = await read(180, 'InvocationsPerInstance', 'Sum', 86_400);
    const [all = 0] = await read(180, 'Invocations', 'Sum', 86_400);
    assert.ok(Math.abs(whole - all / 4) < 1e-6, `${whole} of ${all}`);
  });

  it('InvocationsPerInstance: instances change within a minute -> each request counts with those of its time', async () => {
    account.clock.advance(80);
    await scaleTo(2);
    account.clock.advance(120);
    const invocations = await read(240, 'Invocations', 'Sum', 60);
    const perInstance = await read(240, 'InvocationsPerInstance', 'Sum', 60);
    const shares = perInstance.map((value, minute) => value / (invocations[minute] ?? 0));
    assert.equal(shares[0], 1);
    assert.ok(
      shares.some((share) => share > 0.55 && share < 0.95),
      `${shares.join(', ')} has a mixed minute`,
    );
  });

  it('InvocationsPerInstance: real requests -> counted too', async () => {
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 0 });
    await shopOf(account).change('b', { DesiredInstanceCount: 2 });
    account.clock.advance(120);
    for (let request = 0; request < 4; request += 1)
      await account.runtime.invokeEndpoint({ EndpointName: 'shop', TargetVariant: 'b', Body: '{}' });
    account.clock.advance(100);
    assert.deepEqual(await read(240, 'InvocationsPerInstance', 'Sum', 60, 'b'), [2]);
  });

  it('ConcurrentRequestsPerModel: rate and latency -> requests at a time of each instance, every 10 s', async () => {
    await scaleTo(4);
    account.clock.advance(300);
    const perInstance = (100 * meanSeconds) / 4;
    const averages = await read(200, 'ConcurrentRequestsPerModel', 'Average', 10);
    assert.ok(averages.length >= 19, `${averages.length} points`);
    for (const value of averages)
      assert.ok(Math.abs(value / perInstance - 1) < 0.1, `${value} for ${perInstance}`);
    assert.deepEqual(new Set(await read(200, 'ConcurrentRequestsPerModel', 'SampleCount', 10)), new Set([4]));
    assert.equal((await read(180, 'ConcurrentRequestsPerModel', 'SampleCount', 60))[0], 24);
  });

  it('ConcurrentRequestsPerModel: traffic grows -> visible within ten seconds', async () => {
    account.clock.advance(310);
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 500 });
    account.clock.advance(10);
    const newest = (await read(60, 'ConcurrentRequestsPerModel', 'Average', 10)).at(-1) ?? 0;
    assert.ok(Math.abs(newest / (500 * meanSeconds) - 1) < 0.01, `${newest}`);
  });

  it('ConcurrentRequestsPerModel: older than three hours, or withheld -> none', async () => {
    account.clock.advance(4 * 3600);
    assert.ok((await read(3600, 'ConcurrentRequestsPerModel', 'Average', 60)).length > 50);
    const all = await read(4 * 3600, 'ConcurrentRequestsPerModel', 'Average', 60);
    assert.ok(all.length <= 181, `${all.length} minutes`);
    await account.emulator.withholdMetrics('shop', 'a');
    account.clock.advance(300);
    assert.deepEqual(await read(120, 'ConcurrentRequestsPerModel', 'Average', 10), []);
  });

  it('ConcurrentRequestsPerModel: target tracking on it -> scales out within a minute', async () => {
    const { autoScaling, clock, emulator } = account;
    const resource = {
      ServiceNamespace: 'sagemaker',
      ResourceId: 'endpoint/shop/variant/a',
      ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
    } as const;
    await autoScaling.registerScalableTarget({ ...resource, MinCapacity: 1, MaxCapacity: 8 });
    await autoScaling.putScalingPolicy({
      ...{ ...resource, PolicyName: 'concurrency', PolicyType: 'TargetTrackingScaling' },
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 20,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
        },
      },
    });
    clock.advance(600);
    const count = async () => (await shopOf(account).weights())['a']?.count;
    assert.equal(await count(), 1);
    await emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 500 });
    clock.advance(60);
    assert.equal(await count(), Math.ceil((500 * meanSeconds) / 20));
  });
});
