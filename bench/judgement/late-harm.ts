/** Time until harm is found that begins after a time without, and false alarms of the same guardrail. */
import type { Figure } from '../table.js';
import { frequencyInWords, hoursInWords, quantile } from './measuring.js';
import { Random } from './random.js';
import { hours, simulateRollout, type Hour } from './rollout.js';
import { firstAlarm, watchCounts, watchFromStart, type Watcher } from './watchers.js';

const rollouts = 1000;
const baseRate = 0.01;
const margin = 0.1;
const cleanHours = [0, 24, 7 * 24, 10 * 24];
const half = () => 0.5;

export function measureLateHarm(): Figure[] {
  return [
    ...[3, 2, 1.5].flatMap(measureDelays),
    ...[0.01, 0.05].flatMap((alpha) => [1, 1.1].map((ratio) => measureFalseAlarms(alpha, ratio))),
  ];
}

function measureDelays(ratio: number): Figure[] {
  const settings = { margin, alpha: 0.01 };
  const watchers: [string, () => Watcher][] = [
    ['half found', () => watchCounts(settings)],
    ['without later beginnings', () => watchFromStart(settings, 'above')],
  ];
  return watchers.map(([name, watcher]) => {
    const times = cleanHours.map((clean) => hoursInWords(quantile(delaysOf(ratio, clean, watcher), 0.5)));
    const what = `rate ratio ${ratio} from the start, after 24 h, 7 d, 10 d: ${name} after`;
    return { what, measured: times.join(', '), aim: '' };
  });
}

/** Hours from the beginning of the harm. Rollouts with a false alarm before it do not count. */
function delaysOf(ratio: number, clean: number, watcher: () => Watcher): (number | null)[] {
  const random = new Random(13);
  return Array.from({ length: rollouts }, () => {
    const found = firstAlarm(harmAfter(random, clean, ratio), watcher());
    return found === null ? null : found - clean;
  }).filter((delay) => delay === null || delay > 0);
}

function* harmAfter(random: Random, clean: number, ratio: number): Iterable<Hour> {
  const healthy = simulateRollout(random, { baseline: baseRate, candidate: baseRate }, half, clean);
  const ill = { baseline: baseRate, candidate: ratio * baseRate };
  yield* healthy;
  yield* simulateRollout(random, ill, half, hours - clean);
}

function measureFalseAlarms(alpha: number, ratio: number): Figure {
  const random = new Random(14);
  const rates = { baseline: baseRate, candidate: ratio * baseRate };
  const falseAlarmRollouts = 4000;
  let alarms = 0;
  for (let i = 0; i < falseAlarmRollouts; i += 1)
    if (firstAlarm(simulateRollout(random, rates, half), watchCounts({ margin, alpha })) !== null)
      alarms += 1;
  const what = `rate ratio ${ratio}, alpha ${alpha}: false alarms in two weeks`;
  return { what, measured: frequencyInWords(alarms, falseAlarmRollouts), aim: `<= ${alpha}` };
}
