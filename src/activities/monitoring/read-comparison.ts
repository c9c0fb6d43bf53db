/** Reads the windows of a comparison: the same periods of both arms, all data or none. */
import type { ComparisonWindow } from '../../analysis/verdicts/comparison-windows.js';
import { windowEndMs, type Windows } from '../../analysis/verdicts/windows.js';
import type { MetricSeries, UserSeries } from '../../plan/compiled/guardrail.js';
import { armsOf } from '../endpoint/arms.js';
import { countArms, type ArmSums } from './comparison-counts.js';
import type { WindowComparison } from './comparison.js';
import type { WatchRequest } from '../interface/watch.js';
import type { SeriesReader, SeriesReading } from '../metrics/metric-reader.js';
import { metricPeriodOf } from '../metrics/periods.js';
import { fillSeries } from '../metrics/placeholders.js';

export type WindowsReading =
  { kind: 'complete'; windows: ComparisonWindow[] } | Exclude<SeriesReading, { kind: 'complete' }>;

/** Windows `after + 1` to `upTo`. */
export async function readComparison(
  metrics: SeriesReader,
  comparison: WindowComparison,
  request: Pick<WatchRequest, 'rolloutId' | 'traffic' | 'weights' | 'stage'>,
  { windows, after, upTo }: { windows: Windows; after: number; upTo: number },
): Promise<WindowsReading> {
  const range = { fromMs: windowEndMs(windows, after), toMs: windowEndMs(windows, upTo) };
  const periodSeconds = metricPeriodOf(range.fromMs, range.fromMs + windows.lengthMs);
  const read = (series: MetricSeries) => metrics.readSeries({ series, ...range, periodSeconds });
  const readings = await Promise.all(
    armsOf(request.traffic).flatMap(({ role, arm }) => {
      const { endpoint, variant } = arm;
      const placeholders = { endpoint, variant, role, rolloutId: request.rolloutId };
      return seriesToRead(comparison).map(async ({ series, add }) => {
        return { role, add, reading: await read(fillSeries(series, placeholders)) };
      });
    }),
  );
  const sums = Array.from({ length: upTo - after }, () => ({
    baseline: noSums(comparison),
    candidate: noSums(comparison),
  }));
  for (const { role, add, reading } of readings) {
    if (reading.kind !== 'complete') return reading;
    for (const { atMs, value } of reading.points) {
      const arm = sums[Math.floor((atMs - range.fromMs) / windows.lengthMs)]?.[role];
      if (arm !== undefined) add(arm, value);
    }
  }
  return {
    kind: 'complete',
    windows: sums.map((arms, i) => ({
      from: new Date(windowEndMs(windows, after + i)).toISOString(),
      to: new Date(windowEndMs(windows, after + i + 1)).toISOString(),
      stage: request.stage,
      candidateShare: request.weights.candidate,
      arms: countArms(comparison, arms, expectedShares(request)),
    })),
  };
}

interface SeriesToRead {
  series: MetricSeries;
  add: (sums: ArmSums, value: number) => void;
}

function seriesToRead({ series }: WindowComparison): SeriesToRead[] {
  const counts = (['trials', 'total', 'squares'] as const).flatMap((name): SeriesToRead[] => {
    const each = series[name];
    return each === null
      ? []
      : [{ series: each, add: (sums, value) => (sums[name] = (sums[name] ?? 0) + value) }];
  });
  const byUser = (Object.entries(series.byUser ?? {}) as [keyof UserSeries, MetricSeries][]).map(
    ([name, each]): SeriesToRead => ({
      series: each,
      add: ({ byUser = {} }, value) => (byUser[name] = (byUser[name] ?? 0) + value),
    }),
  );
  return [...counts, ...byUser];
}

function noSums({ series }: WindowComparison): ArmSums {
  const counts = { trials: undefined, total: undefined, squares: undefined };
  return series.byUser === null ? counts : { ...counts, byUser: {} };
}

/** A shadow has no share. The expected number of copied requests is that of a share of 50 %. */
function expectedShares({ traffic, weights }: Pick<WatchRequest, 'traffic' | 'weights'>) {
  return traffic.arms.candidate.shadow ? { baseline: 50, candidate: 50 } : weights;
}
