/**
 * Estimates the start of a sample-ratio mismatch. It sums the candidate's requests beyond plan window by window. A
 * lack began at the maximum of the sum, an excess at its minimum. The estimate is for people, and no decision depends
 * on it.
 */
import type { ComparisonWindow } from '../verdicts/comparison-windows.js';

/** Carried from poll to poll. Plain JSON. */
export interface SplitTrend {
  /** The candidate's requests beyond plan. */
  surplus: number;
  highest: Extremum;
  lowest: Extremum;
  /** The current planned share, and the number of windows with it so far. */
  share: { percent: number | null; stage: number; windows: number };
}

interface Extremum {
  surplus: number;
  /** ISO 8601, UTC: start of the first window after the extremum. */
  at: string;
  /** Number of windows with the same planned share before the extremum. */
  windowsBefore: number;
}

/** `surplus`: the candidate's requests beyond plan in this window. */
export function updateSplitTrend(
  trend: SplitTrend | null,
  window: Pick<ComparisonWindow, 'from' | 'stage' | 'candidateShare'>,
  surplus: number,
): SplitTrend {
  const { from: at, stage, candidateShare: percent } = window;
  const known = trend?.share;
  const isSame = known?.percent === percent && known.stage === stage;
  const windowsBefore = isSame ? known.windows : 0;
  const surplusBefore = trend?.surplus ?? 0;
  const extremum: Extremum = { surplus: surplusBefore, at, windowsBefore };
  return {
    surplus: surplusBefore + surplus,
    highest: trend === null || surplusBefore >= trend.highest.surplus ? extremum : trend.highest,
    lowest: trend === null || surplusBefore <= trend.lowest.surplus ? extremum : trend.lowest,
    share: { percent, stage, windows: windowsBefore + 1 },
  };
}

/** The sum fluctuates for a few windows before its trend is visible. */
const maxWindowsAfterChange = 2;

/** `the candidate lacks requests since 2026-11-05T10:00Z, when the shares changed`. */
export function describeSplitTrend({ surplus, highest, lowest }: SplitTrend): string {
  // The sum can end near its start if one model lacked requests before and the other one does now.
  const [lack, excess] = [highest.surplus - surplus, surplus - lowest.surplus];
  const [arm, extremum] = lack > excess ? ['candidate', highest] : ['baseline', lowest];
  const when = `the ${arm} lacks requests since ${extremum.at.slice(0, 16)}Z`;
  return extremum.windowsBefore <= maxWindowsAfterChange ? `${when}, when the shares changed` : when;
}
