import assert from 'node:assert/strict';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { type Account, createShop, openAccount } from '../aws-account.js';

const enhanced = { EnableEnhancedMetrics: true, MetricPublishFrequencyInSeconds: 10 };
const lateMs = 2000;

/** A query of a metric of the shop. */
function query(
  Id: string,
  VariantName: string,
  MetricName: string,
  Stat: string,
  Period = 60,
): MetricDataQuery {
  const Dimensions = [
    { Name: 'EndpointName', Value: 'shop' },
    { Name: 'VariantName', Value: VariantName },
  ];
  return { Id, MetricStat: { Metric: { Namespace: 'AWS/SageMaker', MetricName, Dimensions }, Period, Stat } };
}

/** All values of the last minutes, oldest first, by query id. */
async function readMinutes({ cloudWatch, clock }: Account, minutes: number, ...queries: MetricDataQuery[]) {
  const { MetricDataResults } = await cloudWatch.getMetricData({
    MetricDataQueries: queries,
    StartTime: new Date(clock.now() - minutes * 60_000),
    EndTime: new Date(clock.now()),
    ScanBy: 'TimestampAscending',
  });
  return Object.fromEntries((MetricDataResults ?? []).map((each) => [each.Id ?? '', each.Values ?? []]));
}

const sum = (values: number[] = []) => values.reduce((total, value) => total + value, 0);

