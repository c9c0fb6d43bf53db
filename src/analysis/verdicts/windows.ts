/** The metric windows of a bake. Times in milliseconds since the epoch; no I/O, no clock. */
import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';

export interface Windows {
  /** Start of the first window. */
  startMs: number;
  lengthMs: number;
  /** Number of windows planned for the bake; at least 1. */
  planned: number;
  /** Delay after a window's end until it can be judged. */
  delayMs: number;
}

/** One or more adjacent windows that are judged together. Window numbers start at 1. */
export interface WindowSpan {
  fromMs: number;
  toMs: number;
  firstWindow: number;
  lastWindow: number;
}

/**
 * The first window starts at the first whole metric period after the weights were verified, because earlier periods
 * mix old and new weights. Windows of whole minutes start at a whole minute, because CloudWatch rounds their start to
 * it.
 */
export function planWindows(
  guardrail: Pick<BoundGuardrail, 'windowSeconds' | 'dataDelaySeconds'>,
  bake: { sinceMs: number; bakeSeconds: number; metricPeriodSeconds: number },
): Windows {
  const { windowSeconds, dataDelaySeconds } = guardrail;
  const wholeMinutes = windowSeconds % 60 === 0;
  const gridMs = Math.max(bake.metricPeriodSeconds, wholeMinutes ? 60 : 1) * 1000;
  return {
    startMs: Math.ceil(bake.sinceMs / gridMs) * gridMs,
    lengthMs: windowSeconds * 1000,
    planned: Math.max(1, Math.floor(bake.bakeSeconds / windowSeconds)),
    delayMs: dataDelaySeconds * 1000,
  };
}

/** Without the windows that begin within this time after the start. At least one window is planned. */
export function leaveOutFirst(windows: Windows, seconds: number): Windows {
  const { startMs, lengthMs, planned } = windows;
  const leftOut = Math.ceil((seconds * 1000) / lengthMs);
  return {
    ...windows,
    startMs: startMs + leftOut * lengthMs,
    planned: Math.max(1, planned - leftOut),
  };
}

/** End of window n. For n = 0: start of the first window. */
export function windowEndMs(windows: Windows, n: number): number {
  return windows.startMs + n * windows.lengthMs;
}

/** Time from which window n can be judged. */
export function dueMs(windows: Windows, n: number): number {
  return windowEndMs(windows, n) + windows.delayMs;
}

/** Number of windows that can be judged now. */
export function countDue(windows: Windows, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - windows.delayMs - windows.startMs) / windows.lengthMs));
}

/** Windows `firstWindow` to `lastWindow` as one span. */
export function windowSpanOf(windows: Windows, firstWindow: number, lastWindow: number): WindowSpan {
  return {
    fromMs: windowEndMs(windows, firstWindow - 1),
    toMs: windowEndMs(windows, lastWindow),
    firstWindow,
    lastWindow,
  };
}

/**
 * The next span to judge: the fewest windows with the minimum number of requests. `requests[i]` belongs to window
 * `judged + 1 + i`. Null if the windows have fewer requests.
 */
export function nextSpan(
  windows: Windows,
  judged: number,
  requests: number[],
  minimumRequests: number,
): { span: WindowSpan; requests: number } | null {
  let sum = 0;
  for (const [i, count] of requests.entries()) {
    sum += count;
    if (sum >= minimumRequests)
      return { span: windowSpanOf(windows, judged + 1, judged + 1 + i), requests: sum };
  }
  return null;
}
