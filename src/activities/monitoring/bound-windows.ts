/** Brings one bound guardrail up to date: judges each due window once and in order. */
import { awaitingFirstWindow, judgeBound, tooFewRequests } from '../../analysis/verdicts/judge-bound.js';
import type { BoundMemory, BoundTest, Measurement } from '../../analysis/verdicts/bound-judgement.js';
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
import type { BoundProgress, WatchRequest } from '../interface/watch.js';
import { readSeries, type MetricReader } from '../metrics/metric-reader.js';
import { metricPeriodOf } from '../metrics/periods.js';
import { readAhead, type WindowRange } from '../metrics/read-ahead.js';

export type Progress = BoundProgress;

export interface WindowsTask {
  guardrail: BoundGuardrail;
  test: BoundTest;
  windows: Windows;
  /** Progress of the last attempt. Null before the first one. */
  before: Progress | null;
  /** After the planned windows of the bake, further windows follow while the traffic stays unchanged. */
  isOpenEnded: boolean;
  /** The last check before a change: the window that has not ended counts too. Its data can fail, and not pass. */
  isFinal: boolean;
  metricPeriodSeconds: number;
  nowMs: number;
  /** The candidate's arm. Its requests (a shadow's copies) decide if a window has enough data. */
  arm: TrafficArm;
}

export function windowsOf(
  guardrail: BoundGuardrail,
  request: Pick<WatchRequest, 'since' | 'bakeSeconds' | 'metricPeriodSeconds'>,
): Windows {
  return planWindows(guardrail, {
    sinceMs: Date.parse(request.since),
    bakeSeconds: request.bakeSeconds,
    metricPeriodSeconds: request.metricPeriodSeconds,
  });
}

/** Max windows of one poll: more are left to the next polls, so that every poll ends in its time. */
const windowsPerPoll = 1_000;
/** Max spans of one poll that need calls of their own. */
const readsPerPoll = 25;
/**
 * A window without data this long after it was due is left out if a later one has data. CloudWatch shows the data of most
 * services within minutes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html
 */
const leaveOutAfterMs = 15 * 60_000;

/**
 * Judges the due windows. Windows follow the planned ones for as long as the traffic stays: while a rollout holds, users
 * still get the candidate.
 */
export async function judgeWindows(metrics: MetricReader, task: WindowsTask): Promise<Progress> {
  const progress = await judgeDueWindows(metrics, task);
  const isKnown = progress.last.result !== 'fail' && progress.last.result !== 'error';
  return task.isFinal && isKnown ? judgeUnfinished(metrics, task, progress) : progress;
}

/** Data of whole metric periods after the last due window. */
async function judgeUnfinished(
  metrics: MetricReader,
  task: WindowsTask,
  progress: Progress,
): Promise<Progress> {
  const { windows, nowMs, metricPeriodSeconds, guardrail } = task;
  const fromMs = windowEndMs(windows, countDue(windows, nowMs));
  const periods = Math.floor((nowMs - windows.delayMs - fromMs) / (metricPeriodSeconds * 1000));
  if (periods < 1) return progress;
  const number = countDue(windows, nowMs) + 1;
  const toMs = fromMs + periods * metricPeriodSeconds * 1000;
  const span = { fromMs, toMs, firstWindow: number, lastWindow: number };
  const counts = await countRequests(metrics, task, { fromMs, toMs, lengthMs: toMs - fromMs });
  if (!Array.isArray(counts)) return { ...progress, last: unreadVerdict(task, progress, span, counts) };
  if (sum(counts) < guardrail.minimumRequests) return progress;
  const chosen = { span, requests: sum(counts), memory: progress.memory ?? null };
  const judged = await judgeSpan(metrics, task, progress, chosen);
  // It is too early for a pass. Data that cannot be read holds, and data that does not exist is skipped as before.
  // The window is judged again when it has ended.
  const isSkipped = judged.last.result === 'pass' || judged.last.reason === 'noData';
  return isSkipped ? progress : { ...progress, last: judged.last };
}