describe('emulated metrics', () => {
  let account: Account;
  beforeEach(async () => {
    account = await openAccount({
      lateMs,
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }],
      behaviours: [
        { model: 'a', latencyMs: { p50: 20, p99: 80 } },
        { model: 'simulated/b', latencyMs: { p50: 40, p99: 400 }, errorRate: 0.02, clientErrorRate: 0.01 },
      ],
    });
  });
  afterEach(() => account.emulator.stop());

  it('metrics: simulated traffic -> split by weight', async () => {
    await createShop(account, { a: 95, b: 5 });
    account.clock.advance(3600);
    const found = await readMinutes(
      account,
      65,
      query('a', 'a', 'Invocations', 'Sum'),
      query('b', 'b', 'Invocations', 'Sum'),
    );
    const [a, b] = [sum(found['a']), sum(found['b'])];
    const expected = (a + b) * 0.05;
    const chiSquare = (b - expected) ** 2 / expected + (a - (a + b) * 0.95) ** 2 / ((a + b) * 0.95);
    assert.ok(Math.abs(a + b - 100 * 3600) < 5_000, `${a + b} requests`);
    assert.ok(chiSquare < 10.83, `chi-square ${chiSquare}`); // 1 degree of freedom, p = 0.001
  });

  it('metrics: weights change -> traffic follows at the end of the change', async () => {
    await createShop(account, { a: 100, b: 0 });
    account.clock.advance(60);
    await account.sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'shop',
      DesiredWeightsAndCapacities: [{ VariantName: 'b', DesiredWeight: 100 }],
    });
    account.clock.advance(180);
    const { b } = await readMinutes(account, 5, query('b', 'b', 'Invocations', 'Sum'));
    assert.equal(b?.length, 3, 'the minutes before are absent, not zero');
    assert.ok(Math.abs((b?.at(-1) ?? 0) - 3000) < 300, `${b?.at(-1)} requests in the last minute`);
  });

  it('metrics: latencies and errors -> microseconds, and the average is the error rate', async () => {
    await createShop(account, { a: 50, b: 50 });
    account.clock.advance(3600);
    const found = await readMinutes(
      account,
      60,
      query('p50', 'b', 'ModelLatency', 'p50', 3600),
      query('p99', 'b', 'ModelLatency', 'p99', 3600),
      query('errors', 'b', 'Invocation5XXErrors', 'Average', 3600),
      query('client', 'b', 'Invocation4XXErrors', 'Average', 3600),
      query('model', 'b', 'InvocationModelErrors', 'Average', 3600),
      query('sound', 'a', 'Invocation5XXErrors', 'Sum', 3600),
    );
    const isNear = (id: string, expected: number, tolerance: number) => {
      const value = found[id]?.at(-1) ?? NaN;
      assert.ok(Math.abs(value / expected - 1) < tolerance, `${id}: ${value}, not near ${expected}`);
    };
    isNear('p50', 40_000, 0.03);
    isNear('p99', 400_000, 0.08);
    isNear('errors', 0.02, 0.1);
    isNear('client', 0.01, 0.15);
    isNear('model', 0.03, 0.1);
    assert.deepEqual(found['sound'], [0], 'success counts as 0');
  });

  it('metrics: end of a period -> visible some seconds later', async () => {
    await createShop(account, { a: 1 }, { MetricsConfig: enhanced });
    account.clock.advance(10); // 12:00:20, the end of a period
    const ofPeriod = () => readMinutes(account, 1, query('a', 'a', 'Invocations', 'Sum', 10));
    const before = (await ofPeriod())['a']?.length;
    account.clock.advance(lateMs / 1000);
    const after = (await ofPeriod())['a']?.length;
    assert.deepEqual([before, after], [1, 2]);
  });

  it('metrics: partial publication -> a part first, everything later', async () => {
    await account.emulator.setPartialMetrics({ share: 0.5, restAfterMs: 20_000 });
    await createShop(account, { a: 1 }, { MetricsConfig: enhanced });
    account.clock.advance(12); // the period from 12:00:10 to 12:00:20 is published
    const ofPeriod = async () =>
      (await readMinutes(account, 1, query('a', 'a', 'Invocations', 'Sum', 10)))['a'];
    const part = (await ofPeriod())?.[1] ?? 0;
    account.clock.advance(20);
    const whole = (await ofPeriod())?.[1] ?? 0;
    assert.ok(part > 0 && Math.abs(part / whole - 0.5) < 0.01, `${part} of ${whole} requests`);
  });

  it('metrics: MetricPublishFrequencyInSeconds -> published with that period', async () => {
    await createShop(account, { a: 1 }, { MetricsConfig: enhanced });
    account.clock.advance(60);
    const { a } = await readMinutes(account, 1, query('a', 'a', 'Invocations', 'Sum', 10));
    assert.ok((a?.length ?? 0) >= 5, `${a?.length} points`);
    assert.ok(
      (a ?? []).slice(1).every((value) => Math.abs(value - 1000) < 200),
      String(a),
    );
  });

  it('metrics: withheld, or an outage -> no data, or the data of that outage', async () => {
    await createShop(account, { a: 1, b: 1 });
    await account.emulator.withholdMetrics('shop', 'b');
    account.clock.advance(300);
    const both = [query('a', 'a', 'Invocations', 'Sum'), query('b', 'b', 'Invocations', 'Sum')];
    const found = await readMinutes(account, 4, ...both);
    assert.ok((found['a']?.length ?? 0) > 0);
    assert.deepEqual(found['b'], []);
    const ask = () =>
      account.cloudWatch.getMetricData({
        MetricDataQueries: both,
        StartTime: new Date(account.clock.now() - 60_000),
        EndTime: new Date(account.clock.now()),
      });
    for (const [outage, status] of [
      ['partial', 'PartialData'],
      ['internalError', 'InternalError'],
      ['forbidden', 'Forbidden'],
    ] as const) {
      await account.emulator.setMetricsOutage(outage);
      assert.deepEqual(
        (await ask()).MetricDataResults?.map((each) => [each.Id, each.StatusCode, each.Values]),
        ['a', 'b'].map((id) => [id, status, []]),
      );
    }
    await account.emulator.setMetricsOutage('error');
    await assert.rejects(ask(), (error: { $metadata: { httpStatusCode: number } }) => {
      assert.equal(error.$metadata.httpStatusCode, 500);
      return true;
    });
    await account.emulator.setMetricsOutage(null);
    assert.equal((await ask()).MetricDataResults?.[0]?.StatusCode, 'Complete');
  });

  it('metrics: behaviour and traffic set by code or HTTP -> the metrics change', async () => {
    await createShop(account, { a: 1 });
    await account.emulator.setBehaviour({ model: 'a*', errorRate: 1 });
    const setting = JSON.stringify({ endpoint: 'shop', requestsPerSecond: 10 });
    await fetch(`${account.emulator.url}/_emulator/traffic`, { method: 'POST', body: setting });
    account.clock.advance(240);
    const found = await readMinutes(
      account,
      2,
      query('n', 'a', 'Invocations', 'Sum'),
      query('e', 'a', 'Invocation5XXErrors', 'Average'),
    );
    assert.ok(Math.abs((found['n']?.[0] ?? 0) - 600) < 120, String(found['n']));
    assert.deepEqual(new Set(found['e']), new Set([1]));
  });
});

