/** Accuracy of the forecasts of undecided verdicts: forecast total time divided by actual time. */
import { timesNeeded } from '../../src/analysis/time-to-decision/time-to-decision.js';
import {
  addToStage,
  differ,
  hasEnoughEvents,
  type DifferenceSettings,
  type StageTotals,
} from '../../src/analysis/statistics/arm-difference.js';
import { maturityOf, sequenceEvidence } from '../../src/analysis/statistics/mean-sequence.js';
import type { Figure } from '../table.js';
import { percent, quantile } from './measuring.js';
import { Random } from './random.js';
import { simulateRollout, type Hour } from './rollout.js';
import { alpha } from './watchers.js';

const rollouts = 300;
const settings = { alpha, plannedSize: 5_000 };
const comparison: DifferenceSettings = { kind: 'proportion', scale: 'relative' };

export function measureOutlook(): Figure[] {
  const random = new Random(12);
  const ratios = Array.from({ length: rollouts }, () =>
    run(simulateRollout(random, { baseline: 0.05, candidate: 0.055 }, () => 0.5)),
  ).flat();
  const parts = [0.1, 0.5, 0.9].map((part) => quantile(ratios, part)!.toFixed(2));
  const near = ratios.filter((ratio) => ratio > 0.5 && ratio < 2).length;
  return [
    { what: 'forecast over actual: tenth, half, nine tenths', measured: parts.join(', '), aim: '' },
    { what: 'within a factor of 2', measured: percent(near, ratios.length), aim: '' },
  ];
}

/** Forecasts of one rollout every ten hours, divided by its actual hours. Empty if the rollout never decides. */
function run(simulatedHours: Iterable<Hour>): number[] {
  let stages: StageTotals[] = [];
  const forecasts: number[] = [];
  let hour = 0;
  for (const { baseline, candidate } of simulatedHours) {
    hour += 1;
    const arms = { baseline: countTotals(baseline), candidate: countTotals(candidate) };
    stages = addToStage(stages, { stage: 1, share: 50 }, arms);
    const difference = differ(stages, comparison);
    if (difference === null || !hasEnoughEvents(stages)) continue;
    const { logE } = sequenceEvidence(difference, settings);
    if (logE >= Math.log(1 / alpha)) return forecasts.map((hours) => hours / hour);
    const maturity = maturityOf(difference, settings);
    const times = timesNeeded({ logE, needed: 1 / alpha, maturity, sides: 'two' });
    if (hour % 10 === 0 && times !== null) forecasts.push(times * hour);
  }
  return [];
}

function countTotals({ requests: n, events }: Hour['baseline']) {
  return { n, sum: events, sumSquares: events };
}
