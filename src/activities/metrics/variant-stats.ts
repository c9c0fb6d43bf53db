import { armsOf } from '../endpoint/arms.js';
import type { WatchRequest, WatchState } from '../interface/watch.js';
import { readSpan, type SeriesReader } from './metric-reader.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

type Stats = Pick<WatchState, 'stats' | 'statsUntil'>;

/**
 * For the status: counts and latency of each arm since the weights were verified. Null: unknown. Reads CloudWatch only
 * if the range has grown since `before`, or if `before` lacks a number, because every metric that is read costs money.
 */
export async function readStats(
  metrics: SeriesReader,
  request: Pick<WatchRequest, 'traffic' | 'since' | 'metricPeriodSeconds'>,
  before: Stats,
  nowMs: number,
): Promise<Stats> {
  const range = statsRange(Date.parse(request.since), nowMs, request.metricPeriodSeconds);
  const until = range === null ? {} : { statsUntil: new Date(range.toMs).toISOString() };
  const arms = armsOf(request.traffic);
  if (range !== null && before.statsUntil === until.statsUntil && isComplete(before, arms))
    return { stats: before.stats, ...until };
  const stats = await Promise.all(
    arms.map(async ({ role, arm: { endpoint, variant } }) => {
      const read = (name: string, stat: string, span = range) =>
        span === null ? null : readNumber(metrics, { endpoint, variant, name, stat, ...span });
      const [requests, errors, p99] = await Promise.all([
        read('Invocations', 'Sum'),
        read('Invocation5XXErrors', 'Sum'),
        read('ModelLatency', 'p99', range && lastHourOf(range)),
      ]);
      // ModelLatency is published in microseconds.
      return { role, variant, requests, errors, p99Ms: p99 === null ? null : p99 / 1000 };
    }),
  );
  return { stats, ...until };
}

function isComplete({ stats }: Stats, arms: ReturnType<typeof armsOf>): boolean {
  return arms.every(({ role, arm }) =>
    stats.some(
      (each) =>
        each.role === role &&
        each.variant === arm.variant &&
        each.requests !== null &&
        each.errors !== null &&
        each.p99Ms !== null,
    ),
  );
}

/** The status shows recent latency: a percentile over weeks is expensive to read and says little. */
function lastHourOf({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  return { fromMs: Math.max(fromMs, toMs - hourMs), toMs };
}

/**
 * Uses whole periods. After a day it uses whole hours, because CloudWatch may already have rolled up the data.
 */
function statsRange(sinceMs: number, nowMs: number, metricPeriodSeconds: number) {
  const gridMs = nowMs - sinceMs > dayMs ? hourMs : gridOf(metricPeriodSeconds, nowMs - sinceMs);
  const fromMs = Math.ceil(sinceMs / gridMs) * gridMs;
  const toMs = Math.floor(nowMs / gridMs) * gridMs;
  return toMs > fromMs ? { fromMs, toMs } : null;
}

/** Uses short periods only in the first minutes, because CloudWatch keeps them for three hours. */
function gridOf(metricPeriodSeconds: number, ageMs: number): number {
  const periodMs = metricPeriodSeconds * 1000;
  return ageMs > 10 * minuteMs ? Math.max(periodMs, minuteMs) : periodMs;
}

async function readNumber(
  metrics: SeriesReader,
  a: { endpoint: string; variant: string; name: string; stat: string; fromMs: number; toMs: number },
): Promise<number | null> {
  const series = {
    namespace: 'AWS/SageMaker',
    name: a.name,
    stat: a.stat,
    dimensions: { EndpointName: a.endpoint, VariantName: a.variant },
  };
  const measured = await readSpan(metrics, series, 'highest', a);
  return measured.kind === 'value' ? measured.value : null;
}
