import type { ArmCounts, ComparisonWindow } from '../../../src/analysis/verdicts/comparison-windows.js';

/** Counts of one arm: requests and events. */
export type Counted = [requests: number | null, events: number | null];

/** Hour `n` of the second of November, at 50 %. */
export function hourly(n: number, baseline: Counted, candidate: Counted, stage = 1): ComparisonWindow {
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 2, hour)).toISOString();
  const arms = { baseline: count(baseline), candidate: count(candidate) };
  return { from: at(n), to: at(n + 1), stage, candidateShare: 50, arms };
}

function count([requests, events]: Counted): ArmCounts {
  return { requests, events };
}
