import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import { startEmulator } from '../../../src/emulator/emulator.js';
import {
  type Account,
  clientsOf,
  createModels,
  openAccount,
  settledSeconds,
  shopOf,
} from '../aws-account.js';

const namespace = '/aws/sagemaker/Endpoints';

describe('metrics of emulated instances', () => {
  let account: Account;
  const latencyMs = { p50: 100, p99: 101 };
  beforeEach(async () => {
    account = await openAccount({ behaviours: [{ model: 'a', latencyMs }], lateMs: 5_000 });
  });
  afterEach(() => account.emulator.stop());

  async function createShop(variant: Partial<ProductionVariant> = {}) {
    const { sageMaker, clock } = account;
    await createModels(sageMaker, 'a');
    await sageMaker.createEndpointConfig({
      EndpointConfigName: 'c',
      ProductionVariants: [
        {
          VariantName: 'a',
          ModelName: 'a',
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
          ...variant,
        },
      ],
    });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    clock.advance(settledSeconds);
  }

  /** Means of the last minutes, oldest first. */
  async function means(MetricName: string, { minutes = 1, Stat = 'Average' } = {}, from = account) {
    const end = Math.floor(account.clock.now() / 60_000) * 60_000;
    const Dimensions = [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'VariantName', Value: 'a' },
    ];
    const { MetricDataResults } = await from.cloudWatch.getMetricData({
      MetricDataQueries: [
        {
          Id: 'm',
          MetricStat: { Metric: { Namespace: namespace, MetricName, Dimensions }, Period: 60, Stat },
        },
      ],
      StartTime: new Date(end - minutes * 60_000),
      EndTime: new Date(end),
      ScanBy: 'TimestampAscending',
    });
    return MetricDataResults?.[0]?.Values ?? [];
  }

  const isNear = (value: number | undefined, wanted: number, about: string) =>
    assert.ok(
      value !== undefined && Math.abs(value - wanted) < 0.15 * wanted,
      `${about}: ${value} for ${wanted}`,
    );

  it('instance metrics: idle -> published, low', async () => {
    await createShop();
    account.clock.advance(120);
    const [cpu = 0] = await means('CPUUtilization');
    assert.ok(cpu > 0 && cpu < 5, `${cpu}`);
    assert.equal((await means('MemoryUtilization')).length, 1);
    assert.equal((await means('DiskUtilization')).length, 1);
    const { Metrics } = await account.cloudWatch.listMetrics({ Namespace: namespace });
    assert.deepEqual(Metrics?.map(({ MetricName }) => MetricName).sort(), [
      ...['CPUUtilization', 'DiskUtilization', 'MemoryUtilization'],
    ]);
  });

  it('instance metrics: traffic and instances -> follow the requests of one instance', async () => {
    await createShop();
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 10 });
    account.clock.advance(125);
    // 10 requests a second of 0.1 s each use one core.
    isNear((await means('CPUUtilization'))[0], 102, 'one instance');
    await shopOf(account).change('a', { DesiredInstanceCount: 4 });
    account.clock.advance(180);
    isNear((await means('CPUUtilization'))[0], 27, 'four instances');
    assert.deepEqual(await means('CPUUtilization', { Stat: 'SampleCount' }), [4]);
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 1000 });
    account.clock.advance(185);
    assert.deepEqual(await means('CPUUtilization', { Stat: 'Maximum' }), [200], 'at most two cores');
  });

  it('instance metrics: GPUs -> GPU metrics, up to 100 % for each', async () => {
    await createShop({ InstanceType: 'ml.g5.12xlarge' });
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 20 });
    account.clock.advance(125);
    isNear((await means('GPUUtilization'))[0], 200, 'two busy GPUs');
    isNear((await means('GPUMemoryUtilization'))[0], 220, 'a model on each of four GPUs');
  });

  it('instance metrics: serverless -> not published', async () => {
    await createShop({
      ...{ InstanceType: undefined, InitialInstanceCount: undefined },
      ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 5 },
    });
    account.clock.advance(120);
    assert.deepEqual((await account.cloudWatch.listMetrics({ Namespace: namespace })).Metrics, []);
  });

  it('instance metrics: deleted or withheld -> not published', async () => {
    await createShop();
    account.clock.advance(120);
    await account.emulator.withholdMetrics('shop', 'a');
    account.clock.advance(125);
    assert.deepEqual(await means('CPUUtilization'), []);
    await account.emulator.withholdMetrics('shop', 'a', false);
    account.clock.advance(125);
    assert.equal((await means('CPUUtilization')).length, 1);
    await account.sageMaker.deleteEndpoint({ EndpointName: 'shop' });
    account.clock.advance(245);
    assert.deepEqual(await means('CPUUtilization'), []);
  });

  it('instance metrics: end of a period -> visible only after the delay, and the same at every read', async () => {
    await createShop();
    account.clock.advance(110);
    assert.deepEqual(await means('CPUUtilization'), []);
    account.clock.advance(5);
    const first = await means('CPUUtilization');
    assert.equal(first.length, 1);
    assert.deepEqual(await means('CPUUtilization'), first);
  });

  it('instance metrics: weeks ago -> points of the resolution of that age', async () => {
    await createShop();
    account.clock.advance(20 * 86_400);
    assert.equal((await means('CPUUtilization', { minutes: 60 })).length, 60);
    const end = account.clock.now() - 18 * 86_400_000;
    const { Datapoints = [] } = await account.cloudWatch.getMetricStatistics({
      ...{ Namespace: namespace, MetricName: 'CPUUtilization', Period: 300, Statistics: ['Average'] },
      Dimensions: [
        { Name: 'EndpointName', Value: 'shop' },
        { Name: 'VariantName', Value: 'a' },
      ],
      StartTime: new Date(end - 3_600_000),
      EndTime: new Date(end),
    });
    assert.ok(Datapoints.length >= 11 && Datapoints.length <= 13, `${Datapoints.length} points`);
  });

  it('instance metrics: restart from a state file -> the same points', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const stateFile = path.join(folder, 'account.json');
    try {
      await account.emulator.stop();
      const emulator = await startEmulator({ clock: account.clock, stateFile });
      account = { ...account, emulator, ...clientsOf(emulator) };
      await createShop({ InstanceType: 'ml.g5.xlarge' });
      account.clock.advance(300);
      const before = await means('GPUUtilization', { minutes: 5 });
      await emulator.stop();
      const again = await startEmulator({ clock: account.clock, stateFile });
      account = { ...account, emulator: again, ...clientsOf(again) };
      assert.ok(before.length > 3);
      assert.deepEqual(await means('GPUUtilization', { minutes: 5 }), before);
    } finally {
      await account.emulator.stop();
      await rm(folder, { recursive: true });
    }
  });
});
