/** Past traffic of an endpoint, for forecasts: its rate, and the rates of the events that comparisons count. */
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { SeriesReader } from './metric-reader.js';
import { fillSeries, hasPlaceholder } from './placeholders.js';

export interface TrafficHistory {
  requestsPerHour: number;
  /** Percent, by the id of the guardrail or goal. Only rates that CloudWatch has data for. */
  baseRates: Map<string, number>;
  /** Standard deviation divided by mean, by the id of the goal. */
  relativeStds: Map<string, number>;
}

const hourSeconds = 3_600;
const hoursRead = 14 * 24;

/**
 * Covers the last two weeks of the current variants. Throws Error if CloudWatch cannot be read or has no
 * requests.
 */
export async function readTrafficHistory(
  metrics: SeriesReader,
  { endpoint, guardrails, goals }: Pick<Plan, 'endpoint' | 'guardrails' | 'goals'>,
  variants: readonly string[],
  nowMs: number,
): Promise<TrafficHistory> {
  const read = (series: MetricSeries) => readSums(metrics, { endpoint, variants, nowMs }, series);
  const requests = await read(invocations);
  if (requests === null || requests.sum === 0)
    throw new Error(`CloudWatch has no requests to endpoint ${endpoint} in the last two weeks`);
  const history: TrafficHistory = {
    requestsPerHour: requests.sum / requests.hours,
    baseRates: new Map(),
    relativeStds: new Map(),
  };
  const counted = guardrails.filter((guardrail) => guardrail.kind === 'comparison');
  for (const { id, events: total, trials } of counted)
    addRate(history, id, await read(trials), await read(total));
  for (const { id, metric } of guardrails.filter((guardrail) => guardrail.kind === 'bound')) {
    if (metric.expression !== undefined || metric.denominator === null) continue;
    const [trials, events] = [metric.denominator, metric.numerator].map((series) =>
      onEndpoint(series, endpoint),
    );
    addRate(history, id, await read(trials!), await read(events!));
  }
  for (const { id, total, trials, squares } of goals) {
    const [n, sum] = [await read(trials), await read(total)];
    if (squares === null) addRate(history, id, n, sum);
    else addSpread(history, id, { n, sum, squares: await read(squares) });
  }
  return history;
}

const invocations: MetricSeries = {
  namespace: 'AWS/SageMaker',
  name: 'Invocations',
  stat: 'Sum',
  dimensions: { EndpointName: '{endpoint}', VariantName: '{variant}' },
};

/** With two endpoints, bounds name the candidate's, which does not exist yet. */
function onEndpoint(series: MetricSeries, endpoint: string): MetricSeries {
  const { EndpointName: own } = series.dimensions;
  return own === undefined
    ? series
    : { ...series, dimensions: { ...series.dimensions, EndpointName: endpoint } };
}

interface TrafficTotals {
  sum: number;
  /** Hours since the first data. */
  hours: number;
}

/** Totals of all variants together. Null if there is no data, or if only a rollout would have this series. */
async function readSums(
  metrics: SeriesReader,
  { endpoint, variants, nowMs }: { endpoint: string; variants: readonly string[]; nowMs: number },
  series: MetricSeries,
): Promise<TrafficTotals | null> {
  const toMs = Math.floor(nowMs / 3_600_000) * 3_600_000;
  const span = { fromMs: toMs - hoursRead * 3_600_000, toMs, periodSeconds: hourSeconds };
  const filled = [
    ...new Set(variants.map((variant) => JSON.stringify(fillSeries(series, { endpoint, variant })))),
  ];
  const points = await Promise.all(
    filled.map(async (text) => {
      const filledSeries = JSON.parse(text) as MetricSeries;
      if (hasPlaceholder(filledSeries)) return [];
      const reading = await metrics.readSeries({ series: filledSeries, ...span });
      if (reading.kind === 'complete') return reading.points;
      throw new Error(
        `cannot read CloudWatch: ${reading.kind === 'failed' ? reading.reason : 'CloudWatch returned only partial data'}`,
      );
    }),
  );
  const all = points.flat();
  if (all.length === 0) return null;
  const first = Math.min(...all.map(({ atMs }) => atMs));
  return { sum: all.reduce((sum, { value }) => sum + value, 0), hours: (toMs - first) / 3_600_000 };
}

/** Skips a rate of 0, because it looks the same as a metric without a publisher. */
function addRate(
  { baseRates }: TrafficHistory,
  id: string,
  n: TrafficTotals | null,
  events: TrafficTotals | null,
): void {
  if (n !== null && events !== null && events.sum > 0 && events.sum < n.sum)
    baseRates.set(id, (100 * events.sum) / n.sum);
}

function addSpread(
  { relativeStds }: TrafficHistory,
  id: string,
  { n, sum, squares }: Record<'n' | 'sum' | 'squares', TrafficTotals | null>,
): void {
  if (n === null || sum === null || squares === null || n.sum === 0) return;
  const mean = sum.sum / n.sum;
  const variance = squares.sum / n.sum - mean ** 2;
  if (mean !== 0 && variance > 0) relativeStds.set(id, Math.sqrt(variance) / Math.abs(mean));
}
