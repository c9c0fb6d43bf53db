/** Brings one comparison up to date: every window that has become due is taken in, once and in order. */
import { tallyWindow, type ComparisonWindow } from '../../analysis/verdicts/comparison-windows.js';
import { exclude, noExclusions } from '../../analysis/verdicts/excluded-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import { countDue, windowEndMs, planWindows, type Windows } from '../../analysis/verdicts/windows.js';
import type { WindowComparison, ComparisonState } from './comparison.js';
import { isDrifted, type DriftSpan } from '../drift/drift-history.js';
import type { ComparisonProgress, WatchRequest } from '../interface/watch.js';
import type { SeriesReader } from '../metrics/metric-reader.js';
import { readComparison, type WindowsReading } from './read-comparison.js';

/** A long outage is caught up in parts: some 8 h of one-minute windows a look. */
const maxWindowsPerPoll = 500;

/** What a look knows of time. `drifts`: spans in which the endpoint was not as the rollout left it. */
export interface Now {
  nowMs: number;
  drifts: DriftSpan[];
}

export interface ComparedSoFar {
  id: string;
  windows: Windows;
  /** Of this stage's windows. */
  windowsJudged: number;
  progress: ComparisonProgress;
}

export async function judgeComparison(
  metrics: SeriesReader,
  comparison: WindowComparison,
  request: WatchRequest,
  { before, nowMs, drifts }: { before: ComparisonProgress | null } & Now,
): Promise<ComparedSoFar> {
  const windows = planWindows(comparison, {
    sinceMs: Date.parse(request.since),
    bakeSeconds: request.bakeSeconds,
    metricPeriodSeconds: request.metricPeriodSeconds,
  });
  const { id } = comparison;
  const after = before === null ? 0 : countPassed(windows, Date.parse(before.judgedTo));
  const upTo = Math.min(countDue(windows, nowMs), after + maxWindowsPerPoll);
  const sums = (before?.sums ?? comparison.start()) as ComparisonState;
  const judge = (then: ComparisonState, judged: number) =>
    comparison.judge(then, Math.max(0, windows.planned - judged));
  const judgedTo = before?.judgedTo ?? new Date(windows.startMs).toISOString();
  if (upTo <= after) {
    const progress = { judgedTo, sums, last: judge(sums, after) };
    return { id, windows, windowsJudged: after, progress };
  }
  const reading = await readComparison(metrics, comparison, request, { windows, after, upTo });
  if (reading.kind !== 'complete') {
    const progress = { judgedTo, sums, last: withStaleData(judge(sums, after), reading) };
    return { id, windows, windowsJudged: after, progress };
  }
  const start = before === null || after > 0 ? sums : leaveOutGap(sums, before.judgedTo, windows);
  const added = reading.windows.reduce<ComparisonState>(
    (then, window) =>
      isDrifted(drifts, window) ? excludeWindow(then, window) : comparison.add(then, window),
    start,
  );
  const progress = {
    judgedTo: new Date(windowEndMs(windows, upTo)).toISOString(),
    sums: added,
    last: judge(added, upTo),
  };
  return { id, windows, windowsJudged: upTo, progress };
}

/** While someone else had changed the endpoint, what was compared is not what was planned. */
function excludeWindow(sums: ComparisonState, window: ComparisonWindow): ComparisonState {
  return { ...sums, tally: tallyWindow(sums.tally, window, null, 'drift') };
}

/** Between two shares, weights move and instances start: what was not judged by then never is. */
function leaveOutGap(
  sums: ComparisonState,
  judgedTo: string,
  { startMs, lengthMs }: Windows,
): ComparisonState {
  const gapMs = startMs - Date.parse(judgedTo);
  if (gapMs <= 0) return sums;
  const span = { from: judgedTo, to: new Date(startMs).toISOString(), windows: Math.ceil(gapMs / lengthMs) };
  const { tally } = sums;
  const exclusions = exclude(tally.exclusions ?? noExclusions, { ...span, reason: 'weightsChanging' });
  return { ...sums, tally: { ...tally, exclusions } };
}

/** Windows that begin before `judgedToMs` have been taken in, in part at least, under an earlier grid. */
function countPassed(windows: Windows, judgedToMs: number): number {
  return Math.max(0, Math.ceil((judgedToMs - windows.startMs) / windows.lengthMs));
}

/** What was found before stays, also the evidence; but nothing passes while newer data is missing. */
function withStaleData(verdict: Verdict, reading: Exclude<WindowsReading, { kind: 'complete' }>): Verdict {
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
