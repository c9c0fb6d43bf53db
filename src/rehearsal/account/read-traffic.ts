/** Two weeks of an endpoint in CloudWatch, as the traffic and the baseline of a rehearsal. */
import type { SeriesReader } from '../../activities/metrics/metric-reader.js';
import type { LatencyProfile, ModelProfile, TrafficChanges } from '../scenario/scenario.js';

export interface EndpointHistory {
  traffic: TrafficChanges & { requestsPerSecond: number };
  baseline: ModelProfile;
}

const hourSeconds = 3_600;
const hourMs = 3_600_000;
const hoursRead = 14 * 24;
/** With less, a daily profile would be noise. */
const minHoursForProfiles = 48;
const hoursInAWeek = 7 * 24;
const microsecondsPerMs = 1_000;
const percentiles = ['p50', 'p90', 'p99'] as const;

/** By the hour's begin, in milliseconds since the epoch. */
type Hours = ReadonlyMap<number, number>;

/** Throws Error if CloudWatch cannot be read or has no requests. */
export async function readTraffic(
  metrics: SeriesReader,
  { endpoint, variant, nowMs }: { endpoint: string; variant: string; nowMs: number },
): Promise<EndpointHistory> {
  const toMs = Math.floor(nowMs / hourMs) * hourMs;
  const span = { fromMs: toMs - hoursRead * hourMs, toMs, periodSeconds: hourSeconds };
  const dimensions = { EndpointName: endpoint, VariantName: variant };
  const read = async (name: string, stat: string): Promise<Hours> => {
    const series = { namespace: 'AWS/SageMaker', name, stat, dimensions };
    const reading = await metrics.readSeries({ series, ...span });
    if (reading.kind === 'complete') return new Map(reading.points.map(({ atMs, value }) => [atMs, value]));
    throw new Error(reading.kind === 'failed' ? reading.reason : 'CloudWatch returned only partial data');
  };
  const [invocations, serverErrors, clientErrors, modelErrors] = (await Promise.all(
    ['Invocations', 'Invocation5XXErrors', 'Invocation4XXErrors', 'InvocationModelErrors'].map((name) =>
      read(name, 'Sum'),
    ),
  )) as [Hours, Hours, Hours, Hours];
  const requests = sum(invocations);
  if (requests === 0) throw new Error('CloudWatch has no requests to it in the last two weeks');
  const latencies = await Promise.all(
    percentiles.map(async (stat) => [stat, await read('ModelLatency', stat)] as const),
  );
  const first = Math.min(...invocations.keys());
  const hours = (toMs - first) / hourMs;
  const rate = (errors: Hours) => sum(errors) / requests;
  return {
    traffic: {
      requestsPerSecond: requests / (hours * hourSeconds),
      ...profilesOf(invocations, first, toMs),
    },
    baseline: {
      errorRate: rate(serverErrors),
      clientErrorRate: rate(clientErrors),
      modelErrorRate: Math.max(0, rate(modelErrors) - rate(serverErrors) - rate(clientErrors)),
      latencyMs: latencyProfileOf(latencies, invocations),
    },
  };
}

/** Factors with a mean of 1, by hour of the day, and by day of the week if there is a whole week. */
function profilesOf(invocations: Hours, firstMs: number, toMs: number): Pick<TrafficChanges, 'day' | 'week'> {
  const hours = (toMs - firstMs) / hourMs;
  if (hours < minHoursForProfiles) return {};
  const day = factorsBy(24, (at) => at.getUTCHours(), invocations, firstMs, toMs);
  // From Monday on.
  const week = factorsBy(7, (at) => (at.getUTCDay() + 6) % 7, invocations, firstMs, toMs);
  return { day, ...(hours >= hoursInAWeek ? { week } : {}) };
}

function factorsBy(
  count: number,
  indexOf: (at: Date) => number,
  invocations: Hours,
  firstMs: number,
  toMs: number,
): number[] {
  const sums = Array.from({ length: count }, () => ({ requests: 0, hours: 0 }));
  for (let ms = firstMs; ms < toMs; ms += hourMs) {
    const bin = sums[indexOf(new Date(ms))];
    if (bin === undefined) continue;
    bin.requests += invocations.get(ms) ?? 0;
    bin.hours += 1;
  }
  const means = sums.map(({ requests, hours }) => (hours === 0 ? 0 : requests / hours));
  const mean = means.reduce((total, each) => total + each, 0) / count;
  return means.map((each) => each / mean);
}

/** Percentiles of the hours, weighted by their requests. A model without two different ones has a narrow profile. */
function latencyProfileOf(latencies: (readonly [string, Hours])[], invocations: Hours): LatencyProfile {
  const means = latencies.flatMap(([percentile, hours]): [string, number][] => {
    const weighted = [...hours].map(([at, us]) => ({ us, weight: invocations.get(at) ?? 0 }));
    const weight = weighted.reduce((total, each) => total + each.weight, 0);
    if (weight === 0) return [];
    const us = weighted.reduce((total, each) => total + each.us * each.weight, 0) / weight;
    return [[percentile, us / microsecondsPerMs]];
  });
  return Object.fromEntries(means);
}

function sum(hours: Hours): number {
  return [...hours.values()].reduce((total, each) => total + each, 0);
}
