/** Questions and conditions for tests: the ramp of docs/statistics.md. */
import type { TestQuestion } from '../../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../../src/analysis/time-to-decision/polls.js';

export const hour = 3_600;

export function rampOf(requestsPerHour: number, hours = 336): Conditions {
  const lengths = [6, 6, 6, hours - 18];
  return {
    requestsPerHour,
    windowSeconds: hour,
    dataDelaySeconds: 0,
    periods: [0.01, 0.05, 0.25, 0.5].map((candidate, i) => ({
      seconds: lengths[i]! * hour,
      earliestSeconds: 0,
      baseline: 1 - candidate,
      candidate,
    })),
  };
}

export const countRule = {
  marginPercent: 0,
  dispersion: 1,
  alpha: 0.05,
  minimumRequests: 100,
  negligiblePercent: null,
  watchedSeconds: 336 * hour,
};

export const goalRule = {
  kind: 'proportion',
  scale: 'relative',
  higherIsBetter: true,
  minimumEffect: 0,
  alpha: 0.05,
  goals: 1,
  plannedSize: 5_000,
} as const;

export function worse(effect: number, baseRate = 0.01, change: Partial<typeof countRule> = {}): TestQuestion {
  return { kind: 'worse', rule: { ...countRule, ...change }, baseRate, effect };
}

export function better(effect: number, mean = 0.05, change: object = {}): TestQuestion {
  return {
    kind: 'better',
    rule: { ...goalRule, ...change },
    base: { mean, deviation: 0 },
    effect,
  };
}
