import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { EmulatorOptions } from '../../../src/emulator/emulator.js';
import {
  type Account,
  clientsOf,
  createConfig,
  createModels,
  createShop,
  openAccount,
} from '../aws-account.js';

const hour = 3600;
const hourMs = hour * 1000;

interface Wanted {
  variant: string;
  name: string;
  stat?: string;
  namespace?: string;
  periodSeconds?: number;
}

/** One value per period between two hours of the first day, oldest first. */
async function read(account: Account, wanted: Wanted, fromHour: number, toHour: number): Promise<number[]> {
  const midnight = Math.floor(account.clock.now() / (24 * hourMs)) * 24 * hourMs;
  const { MetricDataResults } = await account.cloudWatch.getMetricData({
    MetricDataQueries: [
      {
        Id: 'wanted',
        MetricStat: {
          Metric: {
            Namespace: wanted.namespace ?? 'AWS/SageMaker',
            MetricName: wanted.name,
            Dimensions: [
              { Name: 'EndpointName', Value: 'shop' },
              { Name: 'VariantName', Value: wanted.variant },
            ],
          },
          Period: wanted.periodSeconds ?? hour,
          Stat: wanted.stat ?? 'Average',
        },
      },
    ],
    StartTime: new Date(midnight + fromHour * hourMs),
    EndTime: new Date(midnight + toHour * hourMs),
    ScanBy: 'TimestampAscending',
  });
  return MetricDataResults?.[0]?.Values ?? [];
}

