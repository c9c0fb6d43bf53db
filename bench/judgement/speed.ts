/** Processor time of verdicts. */
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
} from '../../src/analysis/verdicts/judge-not-worse.js';
import type { ComparisonWindow } from '../../src/analysis/verdicts/comparison-windows.js';
import type { Figure } from '../table.js';
import { Random } from './random.js';
import { hours, simulateRollout } from './rollout.js';

const rule: NotWorseRule = {
  id: 'errors',
  label: 'error rate',
  alpha: 0.01,
  marginPercent: 10,
  dispersion: 1,
  minimumRequests: 100,
  mustBeProven: true,
  negligiblePercent: 0.01,
  maximumExcludedPercent: 10,
};

export function measureSpeed(): Figure[] {
  const random = new Random(6);
  const simulatedHours = simulateRollout(random, { baseline: 0.01, candidate: 0.01 });
  const windows: ComparisonWindow[] = Array.from(simulatedHours, (arms, hour) => {
    const [from, to] = [hour, hour + 1].map((at) => new Date(at * 3_600_000).toISOString());
    return { from: from!, to: to!, stage: 1, candidateShare: null, arms };
  });
  const state = windows.reduce(addToNotWorse, startNotWorse(rule));
  const adding = time(100, () => windows.reduce(addToNotWorse, startNotWorse(rule))) / hours;
  const judging = time(200, () => judgeNotWorse(rule, state, hours).message);
  // Same work as in a poll: only the decision. The interval is computed only when it is read.
  const usual = { ...rule, mustBeProven: false, negligiblePercent: null };
  const [window] = windows;
  const deciding = time(2_000, () => {
    for (let metric = 0; metric < 20; metric += 1) {
      if (judgeNotWorse(usual, addToNotWorse(state, window!), hours).result === 'error')
        throw new Error('no verdict');
    }
  });
  return [
    { what: 'adding a window to a guardrail', measured: `${(1000 * adding).toFixed(1)} us`, aim: '' },
    {
      what: 'a window of 20 metrics, added and decided',
      measured: `${deciding.toFixed(3)} ms`,
      aim: '< 0.2 ms',
    },
    { what: 'judging a guardrail, with its interval', measured: `${judging.toFixed(2)} ms`, aim: '< 10 ms' },
    { what: 'its state, in JSON', measured: `${JSON.stringify(state).length} characters`, aim: '< 4000' },
  ];
}

/** Milliseconds per run. */
function time(runs: number, work: () => unknown): number {
  work();
  const startMs = performance.now();
  for (let i = 0; i < runs; i += 1) work();
  return (performance.now() - startMs) / runs;
}
