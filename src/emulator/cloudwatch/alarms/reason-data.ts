import type { Datapoint } from '../queries/statistics.js';
import { double, longDate } from './alarm-reason.js';
import { alarmPeriodOf, type MetricAlarm } from './alarm-state.js';

/**
 * The reason data in CloudWatch's JSON format. `missing`: starts of the periods without data. They are listed without a
 * value: LocalStack's recording test_breaching_alarm_actions, and published notifications of INSUFFICIENT_DATA.
 */
export function reasonDataOf(
  alarm: MetricAlarm,
  evaluated: Datapoint[],
  missing: number[],
  now: number,
): string {
  const { Statistic, ExtendedStatistic, Unit, Threshold } = alarm.request;
  const statistic = Statistic ?? ExtendedStatistic;
  const first = evaluated[0];
  return jsonWithDoubles({
    version: '1.0',
    queryDate: longDate(now),
    ...(first ? { startDate: longDate(first.start) } : {}),
    ...(Unit === undefined ? {} : { unit: Unit }),
    ...(statistic === undefined ? {} : { statistic }),
    period: alarmPeriodOf(alarm.request),
    recentDatapoints: evaluated.map(({ value }) => marked(value)),
    threshold: Threshold === undefined ? undefined : marked(Threshold),
    evaluatedDatapoints: [
      ...evaluated.map(({ start, sampleCount, value }) => ({
        ...{ start, sampleCount: marked(sampleCount), value: marked(value) },
      })),
      ...missing.map((start) => ({ start })),
    ]
      .sort((a, b) => b.start - a.start)
      .map(({ start, ...values }) => ({ timestamp: longDate(start), ...values })),
  });
}

/** Marks a number in a JSON text. */
const mark = '\u0001';

/** A number that `jsonWithDoubles` writes like Java. */
function marked(value: number): string {
  return mark + double(value);
}

function jsonWithDoubles(data: object): string {
  return JSON.stringify(data).replace(/"\\u0001([^"]*)"/g, '$1');
}
