/**
 * The cap of a value, from the first data of both models. It is set once, before a window is judged with it, and is kept
 * with the sums of the goal.
 */
import { capOf, reportedPercentile, type FirstCounts } from '../../analysis/statistics/winsorised.js';
import type { Measurement } from '../../analysis/verdicts/bound-judgement.js';
import { windowEndMs, type Windows } from '../../analysis/verdicts/windows.js';
import type { CapRule } from '../../plan/compiled/goal.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import { armsOf } from '../endpoint/arms.js';
import type { WatchRequest } from '../interface/watch.js';
import { readSpan, type SeriesReader, type SeriesReading } from '../metrics/metric-reader.js';
import { fillSeries } from '../metrics/placeholders.js';
import type { WindowComparison } from './comparison.js';

const dayMs = 86_400_000;
/** Values other than zero of both models together: with as many, the cap is set before the day is over. */
const enoughValues = 10_000;
/** With fewer, it waits longer than a day. */
const fewestValues = 100;

/** `cap: null`: not enough data yet. */
export type CapSearch =
  { kind: 'complete'; cap: number | null } | Exclude<SeriesReading, { kind: 'complete' }>;

/** From the windows up to `upTo`, at most the last day of them. */
export async function findCap(
  metrics: SeriesReader,
  { series }: Pick<WindowComparison, 'series'>,
  { percent }: Extract<CapRule, { kind: 'percentile' }>,
  request: Pick<WatchRequest, 'rolloutId' | 'traffic'>,
  { windows, upTo }: { windows: Windows; upTo: number },
): Promise<CapSearch> {
  const { trials, total } = series;
  if (total === null) return { kind: 'complete', cap: null };
  const toMs = windowEndMs(windows, upTo);
  const inDay = Math.max(1, Math.floor(dayMs / windows.lengthMs));
  const fromMs = windowEndMs(windows, Math.max(0, upTo - inDay));
  const arms = armsOf(request.traffic).map(({ role, arm: { endpoint, variant } }) => {
    return { endpoint, variant, role, rolloutId: request.rolloutId };
  });
  const readAll = (all: MetricSeries[]) =>
    Promise.all(all.map((one) => readSpan(metrics, one, 'highest', { fromMs, toMs })));
  const counted = numbersOf(
    await readAll(
      arms.flatMap((arm) => {
        const values = fillSeries(total, arm);
        return [fillSeries(trials, arm), { ...values, stat: 'SampleCount' }, { ...values, stat: 'TC(0:)' }];
      }),
    ),
  );
  if (counted.kind !== 'complete') return counted;
  const counts: FirstCounts[] = arms.map((_, i) => {
    const [requests = 0, values = 0, nonZero = 0] = counted.numbers.slice(3 * i);
    return { requests, values, nonZero };
  });
  const found = counts.reduce((sum, { nonZero }) => sum + nonZero, 0);
  const isOver = toMs - windows.startMs >= dayMs || upTo >= windows.planned;
  if (found < (isOver ? fewestValues : enoughValues)) return { kind: 'complete', cap: null };
  const percentiles = numbersOf(
    await readAll(
      arms.flatMap((arm, i) => {
        const percentile = reportedPercentile(counts[i]!, percent);
        return percentile === null ? [] : [{ ...fillSeries(total, arm), stat: `p${percentile}` }];
      }),
    ),
  );
  if (percentiles.kind !== 'complete') return percentiles;
  return { kind: 'complete', cap: capOf(percentiles.numbers) };
}

/** A statistic without data is 0. */
function numbersOf(
  measurements: Measurement[],
): { kind: 'complete'; numbers: number[] } | Exclude<SeriesReading, { kind: 'complete' }> {
  const numbers: number[] = [];
  for (const measured of measurements) {
    if (measured.kind === 'partial' || measured.kind === 'failed') return measured;
    numbers.push(measured.kind === 'value' ? measured.value : 0);
  }
  return { kind: 'complete', numbers };
}
