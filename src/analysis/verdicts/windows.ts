/** The metric windows of a bake. Times in milliseconds since the epoch; no I/O, no clock. */
import type { BoundGuardrail } from '../../plan/compiled/guardrail.js';

export interface Windows {
  /** Start of the first window. */
  startMs: number;
  lengthMs: number;
  /** How many the bake is planned to have; at least one. */
  planned: number;
  /** How long after a window's end it may be judged. */
  delayMs: number;
}

/** One or more neighbouring windows that are judged together. Windows count from 1. */
export interface WindowSpan {
  fromMs: number;
  toMs: number;
  firstWindow: number;
  lastWindow: number;
}

/**
 * The first window starts at the first whole metric period after the weights were verified: earlier periods mix old and
 * new weights. Windows of whole minutes start at a whole minute, to which CloudWatch would round their start anyway.
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

/** End of window n; of none (0): the start of the first. */
export function windowEndMs(windows: Windows, n: number): number {
  return windows.startMs + n * windows.lengthMs;
}

/** From when window n may be judged. */
export function dueMs(windows: Windows, n: number): number {
  return windowEndMs(windows, n) + windows.delayMs;
}

/** How many windows may be judged by now. */
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
 * The next span to judge: as many windows as it takes to reach the minimum of requests. `requests[i]` belongs to window
 * `judged + 1 + i`. Null where they do not reach it.
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
