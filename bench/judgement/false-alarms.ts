/** Frequency of false alarms over two weeks. */
import type { Figure } from '../table.js';
import { frequencyInWords } from './measuring.js';
import { Random } from './random.js';
import { rampShare, simulateRollout } from './rollout.js';
import { alpha, firstAlarm, watchCounts, watchInterval, watchZ, type Watcher } from './watchers.js';

const usualRollouts = 4000;
const level = `<= ${alpha}`;

interface Trial {
  what: string;
  rates: { baseline: number; candidate: number };
  watcher: () => Watcher;
  aim: string;
  share?: (hour: number) => number;
  rollouts?: number;
}

export function measureFalseAlarms(): Figure[] {
  const byRate = [0.0005, 0.01, 0.05, 0.3].flatMap((rate): Trial[] => {
    const rates = { baseline: rate, candidate: rate };
    return [
      { what: `base rate ${rate}: count test`, rates, watcher: () => watchCounts(), aim: level },
      { what: `base rate ${rate}: z-test at every poll`, rates, watcher: watchZ, aim: '' },
    ];
  });
  const steady: Trial = {
    what: 'base rate 0.3, half the traffic from the start: z-test at every poll',
    rates: { baseline: 0.3, candidate: 0.3 },
    watcher: watchZ,
    aim: 'about .46',
    share: () => 0.5,
  };
  return [...byRate, steady, ...trialsOfBounds()].map(measure);
}

/** Rates at the edge of a 10 % margin, and of intervals. */
function trialsOfBounds(): Trial[] {
  const ratioOf = (ratio: number) => ({ baseline: 0.01, candidate: ratio * 0.01 });
  const watch = (side: 'above' | 'below') => () => watchCounts({ margin: 0.1 }, side);
  const missing = [1, 1.5].map((ratio): Trial => {
    const what = `interval misses a rate ratio of ${ratio} (1000 rollouts)`;
    return {
      what,
      rates: ratioOf(ratio),
      watcher: () => watchInterval(ratio),
      aim: '<= 0.075',
      rollouts: 1000,
    };
  });
  return [
    { what: 'rate ratio 1.1, margin 10 %: alarm', rates: ratioOf(1.1), watcher: watch('above'), aim: level },
    {
      what: 'rate ratio 1.1, margin 10 %: "not worse"',
      rates: ratioOf(1.1),
      watcher: watch('below'),
      aim: level,
    },
    ...missing,
  ];
}

function measure({ what, rates, watcher, aim, share = rampShare, rollouts = usualRollouts }: Trial): Figure {
  const random = new Random(1);
  let alarms = 0;
  for (let i = 0; i < rollouts; i += 1) {
    if (firstAlarm(simulateRollout(random, rates, share), watcher()) !== null) alarms += 1;
  }
  return { what, measured: frequencyInWords(alarms, rollouts), aim };
}
