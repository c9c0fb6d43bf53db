import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import type { MetricPoint } from '../metrics/point.js';
import { metricIdOf, periodMsOf, roundStart } from '../shapes.js';
import { aggregate, parseStatistic, withinRetention } from './statistics.js';

type MetricStatisticsRequest = Validated<GetMetricStatisticsInput>;

const maximumDatapoints = 1_440;
const combination = 'InvalidParameterCombination';

export const getMetricStatistics = operation(
  'GetMetricStatistics',
  modelled<GetMetricStatisticsInput>(),
  (asked, { account }): GetMetricStatisticsOutput => {
    const window = windowOf(asked, account.time);
    checkRequest(asked);
    const byUnit = account.metrics.read(metricIdOf(asked), window.from, window.to, account.time);
    const wanted = [...byUnit].filter(([unit]) => asked.Unit === undefined || asked.Unit === unit);
    const Datapoints = wanted.flatMap(([unit, points]) => describe(account, asked, window, unit, points));
    return { Label: asked.MetricName, Datapoints };
  },
);

interface StatisticsWindow {
  from: number;
  to: number;
  periodMs: number;
}

function windowOf(asked: MetricStatisticsRequest, now: number): StatisticsWindow {
  const periodMs = periodMsOf(asked.Period);
  return {
    from: roundStart(asked.StartTime.getTime(), periodMs, now),
    to: asked.EndTime.getTime(),
    periodMs,
  };
}

function checkRequest(asked: MetricStatisticsRequest): void {
  const spanMs = asked.EndTime.getTime() - asked.StartTime.getTime();
  if (spanMs <= 0) {
    throw new ServiceError(
      'InvalidParameterValue',
      'The parameter StartTime must be less than the parameter EndTime.',
    );
  }
  if ((asked.Statistics === undefined) === (asked.ExtendedStatistics === undefined)) {
    throw new ServiceError(
      combination,
      'Exactly one of Statistics and ExtendedStatistics must be specified.',
    );
  }
  // Counts whole periods of the span, wherever it starts: LocalStack's recording test_invalid_amount_of_datapoints.
  const requested = Math.floor(spanMs / periodMsOf(asked.Period));
  if (requested > maximumDatapoints) {
    throw new ServiceError(
      combination,
      `You have requested up to ${requested} datapoints, which exceeds the limit of ${maximumDatapoints}. ` +
        'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    );
  }
}

/** One datapoint per period, with every requested statistic. */
function describe(
  account: AccountState,
  asked: MetricStatisticsRequest,
  { from, periodMs }: StatisticsWindow,
  unit: string,
  points: MetricPoint[],
): Datapoint[] {
  const kept = withinRetention(points, account.metrics.retention, periodMs, account.time);
  const datapoints = new Map<number, Datapoint>();
  const at = (start: number) => {
    const existing = datapoints.get(start) ?? { Timestamp: new Date(start), Unit: unit as StandardUnit };
    datapoints.set(start, existing);
    return existing;
  };
  for (const stat of asked.Statistics ?? []) {
    for (const { start, value } of aggregate(kept, parseStatistic(stat), from, periodMs))
      at(start)[stat] = value;
  }
  for (const stat of asked.ExtendedStatistics ?? []) {
    for (const { start, value } of aggregate(kept, parseStatistic(stat), from, periodMs)) {
      const datapoint = at(start);
      datapoint.ExtendedStatistics = { ...datapoint.ExtendedStatistics, [stat]: value };
    }
  }
  return [...datapoints.values()];
}
