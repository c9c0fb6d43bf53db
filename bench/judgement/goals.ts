/** Goals for which the normal approximation is poor: false verdicts of any kind, with hourly polls for two weeks. */
import {
  addToStage,
  differ,
  hasEnoughEvents,
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
  return [
    figure('rate 5 %, share 1 %, 1000 an hour', () => 0.01, 1000, small),
    figure('rate 5 %, up the ramp, 1000 an hour', rampShare, 1000, small),
  ];
}

function figure(
  what: string,
  share: (hour: number) => number,
  requests: number,
  draw: (random: Random, n: number) => ArmTotals,
): Figure {
  const random = new Random(5);
  let [ungated, gated] = [0, 0];
  for (let i = 0; i < rollouts; i += 1) {
    const polls = run(random, share, requests, draw);
    if (polls.any) ungated += 1;
    if (polls.gated) gated += 1;
  }
  const measured = `${percent(ungated, rollouts)}, ${percent(gated, rollouts)}`;
  return { what: `${what}: without gate, with`, measured, aim: `second <= ${100 * alpha} %` };
}

/** Whether any poll finds a difference, and whether any poll with enough observations does. */
function run(
  random: Random,
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
    const difference = differ(stages, proportion);
    if (difference === null || sequenceEvidence(difference, settings).logE < Math.log(1 / alpha)) continue;
    any = true;
    if (hasEnoughEvents(stages)) return { any, gated: true };
  }
  return { any, gated: false };
}

function countTotals(n: number, events: number): ArmTotals {
  return { n, sum: events, sumSquares: events };
}
