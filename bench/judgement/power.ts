/** Time until harm is detected, compared with a test that has one poll at the best time for this harm. */
import type { Figure } from '../table.js';
import { hoursInWords, percent, quantile } from './measuring.js';
import { Random } from './random.js';
import { countsOf, hours, simulateRollout } from './rollout.js';
import { firstAlarm, watchCounts } from './watchers.js';

const rollouts = 1000;
const baseRate = 0.01;
const parts = [0.5, 0.8];
/** One-sided quantile for the same alpha. */
const fixedZ = 1.6448536269514722;

export function measurePower(): Figure[] {
  return [...[1.2, 1.5, 2, 3].flatMap(measureDetection), ...[0.1, 0.25, 0.5].map(measureProof)];
}

function measureDetection(ratio: number): Figure[] {
  const { detected, fixedHits } = run(ratio);
  const found = detected.filter((hour) => hour !== null).length;
  const times = parts.map((part) => hoursInWords(quantile(detected, part)));
  const fixed = parts.map((part) => hoursInWords(firstHour(fixedHits, part * rollouts)));
  const what = `rate ratio ${ratio}:`;
  return [
    { what: `${what} detected in two weeks`, measured: percent(found, rollouts), aim: '' },
    { what: `${what} half, 80 % of rollouts detected after`, measured: times.join(', '), aim: '' },
    { what: `${what} the same with one poll, at the best time`, measured: fixed.join(', '), aim: '' },
  ];
}

/** Time until an equal candidate is proven not worse. */
function measureProof(margin: number): Figure {
  const random = new Random(2);
  const proven = Array.from({ length: rollouts }, () => {
    const isProven = watchCounts({ margin }, 'below');
    return firstAlarm(simulateRollout(random, { baseline: baseRate, candidate: baseRate }), isProven);
  });
  const times = parts.map((part) => hoursInWords(quantile(proven, part)));
  const what = `equal rates: half, 80 % proven not worse by ${100 * margin} % after`;
  return { what, measured: times.join(', '), aim: '' };
}

/**
 * First alarms of the sequential test, and for each hour the number of rollouts that a single poll would have
 * stopped.
 */
function run(ratio: number): { detected: (number | null)[]; fixedHits: number[] } {
  const random = new Random(2);
  const fixedHits = Array.from({ length: hours }, () => 0);
  const detected = Array.from({ length: rollouts }, () => {
    const isFound = watchCounts();
    let first: number | null = null;
    const score = { excess: 0, variance: 0 };
    let hour = 0;
    for (const next of simulateRollout(random, { baseline: baseRate, candidate: ratio * baseRate })) {
      const counts = countsOf(next);
      const { candidateEvents: x, events: m, candidateShare: r } = counts;
      score.excess += x - m * r;
      score.variance += m * r * (1 - r);
      if (score.excess > fixedZ * Math.sqrt(score.variance)) fixedHits[hour] = fixedHits[hour]! + 1;
      hour += 1;
      if (first === null && isFound(next)) first = hour;
    }
    return first;
  });
  return { detected, fixedHits };
}

/** The hour from which on at least `wanted` rollouts are stopped. */
function firstHour(hits: number[], wanted: number): number | null {
  const lastShort = hits.findLastIndex((count) => count < wanted);
  return lastShort === hits.length - 1 ? null : lastShort + 2;
}
