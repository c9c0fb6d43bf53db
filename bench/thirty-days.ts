import { behaviours, createPair, openSimulatedAccount, type SimulatedAccount } from './simulated-account.js';
import { formatTook, timed } from './stopwatch.js';
import type { Figure } from './table.js';

const days = 30;
const daySeconds = 86_400;
const requestsPerSecond = 1000;

/**
 * Simulates thirty days of traffic to two variants by the minute with one request. Then reads a week of it, because
 * latencies are computed when they are read.
 */
export async function measureThirtyDays(): Promise<Figure[]> {
  const traffic = [{ endpoint: 'shop', requestsPerSecond }];
  const account = await openSimulatedAccount({ behaviours, traffic });
  await createPair(account.sageMaker, 'pair');
  await account.sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'pair' });
  account.pass(60);
  await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
  const passing = await timed(async () => {
    account.pass(days * daySeconds);
    await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
  });
  const reading = await timed(() => readWeek(account));
  await account.emulator.stop();
  return [
    {
      what: `${days} days, 2 variants, 1-minute periods, ${requestsPerSecond} requests/s`,
      measured: formatTook(passing),
      aim: '< 2 s',
    },
    {
      what: 'reading the last week of it: p99 of ModelLatency, 2 variants, by the minute',
      measured: formatTook(reading),
      aim: '',
    },
  ];
}

async function readWeek({ cloudWatch, now }: SimulatedAccount): Promise<void> {
  const MetricDataQueries = ['a', 'b'].map((Value) => {
    const Dimensions = [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'VariantName', Value },
    ];
    const Metric = { Namespace: 'AWS/SageMaker', MetricName: 'ModelLatency', Dimensions };
    return { Id: Value, MetricStat: { Metric, Period: 60, Stat: 'p99' } };
  });
  const { MetricDataResults } = await cloudWatch.getMetricData({
    MetricDataQueries,
    StartTime: new Date(now() - 7 * daySeconds * 1000),
    EndTime: new Date(now()),
  });
  const points = MetricDataResults?.reduce((sum, { Values }) => sum + (Values?.length ?? 0), 0);
  if (points === undefined || points < 2 * 7 * 1400) throw new Error(`${points} points of a week`);
}
