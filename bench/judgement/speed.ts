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
  watchedSeconds: hours * 3_600,
};

export function measureSpeed(): Figure[] {
  const random = new Random(6);
  const simulatedHours = simulateRollout(random, { baseline: 0.01, candidate: 0.01 });
  const windows: ComparisonWindow[] = Array.from(simulatedHours, (arms, hour) => {
    const [from, to] = [hour, hour + 1].map((at) => new Date(at * 3_600_000).toISOString());
    return { from: from!, to: to!, stage: 1, candidateShare: null, arms };
  });
  const state = windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule));
  const adding =
    time(100, () =>
      windows.reduce((state, window) => addToNotWorse(rule, state, window), startNotWorse(rule)),
    ) / hours;
  const usual = { ...rule, mustBeProven: false, negligiblePercent: null };
  const judging = time(3_000, () => judgeNotWorse(usual, state, hours).message);
  const proving = time(3_000, () => judgeNotWorse(rule, state, hours).message);
  // Only the decision. The interval is computed only when it is read.
  const deciding = time(5_000, () => judgeNotWorse(usual, state, hours).result);
  const micro = (milliseconds: number) => `${(1000 * milliseconds).toFixed(0)} us`;
  return [
    { what: 'adding a window to a guardrail', measured: micro(adding), aim: '' },
    { what: 'deciding on it', measured: micro(deciding), aim: '' },
    { what: 'deciding on it, with its message and interval', measured: micro(judging), aim: '<= 150 us' },
    { what: 'the same with a proof and a negligible rate', measured: micro(proving), aim: '' },
    { what: 'its state, in JSON', measured: `${JSON.stringify(state).length} characters`, aim: '< 4000' },
  ];
}

/** Milliseconds of processor time per run. */
function time(runs: number, work: () => unknown): number {
  work();
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i += 1) work();
  return process.cpuUsage(before).user / 1000 / runs;
}
