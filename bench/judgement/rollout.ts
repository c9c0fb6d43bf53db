/** A simulated rollout: two weeks of hourly windows, up a ramp. */
import type { CountWindow } from '../../src/analysis/statistics/count-test.js';
import type { Random } from './random.js';

export const hours = 14 * 24;
export const requestsPerHour = 2000;

/** Six hours each at 1, 5 and 25 %, then 50 %. */
export function rampShare(hour: number): number {
  return [0.01, 0.05, 0.25][Math.floor(hour / 6)] ?? 0.5;
}

export interface Hour {
  baseline: { requests: number; events: number };
  candidate: { requests: number; events: number };
}

/** Independent requests: each is routed and fails independently. */
function simulateHour(random: Random, share: number, rates: { baseline: number; candidate: number }): Hour {
  const requests = random.binomial(requestsPerHour, share);
  const others = requestsPerHour - requests;
  return {
    baseline: { requests: others, events: random.binomial(others, rates.baseline) },
    candidate: { requests, events: random.binomial(requests, rates.candidate) },
  };
}

export function countsOf({ baseline, candidate }: Hour): CountWindow {
  return {
    candidateEvents: candidate.events,
    events: baseline.events + candidate.events,
    candidateShare: candidate.requests / (baseline.requests + candidate.requests),
  };
}

/** Hours with constant rates. Default: two weeks up the ramp. */
export function* simulateRollout(
  random: Random,
  rates: { baseline: number; candidate: number },
  share: (hour: number) => number = rampShare,
  count = hours,
): Iterable<Hour> {
  for (let hour = 0; hour < count; hour += 1) yield simulateHour(random, share(hour), rates);
}
