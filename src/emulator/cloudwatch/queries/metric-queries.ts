import type { MessageData, MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import type { ServiceError } from '../../http/service-error.js';
import type { Validated } from '../../service-model/modelled.js';
import type { AccountState } from '../../account/account-state.js';
import { evaluate, type MathContext } from '../metric-math/evaluate.js';
import { MathError } from '../metric-math/math-error.js';
import { type Expression, parseExpression } from '../metric-math/syntax.js';
import type { TimeSeries, MathValue } from '../metric-math/value.js';
import { metricIdOf, periodMsOf, validationFailure } from '../shapes.js';
import { type Datapoint, datapointsOf, parseStatistic } from './statistics.js';

export type Query = Validated<MetricDataQuery>;

/** Time range of queries (epoch ms). Each period starts a whole number of periods after `fromOf`. */
export interface Window {
  fromOf(periodMs: number): number;
  to: number;
}

interface MetricReading {
  datapoints: Datapoint[];
  messages: MessageData[];
}

/** Reads one metric. Units are not mixed: if there are several, the first one is read, and a message says so. */
export function readMetric(
  account: AccountState,
  stat: Validated<MetricStat>,
  window: Window,
): MetricReading {
  const periodMs = periodMsOf(stat.Period);
  const statistic = parseStatistic(stat.Stat ?? '');
  const from = window.fromOf(periodMs);
  const byUnit = account.metrics.readPeriods(
    metricIdOf(stat.Metric ?? {}),
    { from, to: window.to, periodMs },
    statistic.isOfSummary,
    account.time,
  );
  const units = [...byUnit.keys()].sort();
  const unit = stat.Unit ?? units[0] ?? 'None';
  const mixed = stat.Unit === undefined && units.length > 1;
  return {
    datapoints: datapointsOf(byUnit.get(unit) ?? [], statistic),
    messages: mixed
      ? [{ Code: 'MultipleUnits', Value: `Multiple units returned: '[${units.join(', ')}]'` }]
      : [],
  };
}

/** The queries of one request, which can refer to each other. Each is computed once. */
export class QueryRun {
  private readonly byId: Map<string, Query>;
  private readonly values = new Map<string, MathValue>();
  private readonly inProgress = new Set<string>();
  private readonly messages = new Map<string, MessageData[]>();

  constructor(
    private readonly account: AccountState,
    private readonly queries: Query[],
    private readonly window: Window,
  ) {
    this.byId = new Map(queries.map((query) => [query.Id ?? '', query]));
  }

  /** Throws ServiceError with the name of an expression that cannot be computed. */
  resultOf(query: Query): { series: TimeSeries[]; messages: MessageData[] } {
    const id = query.Id ?? '';
    const value = this.valueOf(id);
    if (typeof value === 'number') {
      throw errorIn(id, new MathError('The result must be a time series or an array of time series'));
    }
    return { series: Array.isArray(value) ? value : [value], messages: this.messages.get(id) ?? [] };
  }

  private valueOf(id: string): MathValue {
    const known = this.values.get(id);
    if (known !== undefined) return known;
    const query = this.byId.get(id);
    if (!query) throw new MathError(`Unknown identifier '${id}'`);
    if (this.inProgress.has(id)) throw new MathError('The expression refers to itself');
    this.inProgress.add(id);
    const value = query.MetricStat ? this.readSeries(query, query.MetricStat) : this.compute(query);
    this.inProgress.delete(id);
    this.values.set(id, value);
    return value;
  }

  private readSeries(query: Query, stat: Validated<MetricStat>): TimeSeries {
    const { datapoints, messages } = readMetric(this.account, stat, this.window);
    this.messages.set(query.Id ?? '', messages);
    return {
      label: query.Label ?? stat.Metric?.MetricName ?? '',
      periodMs: periodMsOf(stat.Period),
      points: new Map(datapoints.map(({ start, value }) => [start, value])),
    };
  }

  private compute(query: Query): MathValue {
    const id = query.Id ?? '';
    try {
      return evaluate(parseExpression(query.Expression ?? ''), this.context);
    } catch (error) {
      if (error instanceof MathError) throw errorIn(id, error);
      throw error;
    }
  }

  private readonly context: MathContext = {
    valueOf: (id) => this.valueOf(id),
    metrics: () =>
      this.queries.flatMap((query) => {
        if (!query.MetricStat) return [];
        const value = this.valueOf(query.Id ?? '');
        return typeof value === 'number' || Array.isArray(value)
          ? []
          : [{ id: query.Id ?? '', series: value }];
      }),
    timesOf: (periodMs) => this.timesOf(periodMs),
  };

  private timesOf(periodMs: number): number[] {
    const times: number[] = [];
    const to = Math.min(this.window.to, this.account.time);
    for (let start = this.window.fromOf(periodMs); start < to; start += periodMs) times.push(start);
    return times;
  }
}

/** Checks without data: ids, and that each query is a metric or a valid expression. `member`: of the request. */
export function checkQueries(queries: Query[], member: 'MetricDataQueries' | 'Metrics'): void {
  const ids = queries.map((query) => query.Id ?? '');
  if (new Set(ids).size < ids.length) {
    throw validationFailure(`The values for parameter id in ${member} are not unique.`);
  }
  for (const [index, query] of queries.entries()) {
    const path = `${member}.member.${index + 1}`;
    if (!/^[a-z]\w*$/.test(query.Id ?? '')) {
      throw validationFailure(
        `The value ${query.Id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    }
    if (query.MetricStat !== undefined && query.Expression !== undefined) {
      throw validationFailure(
        `The parameter ${member} must have exactly one of MetricStat and Expression in each element.`,
      );
    }
    // The words and the final line break are CloudWatch's, as moto has them.
    if (query.MetricStat === undefined && query.Expression === undefined) {
      throw validationFailure(`The parameter ${path}.MetricStat is required.\n`);
    }
    if (query.MetricStat) {
      const missing = (['Namespace', 'MetricName'] as const).find(
        (name) => query.MetricStat?.Metric?.[name] === undefined,
      );
      if (missing) throw validationFailure(`The parameter ${path}.MetricStat.Metric.${missing} is required.`);
      periodMsOf(query.MetricStat.Period);
      parseStatistic(query.MetricStat.Stat ?? '');
    } else {
      parseQuery(query);
    }
  }
}

/** Throws ServiceError with the name of an expression that cannot be parsed. */
export function parseQuery(query: Query): Expression {
  try {
    return parseExpression(query.Expression ?? '');
  } catch (error) {
    if (error instanceof MathError) throw errorIn(query.Id ?? '', error);
    throw error;
  }
}

function errorIn(id: string, error: MathError): ServiceError {
  return validationFailure(`Error in expression '${id}': ${error.message}`);
}
