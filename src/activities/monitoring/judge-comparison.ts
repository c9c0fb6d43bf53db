/** Brings one comparison up to date: adds each due window once and in order. */
import { tallyWindow, type ComparisonWindow } from '../../analysis/verdicts/comparison-windows.js';
import { exclude, noExclusions, type ExcludedSpan } from '../../analysis/verdicts/excluded-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import {
  countDue,
  leaveOutFirst,
  windowEndMs,
  planWindows,
  type Windows,
} from '../../analysis/verdicts/windows.js';
import type { WindowComparison, ComparisonState } from './comparison.js';
import { findCap } from './find-cap.js';
import { followsDrift, isDrifted, type DriftSpan } from '../drift/drift-history.js';
import type { ComparisonProgress, WatchRequest } from '../interface/watch.js';
import type { SeriesReader } from '../metrics/metric-reader.js';
import { readComparison, type WindowsReading } from './read-comparison.js';

/** After a long outage, each poll adds at most this many windows: about 8 h of one-minute windows. */
const maxWindowsPerPoll = 500;

/** The time of a poll. `drifts`: spans with an external change of the endpoint. */
export interface Now {
  nowMs: number;
  drifts: DriftSpan[];
}

export interface ComparedSoFar {
  id: string;
  windows: Windows;
  /** Counts only windows of this stage. */
  windowsJudged: number;
  /** As the last poll left it. */
  windowsBefore: number;
  progress: ComparisonProgress;
}

export async function judgeComparison(
  metrics: SeriesReader,
  comparison: WindowComparison,
  request: WatchRequest,
  { before, nowMs, drifts }: { before: ComparisonProgress | null } & Now,
): Promise<ComparedSoFar> {
  const { eventDelaySeconds } = comparison;
  const planned = planWindows(comparison, {
    sinceMs: Date.parse(request.since),
    bakeSeconds: request.bakeSeconds,
    metricPeriodSeconds: request.metricPeriodSeconds,
  });
  const windows = leaveOutFirst(planned, eventDelaySeconds);
  const { id } = comparison;
  const after = before === null ? 0 : countPassed(windows, Date.parse(before.judgedTo));
  const upTo = Math.min(countDue(windows, nowMs), after + maxWindowsPerPoll);
  const known = (before?.sums ?? comparison.start()) as ComparisonState;
  const judge = (state: ComparisonState, judged: number) =>
    comparison.judge(state, Math.max(0, windows.planned - judged));
  const judgedTo = before?.judgedTo ?? new Date(windows.startMs).toISOString();
  const unchanged = (sums: ComparisonState, reading: Unread | null) => {
    const last = judge(sums, after);
    const progress = { judgedTo, sums, last: reading === null ? last : withStaleData(last, reading) };
    return { id, windows, windowsJudged: after, windowsBefore: after, progress };
  };
  if (upTo <= after) return unchanged(known, null);
  const capped = await withCap(metrics, comparison, request, known, { windows, upTo });
  if (capped.kind !== 'complete') return unchanged(known, capped);
  const { sums } = capped;
  const { cap = null } = sums;
  if (comparison.cap !== null && cap === null) return unchanged(sums, null);
  const reading = await readComparison(metrics, comparison, request, { windows, after, upTo, cap });
  if (reading.kind !== 'complete') return unchanged(sums, reading);
  const start = before === null || after > 0 ? sums : excludeGap(sums, before.judgedTo, windows);
  const added = reading.windows.reduce<ComparisonState>((state, window) => {
    if (isDrifted(drifts, window)) return excludeDrifted(state, window);
    if (followsDrift(drifts, window, eventDelaySeconds))
      return excludeUnplanned(state, { ...window, windows: 1 });
    return comparison.add(state, window);
  }, start);
  const progress = {
    judgedTo: new Date(windowEndMs(windows, upTo)).toISOString(),
    sums: added,
    last: judge(added, upTo),
  };
  return { id, windows, windowsJudged: upTo, windowsBefore: after, progress };
}

type Unread = Exclude<WindowsReading, { kind: 'complete' }>;

/** Looks for the cap of a value once for each new window. */
async function withCap(
  metrics: SeriesReader,
  comparison: WindowComparison,
  request: WatchRequest,
  sums: ComparisonState,
  { windows, upTo }: { windows: Windows; upTo: number },
): Promise<{ kind: 'complete'; sums: ComparisonState } | Unread> {
  if (comparison.cap?.kind !== 'percentile' || sums.cap !== undefined) return { kind: 'complete', sums };
  const cappedTo = new Date(windowEndMs(windows, upTo)).toISOString();
  if (sums.cappedTo === cappedTo) return { kind: 'complete', sums };
  const search = await findCap(metrics, comparison, comparison.cap, request, { windows, upTo });
  if (search.kind !== 'complete') return search;
  const found = search.cap === null ? { cappedTo } : { cap: search.cap };
  return { kind: 'complete', sums: { ...sums, ...found } };
}

/** During an external change, the window does not compare the planned shares. */
function excludeDrifted(sums: ComparisonState, window: ComparisonWindow): ComparisonState {
  return { ...sums, tally: tallyWindow(sums.tally, window, null, 'drift') };
}

/**
 * Between two stages, weights change and instances start. Windows of that time, and of the event delay after it, are never
 * judged.
 */
function excludeGap(
  sums: ComparisonState,
  judgedTo: string,
  { startMs, lengthMs }: Windows,
): ComparisonState {
  const gapMs = startMs - Date.parse(judgedTo);
  if (gapMs <= 0) return sums;
  const span = { from: judgedTo, to: new Date(startMs).toISOString(), windows: Math.ceil(gapMs / lengthMs) };
  return excludeUnplanned(sums, span);
}

/** Such windows do not count as missing data. */
function excludeUnplanned(
  sums: ComparisonState,
  { from, to, windows }: Pick<ExcludedSpan, 'from' | 'to' | 'windows'>,
): ComparisonState {
  const { tally } = sums;
  const span = { from, to, windows, reason: 'weightsChanging' as const };
  return { ...sums, tally: { ...tally, exclusions: exclude(tally.exclusions ?? noExclusions, span) } };
}

/** Number of windows that begin before `judgedToMs`. An earlier grid has counted them, at least in part. */
function countPassed(windows: Windows, judgedToMs: number): number {
  return Math.max(0, Math.ceil((judgedToMs - windows.startMs) / windows.lengthMs));
}

/** Keeps the earlier evidence, and a fail. Nothing passes while newer data is missing. */
function withStaleData(verdict: Verdict, reading: Unread): Verdict {
  if (verdict.result === 'fail') return verdict;
  return reading.kind === 'partial'
    ? {
        ...verdict,
        result: 'inconclusive',
        reason: 'partialData',
        message: `${verdict.message}; newer data is partial`,
      }
    : {
        ...verdict,
        result: 'error',
        reason: 'readError',
        message: `${verdict.message}; newer data cannot be read (${reading.reason})`,
      };
}
