/** How good the outlooks of undecided verdicts are: time foretold in all, over the time that it really took. */
import { timesNeeded } from '../../src/analysis/time-to-decision/time-to-decision.js';
import {
  addToStage,
  differ,
  hasEnoughObservations,
  type DifferenceSettings,
  type StageTotals,
} from '../../src/analysis/statistics/arm-difference.js';
import { maturityOf, sequenceEvidence } from '../../src/analysis/statistics/mean-sequence.js';
import type { Figure } from '../table.js';
import { percent, quantile } from './measuring.js';
import { Random } from './random.js';
import { tellStory, type Hour } from './rollout.js';
import { alpha } from './watchers.js';

const rollouts = 300;
const settings = { alpha, plannedSize: 5_000 };
const comparison: DifferenceSettings = { kind: 'proportion', scale: 'relative' };

export function measureOutlook(): Figure[] {
  const random = new Random(12);
  const ratios = Array.from({ length: rollouts }, () =>
    run(tellStory(random, { baseline: 0.05, candidate: 0.055 }, () => 0.5)),
  ).flat();
  const parts = [0.1, 0.5, 0.9].map((part) => quantile(ratios, part)!.toFixed(2));
  const near = ratios.filter((ratio) => ratio > 0.5 && ratio < 2).length;
  return [
    { what: 'foretold over real: tenth, half, nine tenths', measured: parts.join(', '), aim: '' },
    { what: 'within a factor of 2', measured: percent(near, ratios.length), aim: '' },
  ];
}

/** Of one rollout: what was foretold every ten hours, over the hours it took; nothing where it never decides. */
function run(story: Iterable<Hour>): number[] {
  let stages: StageTotals[] = [];
  const foretold: number[] = [];
  let hour = 0;
  for (const { baseline, candidate } of story) {
    hour += 1;
    const arms = { baseline: countTotals(baseline), candidate: countTotals(candidate) };
    stages = addToStage(stages, { stage: 1, share: 50 }, arms);
    const difference = differ(stages, comparison);
    if (difference === null || !hasEnoughObservations(stages, 'proportion')) continue;
    const { logE } = sequenceEvidence(difference, settings);
    if (logE >= Math.log(1 / alpha)) return foretold.map((hours) => hours / hour);
    const maturity = maturityOf(difference, settings);
    const times = timesNeeded({ logE, needed: 1 / alpha, maturity, sides: 'two' });
    if (hour % 10 === 0 && times !== null) foretold.push(times * hour);
  }
  return [];
}

function countTotals({ requests: n, events }: Hour['baseline']) {
  return { n, sum: events, sumSquares: events };
}
