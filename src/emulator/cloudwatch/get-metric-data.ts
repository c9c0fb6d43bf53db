import type { GetMetricDataOutput, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import type { World } from '../world/world.js';
import { dimensions, metricIdOf, period, stat, time } from './shapes.js';
import { aggregate } from './statistics.js';

const query = z.looseObject({
  Id: z
    .string()
    .max(255)
    .regex(/^[a-z][a-zA-Z0-9_]*$/),
  MetricStat: z
    .object({
      Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
      Period: period,
      Stat: stat,
      Unit: z.string().optional(),
    })
    .optional(),
  Expression: z.string().optional(),
  Label: z.string().optional(),
  ReturnData: z.boolean().optional(),
});
type Query = z.output<typeof query>;

const request = z.looseObject({
  MetricDataQueries: z.array(query).min(1).max(500),
  StartTime: time,
  EndTime: time,
  NextToken: z.string().optional(),
  ScanBy: z.enum(['TimestampAscending', 'TimestampDescending']).optional(),
  MaxDatapoints: z.int().min(1).max(100_800).optional(),
});
type Request = z.output<typeof request>;

const maximumDatapoints = 100_800;
const minuteMs = 60_000;
const dayMs = 86_400_000;

export const getMetricData = operation('GetMetricData', request, (asked, { world }): GetMetricDataOutput => {
  if (world.outages.metrics === 'error') {
    throw new ServiceError(
      'InternalServiceError',
      'Request processing has failed due to some unknown error.',
      500,
    );
  }
  checkRequest(asked);
  const partial = world.outages.metrics === 'partial';
  const wanted = asked.MetricDataQueries.filter((each) => each.ReturnData !== false);
  const results = wanted.map((each) => readSeries(world, asked, each, partial));
  return partial ? { MetricDataResults: results } : pageOf(results, asked);
});

function checkRequest(asked: Request): void {
  if (asked.StartTime >= asked.EndTime) {
    throw new ServiceError(
      'ValidationError',
      'The parameter StartTime must be less than the parameter EndTime.',
    );
  }
  const ids = asked.MetricDataQueries.map((each) => each.Id);
  if (new Set(ids).size < ids.length) {
    throw new ServiceError(
      'ValidationError',
      'The values for parameter id in MetricDataQueries are not unique.',
    );
  }
  const expression = asked.MetricDataQueries.find((each) => !each.MetricStat);
  if (expression) {
    const message = `Error in expression '${expression.Id}': metric math is not emulated; ask for the metrics themselves.`;
    throw new ServiceError('ValidationError', message);
  }
}

function readSeries(
  world: World,
  asked: Request,
  { Id, Label, MetricStat }: Query,
  partial: boolean,
): MetricDataResult {
  const result = { Id, Label: Label ?? MetricStat?.Metric.MetricName ?? Id };
  if (!MetricStat || partial) return { ...result, Timestamps: [], Values: [], StatusCode: 'PartialData' };
  const periodMs = MetricStat.Period * 1000;
  const from = roundStart(asked.StartTime, periodMs, world.time);
  const id = metricIdOf(MetricStat.Metric);
  const points = world.metrics.read(id, MetricStat.Unit, from, asked.EndTime, world.time);
  const values = aggregate(points, MetricStat.Stat, from, periodMs);
  if (asked.ScanBy !== 'TimestampAscending') values.reverse();
  return {
    ...result,
    Timestamps: values.map(({ start }) => new Date(start)),
    Values: values.map(({ value }) => value),
    StatusCode: 'Complete',
  };
}

/** Down to the period below a minute, to the minute, after 15 days to 5 minutes, after 63 days to the hour. */
function roundStart(start: number, periodMs: number, now: number): number {
  const age = now - start;
  const old = age > 63 * dayMs ? 60 * minuteMs : age > 15 * dayMs ? 5 * minuteMs : minuteMs;
  const unit = periodMs < minuteMs ? periodMs : old;
  return Math.floor(start / unit) * unit;
}

/** Cuts the results after so many points; the token says how many points have been given out before. */
function pageOf(results: MetricDataResult[], asked: Request): GetMetricDataOutput {
  const limit = asked.MaxDatapoints ?? maximumDatapoints;
  const given = asked.NextToken === undefined ? 0 : Number(Buffer.from(asked.NextToken, 'base64').toString());
  if (!Number.isInteger(given))
    throw new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
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
  const NextToken =
    position > given + limit ? Buffer.from(String(given + limit)).toString('base64') : undefined;
  return { MetricDataResults: cut, ...(NextToken === undefined ? {} : { NextToken }) };
}