async function judgeDueWindows(metrics: MetricReader, task: WindowsTask): Promise<Progress> {
  const before = task.before ?? initialProgress(task);
  const lastDue = lastWindowOf(task, before.windowsJudged);
  if (before.windowsJudged >= lastDue) return { ...before, last: before.judged ?? before.last };
  const lastRead = Math.min(lastDue, before.windowsJudged + windowsPerPoll);
  const range = rangeOf(task, before, lastRead);
  const requests = await countRequests(metrics, task, range);
  if (!Array.isArray(requests)) {
    const span = windowSpanOf(task.windows, before.windowsJudged + 1, before.windowsJudged + 1);
    return { ...before, last: unreadVerdict(task, before, span, requests) };
  }
  const counted = countReads(metrics);
  const reader = await readAhead(counted, task.guardrail, range);
  return judgeSpans({ reader, reads: () => counted.reads }, task, before, requests);
}

interface CountedReader extends MetricReader {
  readonly reads: number;
}

function countReads({ readSeries, readExpression }: MetricReader, counter = { reads: 0 }): CountedReader {
  return {
    get reads() {
      return counter.reads;
    },
    readSeries(query) {
      counter.reads += 1;
      return readSeries(query);
    },
    readExpression(query) {
      counter.reads += 1;
      return readExpression(query);
    },
  };
}

/**
 * After a window without data, later ones are judged too: one that fails must not wait for the data. Progress passes the
 * gap only when it can be left out and a later window has passed.
 */
async function judgeSpans(
  { reader, reads }: { reader: MetricReader; reads: () => number },
  task: WindowsTask,
  before: Progress,
  requests: number[],
): Promise<Progress> {
  const lastRead = before.windowsJudged + requests.length;
  let [progress, known] = [before, before];
  let gap = null as Gap | null;
  for (;;) {
    const upTo = Math.min(lastWindowOf(task, progress.windowsJudged), lastRead);
    if (progress.windowsJudged >= upTo || reads() > readsPerPoll) break;
    const rest = requests.slice(progress.windowsJudged - before.windowsJudged, upTo - before.windowsJudged);
    const next = chooseSpan(task, progress, rest, upTo);
    if (next === null && gap === null)
      return { ...progress, last: resolveTooFewWindows(task, progress, rest, upTo) };
    if (next === null) break;
    const consumed = progress.windowsJudged;
    progress = await judgeSpan(reader, task, progress, next);
    const { last } = progress;
    if (last.result === 'fail') return progress;
    if (progress.windowsJudged > consumed) {
      if (gap && !gap.canBeLeftOut) continue;
      [known, gap] = [gap ? withLeftOut(progress) : progress, null];
      continue;
    }
    gap = {
      verdict: gap?.verdict ?? last,
      canBeLeftOut: (gap?.canBeLeftOut ?? true) && canLeaveOut(task, last, next.span),
    };
    // CloudWatch cannot be read: the next window would fail too.
    if (last.result === 'error') break;
    progress = leaveOut(progress, next.span);
  }
  return gap === null ? known : { ...known, last: gap.verdict };
}

/** Windows without a value, and the verdict on the first of them. */
interface Gap {
  verdict: Verdict;
  canBeLeftOut: boolean;
}

function withLeftOut(progress: Progress): Progress {
  const count = progress.leftOut ?? 0;
  const text = `${count} ${count === 1 ? 'window' : 'windows'} without data left out`;
  const last = { ...progress.last, message: `${progress.last.message}, ${text}` };
  return { ...progress, last, judged: last };
}

function canLeaveOut({ windows, nowMs }: WindowsTask, { reason }: Verdict, { toMs }: WindowSpan): boolean {
  return reason === 'noData' && nowMs >= toMs + windows.delayMs + leaveOutAfterMs;
}

/** A left-out window is no judged one: another window at the end takes its place. */
function leaveOut(progress: Progress, { firstWindow, lastWindow, toMs }: WindowSpan): Progress {
  return {
    ...progress,
    judgedTo: new Date(toMs).toISOString(),
    windowsJudged: lastWindow,
    leftOut: (progress.leftOut ?? 0) + lastWindow - firstWindow + 1,
  };
}

function rangeOf({ windows }: WindowsTask, { windowsJudged }: Progress, lastRead: number): WindowRange {
  return {
    fromMs: windowEndMs(windows, windowsJudged),
    toMs: windowEndMs(windows, lastRead),
    lengthMs: windows.lengthMs,
  };
}

function initialProgress(task: WindowsTask): Progress {
  const judgedTo = new Date(windowEndMs(task.windows, 0)).toISOString();
  const start = { judgedTo, windowsJudged: 0 };
  const span = windowSpanOf(task.windows, 1, 1);
  return { ...start, last: awaitingFirstWindow({ ...about(task, start), span, requests: null }) };
}

