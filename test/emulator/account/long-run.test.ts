import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createShop, openAccount } from '../aws-account.js';

const day = 86_400;

describe('emulator on an injected clock', () => {
  it('emulator: 30 days of traffic -> runs in seconds', async () => {
    const account = await openAccount({ traffic: [{ endpoint: 'shop', requestsPerSecond: 1000 }] });
    await createShop(account, { a: 90, b: 10 });
    await account.cloudWatch.putMetricAlarm({
      AlarmName: 'errors',
      Namespace: 'AWS/SageMaker',
      MetricName: 'Invocation5XXErrors',
      Dimensions: [
        { Name: 'EndpointName', Value: 'shop' },
        { Name: 'VariantName', Value: 'a' },
      ],
      Statistic: 'Average',
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 0.01,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    const before = usedMegabytes();
    const started = process.cpuUsage();
    account.clock.advance(30 * day);
    const { MetricAlarms } = await account.cloudWatch.describeAlarms({});
    const seconds = process.cpuUsage(started).user / 1e6;
    const megabytes = usedMegabytes() - before;
    assert.equal(MetricAlarms?.[0]?.StateValue, 'OK');
    // CPU time, because other processes may use the machine.
    assert.ok(seconds < 15, `took ${seconds.toFixed(1)} s`);
    assert.ok(megabytes < 40, `took ${megabytes.toFixed(0)} MB`);
    await checkRequests(account, 1000 * day);
    await account.emulator.stop();
  });
});

/** Memory of live objects only. */
function usedMegabytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Checks the requests of the last day and of the first day, which are stored by 5 minutes. */
async function checkRequests(
  account: Awaited<ReturnType<typeof openAccount>>,
  expected: number,
): Promise<void> {
  // A whole hour. Everything before it has been published.
  const end = Math.floor(account.clock.now() / 3_600_000 - 1) * 3_600_000;
  for (const daysAgo of [1, 29]) {
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: ['a', 'b'].map((Value) => ({
        Id: Value,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SageMaker',
            MetricName: 'Invocations',
            Dimensions: [
              { Name: 'EndpointName', Value: 'shop' },
              { Name: 'VariantName', Value },
            ],
          },
          Period: 3600,
          Stat: 'Sum',
        },
      })),
      StartTime: new Date(end - daysAgo * day * 1000),
      EndTime: new Date(end - (daysAgo - 1) * day * 1000),
    });
    const requests = (MetricDataResults ?? [])
      .flatMap((each) => each.Values ?? [])
      .reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(requests / expected - 1) < 0.001, `${requests} requests on day -${daysAgo}`);
  }
}
