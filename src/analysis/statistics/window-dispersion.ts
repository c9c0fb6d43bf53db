/**
 * Dispersion of the counts as the windows of the rollout itself show it, for those who have not measured it before. Errors
 * come in clusters (one client retries), and a test that takes them for independent finds harm where there is none.
 *
 * The mean square of the differences between adjacent windows, over the one of independent events (von Neumann et al., The
 * mean square successive difference, Annals of Mathematical Statistics 12, 1941). A change of the rate is in one difference
 * only, so that harm does not hide itself. Noise that lasts for many windows is not seen.
 */
import type { CountWindow } from './count-test.js';

/** Plain JSON. */
export interface WindowSpread {
  /** Sum of the squared differences, each in units of the expected one and with its weight. */
  squares: number;
  /** Sum of the weights: the precision (one over the variance) of a squared difference of independent events. */
  weight: number;
  /** The last window with events. */
  last: CountWindow | null;
}

export const emptySpread: WindowSpread = { squares: 0, weight: 0, last: null };

/** A ratio that is far from 1 would leave one arm without a variance. */
const largestRatio = 20;

/** `ratio`: the best estimate of the rate ratio before this window; null: none. */
export function addToSpread(spread: WindowSpread, window: CountWindow, ratio: number | null): WindowSpread {
  const { last } = spread;
  if (!hasBothArms(window)) return spread;
  if (last === null) return { ...spread, last: window };
  const likely = Math.min(largestRatio, Math.max(1 / largestRatio, ratio ?? 1));
  const [before, now] = [residualOf(last, likely), residualOf(window, likely)];
  const square = (now.value - before.value) ** 2 / (before.variance + now.variance);
  // 3: of normal differences that share a window with their neighbours. Few events vary more.
  const weight = 1 / (3 + 1 / Math.min(before.events, now.events));
  return { squares: spread.squares + weight * square, weight: spread.weight + weight, last: window };
}

/** At least 1. Two standard errors under the mean, so that luck does not count as dispersion. */
export function dispersionOfWindows({ squares, weight }: WindowSpread): number {
  return weight === 0 ? 1 : Math.max(1, (squares - 2 * Math.sqrt(weight)) / weight);
}

function hasBothArms({ events, candidateShare }: CountWindow): boolean {
  return events > 0 && candidateShare > 0 && candidateShare < 1;
}

/** The candidate's part of the events, less the expected one. `events`: of the arm that expects fewer. */
function residualOf(
  { candidateEvents: x, events: m, candidateShare: r }: CountWindow,
  ratio: number,
): { value: number; variance: number; events: number } {
  const p = (r * ratio) / (1 - r + r * ratio);
  return { value: x / m - p, variance: (p * (1 - p)) / m, events: m * Math.min(p, 1 - p) };
}
