import assert from 'node:assert/strict';
import type { MetricDataQuery, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { type Account, openAccount } from '../aws-account.js';

const refused = (message: RegExp) => ({ name: 'ValidationException', message });

/** A query of a metric of the shop. */
function query(
  Id: string,
  MetricName: string,
  Stat = 'Sum',
  rest: Partial<MetricDataQuery> = {},
): MetricDataQuery {
  return { Id, MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat }, ...rest };
}

describe('emulated metric queries', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const put = (...MetricData: MetricDatum[]) =>
    account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });

  /** Puts one value per minute up to now, for each metric. Null puts nothing. */
  async function putMinutes(metrics: Record<string, (number | null)[]>) {
    for (const [MetricName, values] of Object.entries(metrics)) {
      for (const [index, Value] of values.entries()) {
        const Timestamp = new Date(account.clock.now() - (values.length - index) * 60_000);
        if (Value !== null) await put({ MetricName, Value, Timestamp });
      }
    }
  }

  async function ask(minutes: number, ...queries: MetricDataQuery[]) {
    const { MetricDataResults = [] } = await account.cloudWatch.getMetricData({
      MetricDataQueries: queries,
      StartTime: new Date(account.clock.now() - minutes * 60_000),
      EndTime: new Date(account.clock.now()),
      ScanBy: 'TimestampAscending',
    });
    return MetricDataResults;
  }

  it('GetMetricData: expressions of metrics and expressions -> the requested results', async () => {
    await putMinutes({ Errors: [1, 0, 3, null], Requests: [100, 200, 0, null] });
    const results = await ask(
      5,
      query('errors', 'Errors', 'Sum', { ReturnData: false }),
      query('requests', 'Requests', 'Sum', { ReturnData: false }),
      { Id: 'rate', Expression: 'errors / requests', Label: 'Error rate' },
      { Id: 'percent', Expression: '100 * rate' },
    );
    assert.deepEqual(
      results.map(({ Id, Label, Values, StatusCode }) => ({ Id, Label, Values, StatusCode })),
      [
        { Id: 'rate', Label: 'Error rate', Values: [0.01, 0], StatusCode: 'Complete' },
        { Id: 'percent', Label: 'percent', Values: [1, 0], StatusCode: 'Complete' },
      ],
    );
  });

  it('GetMetricData: expression with several series -> one result per series', async () => {
    await putMinutes({ a: [1], b: [2] });
    const results = await ask(
      2,
      query('m1', 'a', 'Sum', { ReturnData: false }),
      query('m2', 'b', 'Sum', { ReturnData: false }),
      { Id: 'e', Expression: 'METRICS() * 10', Label: 'tenfold' },
    );
    assert.deepEqual(
      results.map(({ Id, Label, Values }) => [Id, Label, Values]),
      [
        ['e', 'tenfold a', [10]],
        ['e', 'tenfold b', [20]],
      ],
    );
  });

  const wrong: [problem: string, expression: string, message: RegExp][] = [
    ['an unknown function', 'MEDIAN(m)', /^Error in expression 'e': Function 'MEDIAN' not found$/],
    ['an unknown id', 'm + n', /^Error in expression 'e': Unknown identifier 'n'$/],
    ['a number as the result', 'SUM(m)', /^Error in expression 'e': The result must be a time series/],
    ['invalid syntax', 'm +', /^Error in expression 'e': Unexpected end/],
    ['a reference to itself', 'e + 1', /^Error in expression 'e': The expression refers to itself/],
  ];
  for (const [problem, Expression, message] of wrong) {
    it(`GetMetricData: expression with ${problem} -> refused`, async () => {
      await assert.rejects(ask(5, query('m', 'Errors'), { Id: 'e', Expression }), refused(message));
    });
  }

  it('GetMetricData: duplicate ids, invalid periods, statistics or windows -> refused', async () => {
    await assert.rejects(ask(5, query('m', 'a'), query('m', 'b')), refused(/not unique/));
    await assert.rejects(ask(5, query('m', 'a', 'Median')), refused(/Median/));
    await assert.rejects(ask(0, query('m', 'a')), refused(/StartTime must be less than/));
    const Metric = { Namespace: 'Shop', MetricName: 'a' };
    await assert.rejects(
      ask(5, { Id: 'm', MetricStat: { Metric, Period: 45, Stat: 'Sum' } }),
      refused(/multiple of 60/),
    );
  });

  it('GetMetricData: time range -> from the start, rounded down to the minute, to before the end', async () => {
    await putMinutes({ a: [1, 2, 3, 4] });
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: [query('m', 'a')],
      StartTime: new Date(account.clock.now() - 3 * 60_000 + 30_000),
      EndTime: new Date(account.clock.now() - 60_000),
      ScanBy: 'TimestampAscending',
    });
    assert.deepEqual(MetricDataResults?.[0]?.Values, [2, 3]);
  });

  it('GetMetricData: seconds older than three hours -> no data, but found by minutes', async () => {
    await put(
      { MetricName: 'a', Value: 1, StorageResolution: 1 },
      { MetricName: 'a', Value: 2, StorageResolution: 1 },
    );
    const Metric = { Namespace: 'Shop', MetricName: 'a' };
    const bySecond = { Id: 's', MetricStat: { Metric, Period: 10, Stat: 'Sum' } };
    account.clock.advance(60);
    assert.deepEqual((await ask(2, bySecond))[0]?.Values, [3]);
    account.clock.advance(4 * 3600);
    assert.deepEqual((await ask(300, bySecond))[0]?.Values, []);
    assert.deepEqual((await ask(300, query('m', 'a')))[0]?.Values, [3]);
  });

  it('GetMetricData: metric with several units -> the first unit and a message', async () => {
    await put(
      { MetricName: 'a', Value: 5, Unit: 'Seconds' },
      { MetricName: 'a', Value: 60, Unit: 'Milliseconds' },
    );
    account.clock.advance(60);
    const [result] = await ask(2, query('m', 'a'));
    assert.deepEqual(result?.Values, [60]);
    assert.deepEqual(result?.Messages, [
      { Code: 'MultipleUnits', Value: "Multiple units returned: '[Milliseconds, Seconds]'" },
    ]);
  });

  it('GetMetricData: metrics without labels -> labels with the differences', async () => {
    const labels = (await ask(2, query('m1', 'a', 'Sum'), query('m2', 'a', 'p99'))).map((each) => each.Label);
    assert.deepEqual(labels, ['a Sum', 'a p99']);
  });
});

