/** Reads the windows of a comparison: the same periods of both arms, all data or none. */
import type { ComparisonWindow } from '../../analysis/verdicts/comparison-windows.js';
import { windowEndMs, type Windows } from '../../analysis/verdicts/windows.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';
import type { Role } from '../../plan/compiled/names.js';
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
  const readings: { role: Role; name: keyof ArmSums; reading: SeriesReading }[] = await Promise.all(
    armsOf(request.traffic).flatMap(({ role, arm }) => {
      const { endpoint, variant } = arm;
      const placeholders = { endpoint, variant, role, rolloutId: request.rolloutId };
      return namesOf(comparison).map(async ({ name, series }) => {
        return { role, name, reading: await read(fillSeries(series, placeholders)) };
      });
    }),
  );
  const sums = Array.from({ length: upTo - after }, () => ({ baseline: noSums(), candidate: noSums() }));
  for (const { role, name, reading } of readings) {
    if (reading.kind !== 'complete') return reading;
    for (const { atMs, value } of reading.points) {
      const arm = sums[Math.floor((atMs - range.fromMs) / windows.lengthMs)]?.[role];
      if (arm !== undefined) arm[name] = (arm[name] ?? 0) + value;
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

function namesOf({ series }: WindowComparison): { name: keyof ArmSums; series: MetricSeries }[] {
  const { trials, total, squares } = series;
  return [
    { name: 'trials', series: trials },
    ...(total === null ? [] : [{ name: 'total' as const, series: total }]),
    ...(squares === null ? [] : [{ name: 'squares' as const, series: squares }]),
  ];
}

function noSums(): ArmSums {
  return { trials: undefined, total: undefined, squares: undefined };
}

/** A shadow has no share. The expected number of copied requests is that of a share of 50 %. */
function expectedShares({ traffic, weights }: Pick<WatchRequest, 'traffic' | 'weights'>) {
  return traffic.arms.candidate.shadow ? { baseline: 50, candidate: 50 } : weights;
}
