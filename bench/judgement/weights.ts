/** Weights for the stages of a ramp: mean error, in standard errors, of a difference that is zero. */
import { differ, type ArmPair } from '../../src/analysis/statistics/arm-difference.js';
import type { Figure } from '../table.js';
import { Random } from './random.js';
import { hours, requestsPerHour } from './rollout.js';

const rollouts = 4000;
const rate = 0.005;

export function measureWeights(): Figure[] {
  const ways: [string, (stages: ArmPair[]) => number][] = [
    ['by counts', (stages) => standardise(stages)],
    ['by estimated inverse variance', weighByVariance],
    ['not at all: totals pooled', (stages) => standardise([stages.reduce(pool)])],
  ];
  return ways.map(([what, way]) => {
    const random = new Random(7);
    let sum = 0;
    for (let i = 0; i < rollouts; i += 1) sum += way(simulate(random));
    const aim = what === 'by counts' ? 'about 0' : '';
    return { what: `stages weighted ${what}: mean error`, measured: (sum / rollouts).toFixed(2), aim };
  });
}

/** One day each at 1, 5, 25 and 50 %. The rate of both models falls by a tenth every day. */
function simulate(random: Random): ArmPair[] {
  return [0.01, 0.05, 0.25, 0.5].map((share, day) => {
    const requests = (requestsPerHour * hours) / 14;
    const arm = (n: number) => {
      const events = random.binomial(n, rate * 0.9 ** day);
      return { n, sum: events, sumSquares: events };
    };
    return { baseline: arm(requests * (1 - share)), candidate: arm(requests * share) };
  });
}

function standardise(stages: ArmPair[]): number {
  const difference = differ(stages, { kind: 'proportion', scale: 'absolute' });
  return difference === null ? 0 : difference.estimate / difference.standardError;
}

/** The textbook combination of independent estimates. Stages without events have no variance and are omitted. */
function weighByVariance(stages: ArmPair[]): number {
  let [sum, information] = [0, 0];
  for (const stage of stages.filter(({ candidate }) => candidate.sum > 0)) {
    const difference = differ([stage], { kind: 'proportion', scale: 'absolute' });
    if (difference === null) continue;
    sum += difference.estimate / difference.standardError ** 2;
    information += 1 / difference.standardError ** 2;
  }
  return sum / Math.sqrt(information);
}

function pool(a: ArmPair, b: ArmPair): ArmPair {
  const add = (arm: 'baseline' | 'candidate') => {
    const sum = a[arm].sum + b[arm].sum;
    return { n: a[arm].n + b[arm].n, sum, sumSquares: sum };
  };
  return { baseline: add('baseline'), candidate: add('candidate') };
}