describe('emulated GetMetricStatistics, ListMetrics and PutMetricData', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const put = (...MetricData: MetricDatum[]) =>
    account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });
  const statistics = (rest: object, seconds = 600) =>
    account.cloudWatch.getMetricStatistics({
      Namespace: 'Shop',
      MetricName: 'a',
      StartTime: new Date(account.clock.now() - seconds * 1000),
      EndTime: new Date(account.clock.now()),
      Period: 60,
      ...rest,
    });

  it('GetMetricStatistics: several statistics -> one datapoint per period and unit', async () => {
    await put({ MetricName: 'a', Values: [1, 2, 6], Counts: [1, 2, 1], Unit: 'Count' });
    const Timestamp = new Date(account.clock.now());
    account.clock.advance(60);
    const plain = await statistics({ Statistics: ['Sum', 'Average', 'SampleCount'] });
    assert.deepEqual(plain.Datapoints, [
      { Timestamp, Unit: 'Count', Sum: 11, Average: 2.75, SampleCount: 4 },
    ]);
    assert.equal(plain.Label, 'a');
    const extended = await statistics({ ExtendedStatistics: ['p50', 'p100'], Unit: 'Count' });
    assert.deepEqual(extended.Datapoints?.[0]?.ExtendedStatistics, { p50: 2, p100: 6 });
    assert.deepEqual((await statistics({ Statistics: ['Sum'], Unit: 'Seconds' })).Datapoints, []);
  });

  it('GetMetricStatistics: above 1,440 datapoints, or both kinds of statistics -> refused', async () => {
    const name = 'InvalidParameterCombinationException';
    await assert.rejects(statistics({ Statistics: ['Sum'] }, 1441 * 60), {
      name,
      message: /^You have requested up to 1441 datapoints, which exceeds the limit of 1440\./,
    });
    account.clock.advance(17);
    assert.deepEqual((await statistics({ Statistics: ['Sum'] }, 1440 * 60)).Datapoints, []);
    await assert.rejects(statistics({ Statistics: ['Sum'], ExtendedStatistics: ['p50'] }), { name });
  });

  it('ListMetrics: namespace, name and dimensions -> matching metrics with data', async () => {
    const [dimension, other] = ['a', 'b'].map((Value) => ({ Name: 'Variant', Value }));
    await put(
      { MetricName: 'x', Value: 1, Dimensions: [dimension!] },
      { MetricName: 'x', Value: 1, Dimensions: [other!] },
    );
    await put({ MetricName: 'y', Value: 1 });
    const list = async (asked: object) => (await account.cloudWatch.listMetrics(asked)).Metrics ?? [];
    assert.equal((await list({ Namespace: 'Shop' })).length, 3);
    assert.equal((await list({ Namespace: 'Other' })).length, 0);
    assert.equal((await list({ MetricName: 'x', Dimensions: [{ Name: 'Variant' }] })).length, 2);
    assert.deepEqual(await list({ Dimensions: [{ Name: 'Variant', Value: 'b' }] }), [
      { Namespace: 'Shop', MetricName: 'x', Dimensions: [other] },
    ]);
    account.clock.advance(4 * 3600);
    assert.equal((await list({ RecentlyActive: 'PT3H' })).length, 0);
    assert.equal((await list({})).length, 3);
    account.clock.advance(15 * 86_400);
    assert.equal((await list({})).length, 0);
  });

  it('ListMetrics: many metrics -> 500 per page', async () => {
    const data = Array.from({ length: 700 }, (_, index) => ({ MetricName: `m${index}`, Value: 1 }));
    await put(...data);
    const first = await account.cloudWatch.listMetrics({});
    const second = await account.cloudWatch.listMetrics({ NextToken: first.NextToken });
    assert.deepEqual(
      [first.Metrics?.length, second.Metrics?.length, second.NextToken],
      [500, 200, undefined],
    );
  });

  const incomplete: [problem: string, query: Partial<MetricDataQuery>, message: string][] = [
    [
      'a metric without a namespace',
      { MetricStat: { Metric: { MetricName: 'a' }, Period: 60, Stat: 'Sum' } },
      'The parameter MetricDataQueries.member.1.MetricStat.Metric.Namespace is required.',
    ],
    [
      'neither a metric nor an expression',
      {},
      'The parameter MetricDataQueries.member.1.MetricStat is required.\n',
    ],
  ];
  for (const [problem, query, message] of incomplete) {
    it(`GetMetricData: ${problem} -> refused`, async () => {
      const EndTime = new Date(account.clock.now());
      await assert.rejects(
        account.cloudWatch.getMetricData({
          ...{ StartTime: new Date(EndTime.getTime() - 60_000), EndTime },
          MetricDataQueries: [{ Id: 'a', ...query }],
        }),
        { name: 'ValidationException', message },
      );
    });
  }

  it('PutMetricData: Values and StatisticValues -> accepted', async () => {
    const StatisticValues = { SampleCount: 10, Sum: 55, Minimum: 1, Maximum: 10 };
    await put({ MetricName: 'a', Values: [1, 10], StatisticValues });
    account.clock.advance(60);
    const { Datapoints } = await statistics({ Statistics: ['Sum', 'SampleCount'] });
    assert.deepEqual([Datapoints?.[0]?.Sum, Datapoints?.[0]?.SampleCount], [55, 10]);
  });

  const invalid: [problem: string, datum: (now: number) => MetricDatum, message: RegExp][] = [
    ['no value', () => ({ MetricName: 'a' }), /^At least one of the parameters must be specified/],
    ['two kinds of values', () => ({ MetricName: 'a', Value: 1, Values: [1] }), /mutually exclusive/],
    [
      'values and counts that do not match',
      () => ({ MetricName: 'a', Values: [1, 2], Counts: [1] }),
      /same size/,
    ],
    [
      'too many values',
      () => ({ MetricName: 'a', Values: Array.from({ length: 151 }, () => 1) }),
      /greater than 150/,
    ],
    ['NaN', () => ({ MetricName: 'a', Value: NaN }), /^The value NaN/],
    [
      'an old time',
      (now) => ({ MetricName: 'a', Value: 1, Timestamp: new Date(now - 15 * 86_400_000) }),
      /two weeks/,
    ],
    [
      'a future time',
      (now) => ({ MetricName: 'a', Value: 1, Timestamp: new Date(now + 3 * 3_600_000) }),
      /two hours/,
    ],
  ];
  for (const [problem, datum, message] of invalid) {
    it(`PutMetricData: ${problem} -> the whole request is refused`, async () => {
      const call = put({ MetricName: 'good', Value: 1 }, datum(account.clock.now()));
      await assert.rejects(call, { message });
      assert.deepEqual((await account.cloudWatch.listMetrics({})).Metrics, []);
    });
  }
});
