/** Tests that look at every hour of a rollout, until one raises an alarm. */
import {
  addWindow,
  emptyCountTest,
  logEvidence,
  type CountTestSettings,
} from '../../src/analysis/statistics/count-test.js';
import { countsOf, type Hour } from './rollout.js';

/** Takes the next hour; true: an alarm. */
export type Watcher = (hour: Hour) => boolean;

export const alpha = 0.05;

/** For a ratio above the margin, or (`below`) for its being under it. */
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

/** Whether the interval of the rate ratio leaves out `ratio`: either one-sided test at half of alpha. */
export function watchInterval(ratio: number): Watcher {
  const half = { margin: ratio - 1, alpha: alpha / 2 };
  const [above, below] = [watchCounts(half, 'above'), watchCounts(half, 'below')];
  return (hour) => [above(hour), below(hour)].includes(true);
}

/** What dashboards do: the two pooled rates, and a two-sided z of 1.96 at every look. */
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

/** Hours until the first alarm, counting from 1; null where there is none. */
export function firstAlarm(story: Iterable<Hour>, watcher: Watcher): number | null {
  let hour = 0;
  for (const next of story) {
    hour += 1;
    if (watcher(next)) return hour;
  }
  return null;
}
