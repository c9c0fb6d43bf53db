/** Tests that poll every hour of a rollout until one alarms. */
import {
  addWindow,
  emptyCountTest,
  logEvidenceAtMargin,
  ratioOf,
  type CountTestSettings,
} from '../../src/analysis/statistics/count-test.js';
import {
  addToDetector,
  emptyHarmDetector,
  logHarmEvidence,
} from '../../src/analysis/statistics/harm-detector.js';
import {
  addToSpread,
  dispersionOfWindows,
  emptySpread,
} from '../../src/analysis/statistics/window-dispersion.js';
import { countsOf, hours, type Hour } from './rollout.js';

/** Adds the next hour. True: the test alarms. */
export type Watcher = (hour: Hour) => boolean;

export const alpha = 0.05;

/** The two tests of a guardrail: `above` alarms for a ratio above the margin, `below` for a ratio under it. */
export function watchCounts(
  changes: Partial<CountTestSettings> = {},
  side: 'above' | 'below' = 'above',
): Watcher {
  return side === 'above' ? watchHarm(changes) : watchFromStart(changes, side);
}

function watchHarm(changes: Partial<CountTestSettings>): Watcher {
  let test = emptyCountTest({ margin: 0, dispersion: 1, alpha, ...changes });
  const { settings } = test;
  let spread = emptySpread;
  let detector = emptyHarmDetector(hours * 3_600);
  return (hour) => {
    const window = countsOf(hour);
    spread = addToSpread(spread, window, ratioOf(test));
    test = addWindow(test, window);
    const dispersion = Math.max(settings.dispersion, dispersionOfWindows(spread));
    detector = addToDetector(detector, { ...settings, dispersion }, window, 3_600);
    return logHarmEvidence(detector) >= Math.log(1 / settings.alpha);
  };
}

/** The evidence of all windows together, without later beginnings. */
export function watchFromStart(changes: Partial<CountTestSettings>, side: 'above' | 'below'): Watcher {
  let test = emptyCountTest({ margin: 0, dispersion: 1, alpha, ...changes });
  return (hour) => {
    test = addWindow(test, countsOf(hour));
    return logEvidenceAtMargin(test, side) >= Math.log(1 / test.settings.alpha);
  };
}

/** Alarms when the interval that is shown excludes `ratio`: it is above the upper bound or below the lower one. */
export function watchInterval(ratio: number): Watcher {
  const margin = ratio - 1;
  const above = watchFromStart({ margin, alpha: alpha / 2 }, 'above');
  const below = watchFromStart({ margin }, 'below');
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
