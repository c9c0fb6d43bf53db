import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataResult,
  StatusCode,
} from '@aws-sdk/client-cloudwatch';
import { operation } from '../../http/operation.js';
import { ServiceError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { MetricsOutage } from '../../account/outages.js';
import { defaultLabels } from './labels.js';
import { checkQueries, type Query, QueryRun, type Window } from './metric-queries.js';
import { positionOf, tokenFor } from './paging.js';
import { roundStart, validationFailure } from '../shapes.js';

type MetricDataRequest = Validated<GetMetricDataInput>;

const maximumQueries = 500;
const maximumDatapoints = 100_800;
const statusCodes: Record<Exclude<MetricsOutage, 'error'>, StatusCode> = {
  partial: 'PartialData',
  internalError: 'InternalError',
  forbidden: 'Forbidden',
};

export const getMetricData = operation(
  'GetMetricData',
  modelled<GetMetricDataInput>(),
  (asked, { account }): GetMetricDataOutput => {
    const outage = account.outages.metrics;
    if (outage === 'error') {
      const message = 'Request processing has failed due to some unknown error.';
      throw new ServiceError('InternalServiceError', message, 500);
    }
    checkRequest(asked);
    const labelOf = defaultLabels(asked.MetricDataQueries);
    const wanted = asked.MetricDataQueries.filter((query) => query.ReturnData !== false);
    if (outage) {
      const MetricDataResults = wanted.map((query) =>
        withoutData(query, labelOf(query), statusCodes[outage]),
      );
      return { Messages: [], MetricDataResults };
    }
    const run = new QueryRun(account, asked.MetricDataQueries, windowOf(asked, account.time));
    const results = wanted.flatMap((query) => resultsOf(run, query, labelOf(query), asked.ScanBy));
    return { Messages: [], ...pageOf(results, asked) };
  },
);

function checkRequest(asked: MetricDataRequest): void {
  if (asked.StartTime.getTime() >= asked.EndTime.getTime()) {
    throw validationFailure('The parameter StartTime must be less than the parameter EndTime.');
  }
  const queries = asked.MetricDataQueries;
  if (queries.length === 0) throw validationFailure('The parameter MetricDataQueries is required.');
  if (queries.length > maximumQueries) {
    throw validationFailure(
      `The collection MetricDataQueries must not have a size greater than ${maximumQueries}.`,
    );
  }
  const limit = asked.MaxDatapoints ?? maximumDatapoints;
  if (limit < 1 || limit > maximumDatapoints) {
    throw validationFailure(`The value ${limit} for parameter MaxDatapoints is invalid.`);
  }
  checkQueries(queries, 'MetricDataQueries');
}

function windowOf({ StartTime, EndTime }: MetricDataRequest, now: number): Window {
  return {
    fromOf: (periodMs) => roundStart(StartTime.getTime(), periodMs, now),
    to: EndTime.getTime(),
  };
}

function withoutData({ Id, Label }: Query, label: string, StatusCode: StatusCode): MetricDataResult {
  return { Id, Label: Label ?? label, Timestamps: [], Values: [], StatusCode };
}

/** One result, or one for each series of an expression with several series. */
function resultsOf(
  run: QueryRun,
  query: Query,
  label: string,
  scanBy: MetricDataRequest['ScanBy'],
): MetricDataResult[] {
  const { series, messages } = run.resultOf(query);
  return series.map((each) => {
    const points = [...each.points];
    if (scanBy !== 'TimestampAscending') points.reverse();
    const own = query.Label ?? label;
    return {
      Id: query.Id,
      Label: series.length > 1 ? `${own} ${each.label}`.trim() : own,
      Timestamps: points.map(([start]) => new Date(start)),
      Values: points.map(([, value]) => value),
      StatusCode: 'Complete' as const,
      ...(messages.length > 0 ? { Messages: messages } : {}),
    };
  });
}

/** Truncates the results at the max number of points. The token is the number of points already returned. */
function pageOf(results: MetricDataResult[], asked: MetricDataRequest): GetMetricDataOutput {
  const limit = asked.MaxDatapoints ?? maximumDatapoints;
  const given = positionOf(asked.NextToken);
  let position = 0;
  const cut: MetricDataResult[] = [];
  for (const result of results) {
    const length = result.Values?.length ?? 0;
    const from = Math.min(length, Math.max(0, given - position));
    const to = Math.min(length, Math.max(0, given + limit - position));
    position += length;
    if (given > 0 && from === to) continue;
    cut.push({
      ...result,
      Timestamps: result.Timestamps?.slice(from, to),
      Values: result.Values?.slice(from, to),
      StatusCode: to < length ? 'PartialData' : 'Complete',
    });
  }
  return {
    MetricDataResults: cut,
    ...(position > given + limit ? { NextToken: tokenFor(given + limit) } : {}),
  };
}
