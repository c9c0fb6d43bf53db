/** Reads the windows of a comparison: the same periods of both arms, all data or none. */
import type { PeriodValues } from '../../analysis/statistics/winsorised.js';
import type { ComparisonWindow } from '../../analysis/verdicts/comparison-windows.js';
import { windowEndMs, type Windows } from '../../analysis/verdicts/windows.js';
import type { MetricSeries, UserSeries } from '../../plan/compiled/guardrail.js';
import { armsOf } from '../endpoint/arms.js';
import { countArms, type ArmSums } from './comparison-counts.js';
import type { WindowComparison } from './comparison.js';
import { cappedPoints, valueStatistics } from './value-statistics.js';
import type { WatchRequest } from '../interface/watch.js';
import type { SeriesPoint, SeriesReader, SeriesReading } from '../metrics/metric-reader.js';
import { metricPeriodOf } from '../metrics/periods.js';
import { fillSeries } from '../metrics/placeholders.js';

export type WindowsReading =
  { kind: 'complete'; windows: ComparisonWindow[] } | Exclude<SeriesReading, { kind: 'complete' }>;

/** Windows `after + 1` to `upTo`. `cap`: of a value's sums. Null: the sums are not capped. */
export async function readComparison(
  metrics: SeriesReader,
  comparison: WindowComparison,
  request: Pick<WatchRequest, 'rolloutId' | 'traffic' | 'weights' | 'stage'>,
  { windows, after, upTo, cap }: { windows: Windows; after: number; upTo: number; cap: number | null },
): Promise<WindowsReading> {
  const range = { fromMs: windowEndMs(windows, after), toMs: windowEndMs(windows, upTo) };
  const periodSeconds = metricPeriodOf(range.fromMs, range.fromMs + windows.lengthMs);
  const read = (series: MetricSeries) => metrics.readSeries({ series, ...range, periodSeconds });
  const readings = await Promise.all(
    armsOf(request.traffic).map(async ({ role, arm }) => {
      const { endpoint, variant } = arm;
      const placeholders = { endpoint, variant, role, rolloutId: request.rolloutId };
      const readAll = <N extends string>(series: [N, MetricSeries][]) =>
        Promise.all(
          series.map(async ([name, each]) => [name, await read(fillSeries(each, placeholders))] as const),
        );
      const byUser = Object.entries(comparison.series.byUser ?? {}) as [keyof UserSeries, MetricSeries][];
      const [sums, users] = await Promise.all([readAll(seriesOf(comparison, cap)), readAll(byUser)]);
      return { role, sums, users };
    }),
  );
  const windowSums = Array.from({ length: upTo - after }, () => ({
    baseline: noSums(comparison),
    candidate: noSums(comparison),
  }));
  for (const { role, sums, users } of readings) {
    const armAt = (atMs: number) => windowSums[Math.floor((atMs - range.fromMs) / windows.lengthMs)]?.[role];
    const points: Partial<Record<SumStatistic, SeriesPoint[]>> = {};
    for (const [name, reading] of sums) {
      if (reading.kind !== 'complete') return reading;
      points[name] = reading.points;
    }
    for (const part of partsOf(points, cap)) addPart(armAt(part.atMs), part);
    for (const [name, reading] of users) {
      if (reading.kind !== 'complete') return reading;
      for (const { atMs, value } of reading.points) {
        const { byUser = {} } = armAt(atMs) ?? {};
        byUser[name] = (byUser[name] ?? 0) + value;
      }
    }
  }
  return {
    kind: 'complete',
    windows: windowSums.map((arms, i) => ({
      from: new Date(windowEndMs(windows, after + i)).toISOString(),
      to: new Date(windowEndMs(windows, after + i + 1)).toISOString(),
      stage: request.stage,
      candidateShare: request.weights.candidate,
      arms: countArms(comparison, arms, expectedShares(request)),
    })),
  };
}

type SumName = 'trials' | 'total' | 'squares';
type SumStatistic = SumName | keyof PeriodValues;

function seriesOf({ series }: WindowComparison, cap: number | null): [SumStatistic, MetricSeries][] {
  const { trials, total, squares } = series;
  if (cap !== null && total !== null && squares !== null)
    return [
      ['trials', trials],
      ...(Object.entries(valueStatistics({ total, squares }, cap)) as [keyof PeriodValues, MetricSeries][]),
    ];
  return [
    ['trials', trials],
    ...(total === null ? [] : [['total', total] satisfies [SumStatistic, MetricSeries]]),
    ...(squares === null ? [] : [['squares', squares] satisfies [SumStatistic, MetricSeries]]),
  ];
}

interface SumPart {
  name: SumName;
  atMs: number;
  /** Null: unknown. */
  value: number | null;
  /** The sum before the values were capped. Absent: nothing is capped. */
  uncapped?: number;
}

function partsOf(points: Partial<Record<SumStatistic, SeriesPoint[]>>, cap: number | null): SumPart[] {
  const plain = (name: SumName): SumPart[] => (points[name] ?? []).map((point) => ({ name, ...point }));
  if (cap === null) return [...plain('trials'), ...plain('total'), ...plain('squares')];
  const capped = cappedPoints(points, cap).flatMap(({ atMs, sums, uncapped }): SumPart[] => [
    { name: 'total', atMs, value: sums && sums.total, uncapped: uncapped.total },
    { name: 'squares', atMs, value: sums && sums.squares, uncapped: uncapped.squares },
  ]);
  return [...plain('trials'), ...capped];
}

function addPart(arm: ArmSums | undefined, { name, value, uncapped }: SumPart): void {
  if (arm === undefined) return;
  arm[name] = value === null || arm[name] === null ? null : (arm[name] ?? 0) + value;
  if (uncapped === undefined) return;
  arm.uncapped ??= { sum: 0, sumSquares: 0 };
  arm.uncapped[name === 'total' ? 'sum' : 'sumSquares'] += uncapped;
}

function noSums({ series }: WindowComparison): ArmSums {
  const counts = { trials: undefined, total: undefined, squares: undefined };
  return series.byUser === null ? counts : { ...counts, byUser: {} };
}

/** A shadow has no share. The expected number of copied requests is that of a share of 50 %. */
function expectedShares({ traffic, weights }: Pick<WatchRequest, 'traffic' | 'weights'>) {
  return traffic.arms.candidate.shadow ? { baseline: 50, candidate: 50 } : weights;
}
