/** Brings one bound guardrail up to date: every window that has become due is judged, once and in order. */
import {
  awaitingFirstWindow,
  judgeBound,
  tooFewRequests,
  type Measurement,
} from '../../analysis/verdicts/judge-bound.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import {
  countDue,
  windowEndMs,
  nextSpan,
  planWindows,
  windowSpanOf,
  type WindowSpan,
  type Windows,
} from '../../analysis/verdicts/windows.js';
import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';
import type { TrafficArm } from '../interface/traffic.js';
import type { WatchRequest, WatchState } from '../interface/watch.js';
import { readSeries, type MetricReader } from '../metrics/metric-reader.js';
import { metricPeriodOf } from '../metrics/periods.js';

export type Progress = WatchState['guardrails'][string];

export interface WindowsTask {
  guardrail: BoundGuardrail;
  windows: Windows;
  /** Where the last look left off; null before the first. */
  before: Progress | null;
  /** Windows go on after those that the bake is planned to have, as long as traffic stays as it is. */
  isOpenEnded: boolean;
  nowMs: number;
  /** The candidate's: its requests (a shadow's copies) decide whether there is enough to judge. */
  arm: TrafficArm;
}

export function windowsOf(guardrail: BoundGuardrail, request: WatchRequest): Windows {
  return planWindows(guardrail, {
    sinceMs: Date.parse(request.since),
    bakeSeconds: request.bakeSeconds,
    metricPeriodSeconds: request.metricPeriodSeconds,
  });
}

export async function judgeWindows(metrics: MetricReader, task: WindowsTask): Promise<Progress> {
  let progress = task.before ?? startOf(task);
  const already = progress.windowsJudged;
  const counted = lastWindowOf(task, already);
  if (already >= counted) return { ...progress, last: progress.judged ?? progress.last };
  const requests = await countRequests(metrics, task, already, counted);
  if (!Array.isArray(requests)) {
    const span = windowSpanOf(task.windows, already + 1, already + 1);
    return { ...progress, last: judgeBound({ ...about(task, progress), span, requests: null }, requests) };
  }
  for (;;) {
    const upTo = lastWindowOf(task, progress.windowsJudged);
    if (progress.windowsJudged >= upTo) return progress;
    const rest = requests.slice(progress.windowsJudged - already, upTo - already);
    const next = chooseSpan(task, progress, rest, upTo);
    if (next === null) return { ...progress, last: resolveTooFewWindows(task, progress, rest, upTo) };
    progress = await judgeSpan(metrics, task, progress, next);
    if (progress.last.result !== 'pass') return progress;
  }
}

function startOf(task: WindowsTask): Progress {
  const judgedTo = new Date(windowEndMs(task.windows, 0)).toISOString();
  const start = { judgedTo, windowsJudged: 0 };
  const span = windowSpanOf(task.windows, 1, 1);
  return { ...start, last: awaitingFirstWindow({ ...about(task, start), span, requests: null }) };
}

/**
 * The bake's windows, as far as they are due. Beyond them only where there is no end, and where all of them together had
 * too few requests for a first judgement.
 */
function lastWindowOf({ windows, isOpenEnded, nowMs }: WindowsTask, windowsJudged: number): number {
  const due = countDue(windows, nowMs);
  return isOpenEnded || windowsJudged === 0 ? due : Math.min(due, windows.planned);
}

/** Requests per window; an absent period is one without requests, which can only delay a judgement. */
async function countRequests(
  metrics: MetricReader,
  { windows, arm }: WindowsTask,
  judged: number,
  upTo: number,
): Promise<number[] | Exclude<Measurement, { kind: 'value' }>> {
  const fromMs = windowEndMs(windows, judged);
  const reading = await metrics.readSeries({
    series: {
      namespace: 'AWS/SageMaker',
      name: 'Invocations',
      stat: 'Sum',
      dimensions: { EndpointName: arm.endpoint, VariantName: arm.variant },
    },
    fromMs,
    toMs: windowEndMs(windows, upTo),
    periodSeconds: metricPeriodOf(fromMs, fromMs + windows.lengthMs),
  });
  if (reading.kind !== 'complete') return reading;
  const counts = new Array<number>(upTo - judged).fill(0);
  for (const { atMs, value } of reading.points) {
    const window = Math.floor((atMs - fromMs) / windows.lengthMs);
    counts[window] = (counts[window] ?? 0) + value;
  }
  return counts.every(Number.isFinite) ? counts : { kind: 'notANumber' };
}

interface ChosenSpan {
  span: WindowSpan;
  requests: number;
}

function chooseSpan(task: WindowsTask, progress: Progress, rest: number[], upTo: number): ChosenSpan | null {
  const { windows, guardrail } = task;
  return (
    nextSpan(windows, progress.windowsJudged, rest, guardrail.minimumRequests) ??
    joinTrailing(task, progress, rest, upTo)
  );
}

/** At the bake's end there is no next window to join: the trailing ones are judged together with the last judged span. */
function joinTrailing(
  { windows }: WindowsTask,
  progress: Progress,
  rest: number[],
  upTo: number,
): ChosenSpan | null {
  const evidence = progress.judged?.evidence;
  if (upTo !== windows.planned || evidence === undefined || evidence.from === null) return null;
  const firstWindow = Math.round((Date.parse(evidence.from) - windows.startMs) / windows.lengthMs) + 1;
  return { span: windowSpanOf(windows, firstWindow, upTo), requests: (evidence.requests ?? 0) + sum(rest) };
}

/** Beyond the bake a window with few requests takes nothing back from what was judged. */
function resolveTooFewWindows(task: WindowsTask, progress: Progress, rest: number[], upTo: number): Verdict {
  if (progress.judged !== undefined && progress.windowsJudged >= task.windows.planned) return progress.judged;
  const span = windowSpanOf(task.windows, progress.windowsJudged + 1, upTo);
  return tooFewRequests({ ...about(task, progress), span, requests: sum(rest) });
}

/** Only a pass or a fail consumes the span; anything else is judged again when the data is there. */
async function judgeSpan(
  metrics: MetricReader,
  task: WindowsTask,
  progress: Progress,
  { span, requests }: ChosenSpan,
): Promise<Progress> {
  const measured = await readSeries(metrics, task.guardrail, span.fromMs, span.toMs);
  const after = { judgedTo: new Date(span.toMs).toISOString(), windowsJudged: span.lastWindow };
  const isKnown = measured.kind === 'value' && Number.isFinite(measured.value);
  const verdict = judgeBound({ ...about(task, isKnown ? after : progress), span, requests }, measured);
  return isKnown ? { ...after, last: verdict, judged: verdict } : { ...progress, last: verdict };
}

function about({ guardrail, windows }: WindowsTask, { windowsJudged }: { windowsJudged: number }) {
  return { guardrail, windowsJudged, windowsPlanned: windows.planned };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