/**
 * The last due window. The planned windows are judged first. Later ones follow once those are over, or if all planned
 * windows together had too few requests for a first verdict.
 */
function lastWindowOf({ windows, isOpenEnded, nowMs }: WindowsTask, windowsJudged: number): number {
  const due = countDue(windows, nowMs);
  const continues = isOpenEnded || windowsJudged === 0 || windowsJudged >= windows.planned;
  return continues ? due : Math.min(due, windows.planned);
}

/** Requests per window. A period without data counts as 0 requests, which can only delay a verdict. */
async function countRequests(
  metrics: MetricReader,
  { arm }: WindowsTask,
  { fromMs, toMs, lengthMs }: WindowRange,
): Promise<number[] | Exclude<Measurement, { kind: 'value' }>> {
  const reading = await metrics.readSeries({
    series: {
      namespace: 'AWS/SageMaker',
      name: 'Invocations',
      stat: 'Sum',
      dimensions: { EndpointName: arm.endpoint, VariantName: arm.variant },
    },
    fromMs,
    toMs,
    periodSeconds: metricPeriodOf(fromMs, fromMs + lengthMs),
  });
  if (reading.kind !== 'complete') return reading;
  const counts = new Array<number>(Math.round((toMs - fromMs) / lengthMs)).fill(0);
  for (const { atMs, value } of reading.points) {
    const window = Math.floor((atMs - fromMs) / lengthMs);
    counts[window] = (counts[window] ?? 0) + value;
  }
  return counts.every(Number.isFinite) ? counts : { kind: 'notANumber' };
}

interface ChosenSpan {
  span: WindowSpan;
  requests: number;
  /** The rule's memory of the spans before. */
  memory: BoundMemory | null;
}

function chooseSpan(task: WindowsTask, progress: Progress, rest: number[], upTo: number): ChosenSpan | null {
  const { windows, guardrail } = task;
  const next = nextSpan(windows, progress.windowsJudged, rest, guardrail.minimumRequests);
  return next ? { ...next, memory: progress.memory ?? null } : joinTrailing(task, progress, rest, upTo);
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
  const { lastSpan } = progress;
  if (upTo !== windows.planned || lastSpan === undefined) return null;
  const { firstWindow, requests, memory } = lastSpan;
  return { span: windowSpanOf(windows, firstWindow, upTo), requests: requests + sum(rest), memory };
}

/** After the bake, a window with too few requests does not change the last verdict. */
function resolveTooFewWindows(task: WindowsTask, progress: Progress, rest: number[], upTo: number): Verdict {
  if (progress.judged !== undefined && progress.windowsJudged >= task.windows.planned) return progress.judged;
  const span = windowSpanOf(task.windows, progress.windowsJudged + 1, upTo);
  return tooFewRequests({ ...about(task, progress), span, requests: sum(rest) });
}

/** Only a span with a value is consumed. Without one, a later attempt judges the span again. */
async function judgeSpan(
  metrics: MetricReader,
  task: WindowsTask,
  progress: Progress,
  { span, requests, memory: before }: ChosenSpan,
): Promise<Progress> {
  const measured = await readSeries(metrics, task.guardrail, span.fromMs, span.toMs);
  const after = { judgedTo: new Date(span.toMs).toISOString(), windowsJudged: span.lastWindow };
  const { verdict, memory } = judgeBound({ ...about(task, after), span, requests }, measured, before);
  if (memory === null) return { ...progress, last: withWindowsJudged(verdict, progress) };
  const lastSpan = { firstWindow: span.firstWindow, requests, memory: before };
  return { ...progress, ...after, last: verdict, judged: verdict, memory, lastSpan };
}

function unreadVerdict(
  task: WindowsTask,
  progress: Progress,
  span: WindowSpan,
  measured: Exclude<Measurement, { kind: 'value' }>,
): Verdict {
  return judgeBound({ ...about(task, progress), span, requests: null }, measured, null).verdict;
}

function withWindowsJudged(verdict: Verdict, { windowsJudged }: Progress): Verdict {
  return { ...verdict, evidence: { ...verdict.evidence, windowsJudged } };
}

function about({ guardrail, windows, test }: WindowsTask, { windowsJudged }: { windowsJudged: number }) {
  return { guardrail, windowsJudged, windowsPlanned: windows.planned, test };
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