function assertNear(actual: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected} +- ${tolerance}`,
  );
}

describe('scenario', () => {
  let account: Account;
  afterEach(() => account.emulator.stop());

  /** Runs from noon to six, with half of the traffic for each of the variants a and b. */
  async function play(options: EmulatorOptions): Promise<void> {
    account = await openAccount({ traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }], ...options });
    await createShop(account, { a: 1, b: 1 });
    account.clock.advance(6 * hour);
  }
  const errors = { variant: 'b', name: 'Invocation5XXErrors' };

  it('scenario: errors from one time to another -> only within that span', async () => {
    const when = [{ from: '2h', to: '3h', errorRate: 0.2 }];
    await play({ behaviours: [{ model: 'b', errorRate: 0.01, when }] });
    const [, one, two, three] = await read(account, errors, 12, 18);
    assertNear(one, 0.01, 0.003);
    assertNear(two, 0.2, 0.01);
    assertNear(three, 0.01, 0.003);
    assert.deepEqual(new Set(await read(account, { ...errors, variant: 'a' }, 12, 18)), new Set([0]));
  });

  it('scenario: hours -> latency and client errors only in these hours', async () => {
    const when = [
      { hours: [14, 16] as [number, number], latencyMs: { p50: 80, p99: 200 }, clientErrorRate: 0.5 },
    ];
    await play({ behaviours: [{ model: 'b', latencyMs: { p50: 20, p99: 60 }, when }] });
    const medians = await read(account, { variant: 'b', name: 'ModelLatency', stat: 'p50' }, 13, 17);
    for (const [index, expected] of [20_000, 80_000, 80_000, 20_000].entries()) {
      assertNear(medians[index], expected, expected / 25);
    }
    const refused = await read(account, { variant: 'b', name: 'Invocation4XXErrors' }, 13, 16);
    assertNear(refused[0], 0, 0);
    assertNear(refused[1], 0.5, 0.02);
  });

  it('scenario: hours past midnight -> applied', async () => {
    await play({
      behaviours: [
        { model: 'a', when: [{ hours: [22, 14], errorRate: 1 }] },
        { model: 'b', when: [{ hours: [14, 1], errorRate: 1 }] },
      ],
    });
    assert.deepEqual(await read(account, { ...errors, variant: 'a' }, 13, 15), [1, 0]);
    assert.deepEqual(await read(account, errors, 13, 15), [0, 1]);
  });

  it('scenario: load -> slow and failing above it', async () => {
    const when = [{ load: 80, errorRate: 0.3 }];
    await play({ behaviours: [{ model: '*', errorRate: 0, when }] });
    await account.sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'shop',
      DesiredWeightsAndCapacities: [{ VariantName: 'b', DesiredWeight: 9 }],
    });
    account.clock.advance(2 * hour);
    assert.deepEqual(await read(account, errors, 17, 18), [0]);
    assertNear((await read(account, errors, 19, 20))[0], 0.3, 0.01);
    assert.deepEqual(await read(account, { ...errors, variant: 'a' }, 19, 20), [0]);
  });

  it('scenario: share of users -> only they fail, and a session keeps its user', async () => {
    const when = [{ users: { from: 0, to: 0.1 }, errorRate: 1 }];
    await play({ behaviours: [{ model: 'b', errorRate: 0, when }] });
    assertNear((await read(account, errors, 14, 15))[0], 0.1, 0.005);
    const { runtime } = clientsOf(account.emulator);
    const failuresOf = async (SessionId: string) => {
      let failures = 0;
      for (let call = 0; call < 5; call += 1) {
        const invocation = { EndpointName: 'shop', TargetVariant: 'b', SessionId, Body: 'x' };
        await runtime.invokeEndpoint(invocation).catch(() => (failures += 1));
      }
      return failures;
    };
    const failures = await Promise.all(Array.from({ length: 60 }, (_, user) => failuresOf(`user-${user}`)));
    assert.deepEqual(new Set(failures), new Set([0, 5]));
    assert.ok(failures.filter((each) => each === 5).length < 20);
  });

  it('scenario: errorBurst -> the same number of errors, in bursts', async () => {
    const behaviours = (errorBurst: number) => [{ model: 'b', errorRate: 0.01, errorBurst }];
    const perMinute = { ...errors, stat: 'Sum', periodSeconds: 60 };
    const spread = async (errorBurst: number) => {
      await play({ behaviours: behaviours(errorBurst) });
      const counts = await read(account, perMinute, 13, 17);
      const mean = counts.reduce((sum, each) => sum + each, 0) / counts.length;
      const variance = counts.reduce((sum, each) => sum + (each - mean) ** 2, 0) / counts.length;
      assertNear(mean, 30, errorBurst === 1 ? 2 : 8);
      return variance / mean;
    };
    assertNear(await spread(1), 1, 0.4);
    await account.emulator.stop();
    // A geometric burst of mean c makes the count's variance 2c - 1 times its mean.
    assertNear(await spread(20), 39, 16);
  });

  it('scenario: percentiles -> latencies with these percentiles', async () => {
    const latencyMs = { p50: 20, p90: 30, p99: 900, 'p99.9': 1000 };
    await play({ behaviours: [{ model: 'b', latencyMs }] });
    for (const [percentile, expected] of Object.entries(latencyMs)) {
      const latency = { variant: 'b', name: 'ModelLatency', stat: percentile };
      assertNear((await read(account, latency, 14, 15))[0], expected * 1000, expected * 60);
    }
  });

  it('scenario: conversions -> published as the metrics of a goal, and bots never convert', async () => {
    const conversionMetric = { namespace: 'Store', name: 'Orders', per: 'Visits' };
    await play({
      behaviours: [
        { model: 'a', conversionRate: 0.05 },
        { model: 'b', conversionRate: 0.1, errorRate: 0.5, conversionMetric },
      ],
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100, bots: 0.2 }],
    });
    const usual = { variant: 'a', namespace: 'Shop', name: 'Conversions' };
    assertNear((await read(account, usual, 14, 15))[0], 0.05 * 0.8, 0.002);
    const orders = { variant: 'b', namespace: 'Store', name: 'Orders' };
    assertNear((await read(account, orders, 14, 15))[0], 0.1 * 0.8 * 0.5, 0.002);
    const visits = await read(account, { ...orders, name: 'Visits', stat: 'Sum' }, 14, 15);
    const invocations = await read(account, { variant: 'b', name: 'Invocations', stat: 'Sum' }, 14, 15);
    assert.deepEqual(visits, invocations);
  });

  it('scenario: day, week and outages -> traffic follows them', async () => {
    const day = Array.from({ length: 24 }, (_, each) => (each === 14 || each === 15 ? 2 : 1));
    await play({
      traffic: [
        {
          endpoint: 'shop',
          requestsPerSecond: 100,
          day,
          // 1 March 2026 is a Sunday.
          week: [1, 1, 1, 1, 1, 1, 0.5],
          outages: [{ from: '1h30m', to: '1h45m' }],
        },
      ],
    });
    const requests = await read(account, { variant: 'b', name: 'Invocations', stat: 'Sum' }, 13, 17);
    const full = 100 * hour * 0.5 * 0.5;
    assertNear(requests[0], full * 0.844, full * 0.02);
    assertNear(requests[1], full * 1.875, full * 0.02);
    assertNear(requests[3], full * 1.125, full * 0.02);
    const minutes = { variant: 'b', name: 'Invocations', periodSeconds: 60, stat: 'Sum' };
    assert.equal((await read(account, minutes, 13, 14)).length, 45);
  });

  it('scenario: endpoint with a real model -> only its real requests count', async () => {
    account = await openAccount({
      programs: join(import.meta.dirname, '../programs'),
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }],
    });
    const { sageMaker, runtime, clock } = account;
    const Image = 'local/patient';
    const ModelDataUrl = 's3://examples/patient/data';
    await sageMaker.createModel({ ModelName: 'b', PrimaryContainer: { Image, ModelDataUrl } });
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'shop-config', { a: 1, b: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'shop-config' });
    for (;;) {
      clock.advance(1);
      const { EndpointStatus } = await sageMaker.describeEndpoint({ EndpointName: 'shop' });
      if (EndpointStatus === 'InService') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (let call = 0; call < 3; call += 1) {
      await runtime.invokeEndpoint({ EndpointName: 'shop', TargetVariant: 'b', Body: 'x' });
    }
    clock.advance(2 * hour);
    const invocations = (variant: string) =>
      read(account, { variant, name: 'Invocations', stat: 'Sum' }, 12, 15);
    const simulated = await invocations('a');
    assertNear(simulated[1], 50 * hour, 3000);
    assert.deepEqual(await invocations('b'), [3]);
  });

  it('scenario: seed -> the same seed gives the same metrics', async () => {
    const runOf = async (seed: number) => {
      const when = [{ users: { from: 0.2, to: 0.5 }, errorRate: 0.1 }];
      await play({ seed, behaviours: [{ model: '*', errorRate: 0.01, errorBurst: 5, when }] });
      return read(account, { ...errors, stat: 'Sum', periodSeconds: 60 }, 12, 14);
    };
    const first = await runOf(1);
    await account.emulator.stop();
    assert.deepEqual(await runOf(1), first);
    await account.emulator.stop();
    assert.notDeepEqual(await runOf(2), first);
  });

  it('control API: scenario file -> set, or rejected with the allowed values', async () => {
    account = await openAccount();
    const post = async (body: object) => {
      const url = `${account.emulator.url}/_emulator/scenario`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return ((await answer.json()) as { message?: string }).message;
    };
    const models = [{ model: 'b', errorRate: '100%' }];
    assert.equal(await post({ models, traffic: [{ endpoint: 'shop', requestsPerSecond: 10 }] }), undefined);
    await createModels(account.sageMaker, 'a', 'b');
    await createConfig(account.sageMaker, 'shop-config', { a: 1, b: 1 });
    await account.sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'shop-config' });
    account.clock.advance(2 * hour);
    assert.deepEqual(await read(account, errors, 13, 14), [1]);
    const refusals: [body: object, message: RegExp][] = [
      [{ models: [{ model: 'a', errorRate: 2 }] }, /^models\.0\.errorRate: found 2; /],
      [{ models: [{ model: 'a', latencyMs: { p50: 3 } }] }, /^models\.0\.latencyMs: found .*two percentiles/],
      [
        { traffic: [{ endpoint: 'x', requestsPerSecond: 1, day: 'lunch' }] },
        /^traffic\.0\.day: found "lunch"/,
      ],
    ];
    for (const [body, message] of refusals) assert.match((await post(body)) ?? '', message);
  });
});
