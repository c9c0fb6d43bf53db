import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import { readAws } from '../aws/errors.js';
import { retryableFailure } from '../temporal/failures.js';
import { fetchResults, toMetricDataQuery, toSeriesReading } from './metric-data.js';
import { metricPeriodOf } from './periods.js';

/** How far apart the points of a metric are that is published at regular times. Seconds. */
export interface Spacing {
  /** Half of the gaps are at most this long. */
  usual: number;
  /** Nine in ten gaps are at most this long. */
  most: number;
}

export interface SpacingReader {
  /** `windowSeconds`: the window that the points are compared with. Null: few points, or points at irregular times. */
  spacingOf: (series: MetricSeries, windowSeconds: number, nowMs: number) => Promise<Spacing | null>;
}

const minuteSeconds = 60;
/**
 * CloudWatch keeps points closer than a minute for 3 hours:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const secondsRead = { minutes: 24 * 3_600, closer: 2 * 3_600 };

export function createSpacingReader(cloudwatch: CloudWatchClient): SpacingReader {
  return {
    async spacingOf(series, windowSeconds, nowMs) {
      const inMinutes = windowSeconds >= minuteSeconds;
      const periodSeconds = inMinutes ? minuteSeconds : metricPeriodOf(0, windowSeconds * 1000);
      const toMs = Math.floor(nowMs / 60_000) * 60_000;
      const fromMs = toMs - (inMinutes ? secondsRead.minutes : secondsRead.closer) * 1000;
      const query = toMetricDataQuery(series, periodSeconds, 'points');
      const span = { fromMs, toMs, periodSeconds };
      const results = await readAws(() => fetchResults(cloudwatch, span, [query]));
      const reading = toSeriesReading(span, results.get('points'));
      if (reading.kind === 'complete') return regularSpacing(reading.points, periodSeconds);
      const reason = reading.kind === 'failed' ? reading.reason : 'CloudWatch returned only partial data';
      throw retryableFailure('Unavailable', `metric ${series.name} cannot be read: ${reason}`);
    },
  };
}

const minGaps = 5;
const regularPart = 0.9;

/**
 * A publisher with a schedule can be late by a period, miss a point or stop at night. Points that only follow the
 * requests have other gaps: a window with few requests is judged together with the next one, so it may lack a point.
 */
function regularSpacing(points: readonly { atMs: number }[], periodSeconds: number): Spacing | null {
  const times = points.map(({ atMs }) => atMs / 1000).sort((a, b) => a - b);
  const gaps = times
    .slice(1)
    .map((at, i) => at - times[i]!)
    .sort((a, b) => a - b);
  if (gaps.length < minGaps) return null;
  const usual = gaps[Math.floor((gaps.length - 1) / 2)]!;
  const most = gaps[Math.ceil(gaps.length * regularPart) - 1]!;
  const regular = gaps.filter((gap) => Math.abs(gap - usual) <= periodSeconds);
  return regular.length >= gaps.length * regularPart ? { usual, most } : null;
}
