/** Judges all due windows of one poll, of bounds and of comparisons, and finds the time of the next one. */
import { boundTestOf } from '../../analysis/verdicts/bound-test.js';
import { dueMs, type Windows } from '../../analysis/verdicts/windows.js';
import { comparisonsOf } from './comparisons.js';
import type { WatchRequest, WatchState } from '../interface/watch.js';
import { judgeComparison, type ComparedSoFar, type Now } from './judge-comparison.js';
import { judgeWindows, windowsOf, type Progress } from './bound-windows.js';
import type { MetricReader } from '../metrics/metric-reader.js';
import { fillGuardrail } from '../metrics/placeholders.js';
import { defaultJudging } from '../../plan/compiled/goal.js';
import { ownValue } from '../../plan/units/own-value.js';

interface BoundSoFar {
  id: string;
  windows: Windows;
  windowsJudged: number;
  /** As the last poll left it. */
  windowsBefore: number;
  /** Those of `windowsJudged` that had no data. Later windows take their places. */
  leftOut: number;
  progress: Progress;
}

export interface JudgedWindows {
  bounds: BoundSoFar[];
  compared: ComparedSoFar[];
}

/** A bound's or a comparison's windows. */
interface Windowed {
  windows: Windows;
  windowsJudged: number;
  windowsBefore: number;
  leftOut?: number;
}

export async function judgeAllWindows(
  metrics: MetricReader,
  request: WatchRequest,
  before: WatchState,
  now: Now,
): Promise<JudgedWindows> {
  const [bounds, compared] = await Promise.all([
    judgeBounds(metrics, request, before, now.nowMs),
    judgeComparisons(metrics, request, before, now),
  ]);
  return { bounds, compared };
}

function judgeBounds(
  metrics: MetricReader,
  request: WatchRequest,
  state: WatchState,
  now: number,
): Promise<BoundSoFar[]> {
  const bounds = request.guardrails.filter((guardrail) => guardrail.kind === 'bound');
  const arm = request.traffic.arms.candidate;
  return Promise.all(
    bounds.map(async (guardrail) => {
      const task = {
        guardrail: fillGuardrail(guardrail, { variant: arm.variant }),
        test: boundTestOf(guardrail, request.judging ?? defaultJudging),
        windows: windowsOf(guardrail, request),
        before: ownValue(state.guardrails, guardrail.id) ?? null,
        // An experiment continues after its minimum time until its goals decide.
        isOpenEnded: request.mode === 'guard' || request.goals.length > 0,
        isFinal: request.mode === 'final',
        metricPeriodSeconds: request.metricPeriodSeconds,
        nowMs: now,
        arm,
      };
      const progress = await judgeWindows(metrics, task);
      const { windowsJudged, leftOut = 0 } = progress;
      const windowsBefore = task.before?.windowsJudged ?? 0;
      return { id: guardrail.id, windows: task.windows, windowsJudged, windowsBefore, leftOut, progress };
    }),
  );
}

function judgeComparisons(
  metrics: MetricReader,
  request: WatchRequest,
  { comparisons }: WatchState,
  now: Now,
): Promise<ComparedSoFar[]> {
  return Promise.all(
    comparisonsOf(request).map((comparison) => {
      const before = comparisons[comparison.id] ?? null;
      return judgeComparison(metrics, comparison, request, { before, ...now });
    }),
  );
}

export function pollTimesOf(request: WatchRequest, { bounds, compared }: JudgedWindows, now: number) {
  const windowed: Windowed[] = [...bounds, ...compared];
  return {
    windowsDone: windowed.every(
      ({ windows, windowsJudged, leftOut = 0 }) => windowsJudged - leftOut >= windows.planned,
    ),
    bakeOver: now >= bakeEndsMs(request),
    overdue: now >= dataCompleteMs(request, { bounds, compared }),
    roundOver: now >= Date.parse(request.roundEnds),
  };
}

/** Time at which the bake is over and the data of its last window should be complete. */
export function dataCompleteMs(request: WatchRequest, { bounds, compared }: JudgedWindows): number {
  const windowed: Windowed[] = [...bounds, ...compared];
  return Math.max(
    bakeEndsMs(request),
    ...windowed.map(({ windows, leftOut = 0 }) => dueMs(windows, windows.planned + leftOut)),
  );
}

function bakeEndsMs({ since, bakeSeconds }: WatchRequest): number {
  return Date.parse(since) + bakeSeconds * 1000;
}

/** The default interval, or less if a window becomes due, the bake ends or the round ends earlier. */
export function secondsToNextPoll(
  request: WatchRequest,
  { bounds, compared }: JudgedWindows,
  now: number,
  pollSeconds: number,
): number {
  const windowed: Windowed[] = [...bounds, ...compared];
  if (windowed.some((each) => isCatchingUp(each, now))) return 1;
  const times = [
    now + pollSeconds * 1000,
    bakeEndsMs(request),
    Date.parse(request.roundEnds),
    ...windowed.map(({ windows, windowsJudged }) => dueMs(windows, windowsJudged + 1)),
  ].filter((time) => time > now);
  return Math.max(1, (Math.min(...times) - now) / 1000);
}

/** The poll ended by its limits, and more windows are due. A window that is due and has no data yet is no reason to hurry. */
function isCatchingUp({ windows, windowsJudged, windowsBefore }: Windowed, now: number): boolean {
  return windowsJudged > windowsBefore && dueMs(windows, windowsJudged + 1) <= now;
}
