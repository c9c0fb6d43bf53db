/** Brings one bound guardrail up to date: judges each due window once and in order. */
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
  /** Progress of the last attempt. Null before the first one. */
  before: Progress | null;
  /** After the planned windows of the bake, further windows follow while the traffic stays unchanged. */
  isOpenEnded: boolean;
  nowMs: number;
  /** The candidate's arm. Its requests (a shadow's copies) decide if a window has enough data. */
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
  let progress = task.before ?? initialProgress(task);
  const judgedBefore = progress.windowsJudged;
  const lastWindow = lastWindowOf(task, judgedBefore);
  if (judgedBefore >= lastWindow) return { ...progress, last: progress.judged ?? progress.last };
  const requests = await countRequests(metrics, task, judgedBefore, lastWindow);
  if (!Array.isArray(requests)) {
    const span = windowSpanOf(task.windows, judgedBefore + 1, judgedBefore + 1);
    return { ...progress, last: judgeBound({ ...about(task, progress), span, requests: null }, requests) };
  }
  for (;;) {
    const upTo = lastWindowOf(task, progress.windowsJudged);
    if (progress.windowsJudged >= upTo) return progress;
    const rest = requests.slice(progress.windowsJudged - judgedBefore, upTo - judgedBefore);
    const next = chooseSpan(task, progress, rest, upTo);
    if (next === null) return { ...progress, last: resolveTooFewWindows(task, progress, rest, upTo) };
    progress = await judgeSpan(metrics, task, progress, next);
    if (progress.last.result !== 'pass') return progress;
  }
}

function initialProgress(task: WindowsTask): Progress {
  const judgedTo = new Date(windowEndMs(task.windows, 0)).toISOString();
  const start = { judgedTo, windowsJudged: 0 };
  const span = windowSpanOf(task.windows, 1, 1);
  return { ...start, last: awaitingFirstWindow({ ...about(task, start), span, requests: null }) };
}

/**
 * The last due window. Windows after the planned ones count only if the request is open-ended, or if all
 * planned windows together had too few requests for a first verdict.
 */
function lastWindowOf({ windows, isOpenEnded, nowMs }: WindowsTask, windowsJudged: number): number {
  const due = countDue(windows, nowMs);
  return isOpenEnded || windowsJudged === 0 ? due : Math.min(due, windows.planned);
}

/** Requests per window. A period without data counts as 0 requests, which can only delay a verdict. */
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

/**
 * At the end of the bake no next window follows, so the trailing windows are judged together with the last
 * judged span.
 */
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

/** After the bake, a window with too few requests does not change the last verdict. */
function resolveTooFewWindows(task: WindowsTask, progress: Progress, rest: number[], upTo: number): Verdict {
  if (progress.judged !== undefined && progress.windowsJudged >= task.windows.planned) return progress.judged;
  const span = windowSpanOf(task.windows, progress.windowsJudged + 1, upTo);
  return tooFewRequests({ ...about(task, progress), span, requests: sum(rest) });
}

/** Only a pass or a fail consumes the span. With any other result, a later attempt judges the span again. */
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
