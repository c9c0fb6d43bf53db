/** Goals for which the normal approximation is poor: false verdicts of any kind, with hourly polls for two weeks. */
import {
  addToStage,
  differ,
  hasEnoughObservations,
  type ArmTotals,
  type DifferenceSettings,
  type StageTotals,
} from '../../src/analysis/statistics/arm-difference.js';
import { sequenceEvidence } from '../../src/analysis/statistics/mean-sequence.js';
import type { Figure } from '../table.js';
import { percent } from './measuring.js';
import { Random } from './random.js';
import { hours, rampShare } from './rollout.js';
import { alpha } from './watchers.js';

const rollouts = 500;
const settings = { alpha, plannedSize: 5000 };
const proportion: DifferenceSettings = { kind: 'proportion', scale: 'absolute' };

export function measureGoals(): Figure[] {
  const small = (random: Random, n: number) => countTotals(n, random.binomial(n, 0.05));
  const heavy = (random: Random, n: number) => drawTotals(n, () => Math.exp(2 * random.normal()));
  const capped = (random: Random, n: number) =>
    drawTotals(n, () => Math.exp(2 * Math.min(2.5, random.normal())));
  const mean: DifferenceSettings = { kind: 'mean', scale: 'absolute' };
  return [
    figure('rate 5 %, share 1 %, 1000 an hour', proportion, () => 0.01, 1000, small),
    figure('rate 5 %, up the ramp, 1000 an hour', proportion, rampShare, 1000, small),
    figure('heavy tails (log-normal, sigma 2), share 1 %, 2000 an hour', mean, () => 0.01, 2000, heavy),
    figure('heavy tails, up the ramp, 200 an hour', mean, rampShare, 200, heavy),
    figure(
      'values capped at their 99.4th percentile, share 1 %, 2000 an hour',
      mean,
      () => 0.01,
      2000,
      capped,
    ),
    figure('values capped, up the ramp, 200 an hour', mean, rampShare, 200, capped),
  ];
}

function figure(
  what: string,
  comparison: DifferenceSettings,
  share: (hour: number) => number,
  requests: number,
  draw: (random: Random, n: number) => ArmTotals,
): Figure {
  const random = new Random(5);
  let [ungated, gated] = [0, 0];
  for (let i = 0; i < rollouts; i += 1) {
    const polls = run(random, comparison, share, requests, draw);
    if (polls.any) ungated += 1;
    if (polls.gated) gated += 1;
  }
  const measured = `${percent(ungated, rollouts)}, ${percent(gated, rollouts)}`;
  return { what: `${what}: without gate, with`, measured, aim: `second <= ${100 * alpha} %` };
}

/** Whether any poll finds a difference, and whether any poll with enough observations does. */
function run(
  random: Random,
  comparison: DifferenceSettings,
  share: (hour: number) => number,
  requests: number,
  draw: (random: Random, n: number) => ArmTotals,
): { any: boolean; gated: boolean } {
  let stages: StageTotals[] = [];
  let any = false;
  for (let hour = 0; hour < hours; hour += 1) {
    const candidate = random.binomial(requests, share(hour));
    const arms = { baseline: draw(random, requests - candidate), candidate: draw(random, candidate) };
    stages = addToStage(stages, { stage: 1, share: 100 * share(hour) }, arms);
    const difference = differ(stages, comparison);
    if (difference === null || sequenceEvidence(difference, settings).logE < Math.log(1 / alpha)) continue;
    any = true;
    if (hasEnoughObservations(stages, comparison.kind)) return { any, gated: true };
  }
  return { any, gated: false };
}

function countTotals(n: number, events: number): ArmTotals {
  return { n, sum: events, sumSquares: events };
}

function drawTotals(n: number, draw: () => number): ArmTotals {
  let [sum, sumSquares] = [0, 0];
  for (let i = 0; i < n; i += 1) {
    const value = draw();
    sum += value;
    sumSquares += value * value;
  }
  return { n, sum, sumSquares };
}