describe('metrics of clients', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const own = (Id: string, Stat: string, rest: { Unit?: 'Seconds' | 'Count'; Period?: number } = {}) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Conversions' }, Stat, Period: 60, ...rest },
  });

  it('PutMetricData: plain or compressed -> every statistic can be read', async () => {
    const MetricData = Array.from({ length: 1000 }, (_, index) => ({
      MetricName: 'Conversions',
      Value: index + 1,
      Unit: 'Count' as const,
    }));
    await account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });
    const stats = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p99.9'];
    const found = await readMinutes(
      { ...account, clock: clockAfter(account) },
      2,
      ...stats.map((stat, index) => own(`q${index}`, stat)),
    );
    const values = stats.map((_, index) => found[`q${index}`]?.[0] ?? NaN);
    assert.deepEqual(values.slice(0, 5), [500_500, 500.5, 1, 1000, 1000]);
    assert.ok(Math.abs((values[5] ?? NaN) - 500) <= 10, `p50 ${values[5]}`);
    assert.ok(Math.abs((values[6] ?? NaN) - 999) <= 12, `p99.9 ${values[6]}`);
  });

  it('GetMetricData: another unit -> no data', async () => {
    const datum = { MetricName: 'Conversions', Value: 1, Unit: 'Count' as const };
    await account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData: [datum] });
    const found = await readMinutes(
      { ...account, clock: clockAfter(account) },
      2,
      own('right', 'Sum', { Unit: 'Count' }),
      own('wrong', 'Sum', { Unit: 'Seconds' }),
      own('any', 'Sum'),
    );
    assert.deepEqual(found, { right: [1], wrong: [], any: [1] });
  });

  it('GetMetricData: several pages -> each point once', async () => {
    const { cloudWatch, clock } = account;
    for (let minute = 0; minute < 10; minute += 1) {
      const Timestamp = new Date(clock.now() - minute * 60_000);
      const MetricData = [{ MetricName: 'Conversions', Value: minute, Timestamp }];
      await cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });
    }
    const asked = {
      MetricDataQueries: [own('a', 'Sum'), own('b', 'Average')],
      StartTime: new Date(clock.now() - 600_000),
      EndTime: new Date(clock.now() + 60_000),
      MaxDatapoints: 7,
    };
    const values: Record<string, number[]> = { a: [], b: [] };
    let pages = 0;
    for (let NextToken: string | undefined, first = true; first || NextToken; first = false, pages += 1) {
      const page = await cloudWatch.getMetricData({ ...asked, NextToken });
      for (const each of page.MetricDataResults ?? []) values[each.Id ?? '']?.push(...(each.Values ?? []));
      NextToken = page.NextToken;
    }
    const newestFirst = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    assert.deepEqual({ values, pages }, { values: { a: newestFirst, b: newestFirst }, pages: 3 });
  });

  it('custom metrics: AWS namespace, or too many queries -> refused', async () => {
    const { cloudWatch, clock } = account;
    await assert.rejects(cloudWatch.putMetricData({ Namespace: 'AWS/SageMaker', MetricData: [] }), {
      name: 'InvalidParameterValueException',
    });
    await assert.rejects(
      cloudWatch.getMetricData({
        MetricDataQueries: Array.from({ length: 501 }, (_, index) => own(`q${index}`, 'Sum')),
        StartTime: new Date(clock.now() - 60_000),
        EndTime: new Date(clock.now()),
      }),
      {
        name: 'ValidationException',
        message: /^The collection MetricDataQueries must not have a size greater than 500/,
      },
    );
  });
});

/** The time a minute ahead of the clock, so that the window contains the values of this minute. */
function clockAfter({ clock }: Account) {
  clock.advance(60);
  return clock;
}
