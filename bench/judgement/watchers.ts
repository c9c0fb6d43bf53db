/** Tests that poll every hour of a rollout until one alarms. */
import {
  addWindow,
  emptyCountTest,
  logEvidence,
  type CountTestSettings,
} from '../../src/analysis/statistics/count-test.js';
import { countsOf, type Hour } from './rollout.js';

/** Adds the next hour. True: the test alarms. */
export type Watcher = (hour: Hour) => boolean;

export const alpha = 0.05;

/** Alarms for a ratio above the margin, or with `below` for a ratio under it. */
export function watchCounts(
  changes: Partial<CountTestSettings> = {},
  side: 'above' | 'below' = 'above',
): Watcher {
  let test = emptyCountTest({ margin: 0, dispersion: 1, alpha, ...changes });
  const edge = Math.log1p(test.settings.margin);
  return (hour) => {
    test = addWindow(test, countsOf(hour));
    return logEvidence(test, edge, side) >= Math.log(1 / test.settings.alpha);
  };
}

/** Alarms when the interval of the rate ratio excludes `ratio`: either one-sided test at half of alpha. */
export function watchInterval(ratio: number): Watcher {
  const half = { margin: ratio - 1, alpha: alpha / 2 };
  const [above, below] = [watchCounts(half, 'above'), watchCounts(half, 'below')];
  return (hour) => [above(hour), below(hour)].includes(true);
}

/** The test of common dashboards: pooled rates with a two-sided z of 1.96 at every poll. */
export function watchZ(): Watcher {
  const [a, b] = [
    { n: 0, x: 0 },
    { n: 0, x: 0 },
  ];
  return ({ baseline, candidate }) => {
    a.n += baseline.requests;
    a.x += baseline.events;
    b.n += candidate.requests;
    b.x += candidate.events;
    const rate = (a.x + b.x) / (a.n + b.n);
    const error = Math.sqrt(rate * (1 - rate) * (1 / a.n + 1 / b.n));
    return Math.abs(b.x / b.n - a.x / a.n) > 1.96 * error;
  };
}

/** Hour of the first alarm, starting at 1. Null: no alarm. */
export function firstAlarm(simulatedHours: Iterable<Hour>, watcher: Watcher): number | null {
  let hour = 0;
  for (const next of simulatedHours) {
    hour += 1;
    if (watcher(next)) return hour;
  }
  return null;
}
