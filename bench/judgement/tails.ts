/**
 * Goals on heavy-tailed values, two weeks of hourly polls at one share: false verdicts between equal models, and the time to a
 * decision if every value is a fifth greater.
 *
 * Hours are blocks of one long draw of two million values, so that the sums of an hour cost two subtractions.
 */
import {
  addToStage,
  differ,
  totalOf,
  type ArmTotals,
  type StageTotals,
} from '../../src/analysis/statistics/arm-difference.js';
import { sequenceEvidence } from '../../src/analysis/statistics/mean-sequence.js';
import { capOf, hasEnoughValues, reportedPercentile } from '../../src/analysis/statistics/winsorised.js';
import type { Figure } from '../table.js';
import { frequencyInWords, hoursInWords, percent, quantile } from './measuring.js';
import { Random } from './random.js';
import { hours } from './rollout.js';
import { alpha } from './watchers.js';

const rollouts = { equal: 1_000, better: 200 };
const poolSize = 2_000_000;
const settings = { alpha, plannedSize: 5_000 };
const lift = 1.2;
/** As the product finds the cap: after a day, or with this many values other than zero. */
const [day, enoughValues] = [24, 10_000];

const distributions: Record<string, (random: Random) => number> = {
  '95 % zeros, else log-normal 1.5': (random) =>
    random.uniform() < 0.95 ? 0 : Math.exp(1.5 * random.normal()),
  'log-normal 2': (random) => Math.exp(2 * random.normal()),
  'Pareto 1.5': (random) => (1 - random.uniform()) ** (-1 / 1.5),
  '98 % zeros, else 1': (random) => (random.uniform() < 0.98 ? 0 : 1),
};

const traffic: [share: number, requests: number][] = [
  [0.01, 2_000],
  [0.01, 20_000],
  [0.1, 2_000],
  [0.5, 2_000],
];

export function measureTails(): Figure[] {
  return Object.entries(distributions).flatMap(([name, draw]) => {
    const random = new Random(17);
    const pool = Float64Array.from({ length: poolSize }, () => draw(random));
    return traffic.map(([share, requests]): Figure => {
      const equal = measure(random, pool, { share, requests, lift: 1 }, rollouts.equal);
      const better = measure(random, pool, { share, requests, lift }, rollouts.better);
      const false_ = ({ uncapped, capped }: Decisions) =>
        `${percent(countDecided(uncapped), rollouts.equal)}, ${frequencyInWords(countDecided(capped), rollouts.equal)}`;
      const times = `${percent(countDecided(better.capped), rollouts.better)} decided, half by ${hoursInWords(quantile(better.capped, 0.5))}`;
      return {
        what: `${name}, share ${percent(share, 1)}, ${requests} an hour: false without cap, false, a fifth better`,
        measured: `${false_(equal)}, ${times}`,
        aim: `second <= ${100 * alpha} %`,
      };
    });
  });
}

/** Hour of the decision of each rollout, null for none. `uncapped`: with a gate of 1,000 requests instead. */
interface Decisions {
  uncapped: (number | null)[];
  capped: (number | null)[];
}

function countDecided(decisions: (number | null)[]): number {
  return decisions.filter((hour) => hour !== null).length;
}

interface Traffic {
  share: number;
  requests: number;
  lift: number;
}

/** The place in the pool where an hour begins, and its requests. */
interface Block {
  at: number;
  n: number;
}

interface Blocks {
  baseline: Block[];
  candidate: Block[];
}

function measure(
  random: Random,
  pool: Float64Array,
  { share, requests, lift }: Traffic,
  runs: number,
): Decisions {
  const drawn = Array.from({ length: runs }, () => {
    const blocks: Blocks = { baseline: [], candidate: [] };
    for (let hour = 0; hour < hours; hour += 1) {
      const n = random.binomial(requests, share);
      blocks.candidate.push(drawBlock(random, n));
      blocks.baseline.push(drawBlock(random, requests - n));
    }
    return { blocks, cap: findCap(pool, blocks, lift) };
  });
  const uncapped = poolSums(pool, Infinity);
  const decisions: Decisions = {
    uncapped: drawn.map(({ blocks }) =>
      decide(blocks, sumsOf(uncapped, 1), sumsOf(uncapped, lift), (stages) =>
        (['baseline', 'candidate'] as const).every((arm) => totalOf(stages, arm).n >= 1_000),
      ),
    ),
    capped: [],
  };
  for (const cap of new Set(drawn.map((rollout) => rollout.cap))) {
    const own = drawn.filter((rollout) => rollout.cap === cap);
    if (cap === null) {
      decisions.capped.push(...own.map(() => null));
      continue;
    }
    const [baseline, candidate] = [poolSums(pool, cap), poolSums(pool, cap / lift)];
    decisions.capped.push(
      ...own.map(({ blocks }) =>
        decide(blocks, sumsOf(baseline, 1), sumsOf(candidate, lift), (stages) =>
          hasEnoughValues(stages, cap),
        ),
      ),
    );
  }
  return decisions;
}

function drawBlock(random: Random, n: number): Block {
  return { at: Math.floor(random.uniform() * (poolSize - n)), n };
}

function findCap(pool: Float64Array, { baseline, candidate }: Blocks, lift: number): number | null {
  let until = 0;
  let found = 0;
  while (until < day && found < enoughValues) {
    for (const { at, n } of [baseline[until]!, candidate[until]!])
      for (let i = at; i < at + n; i += 1) if (pool[i] !== 0) found += 1;
    until += 1;
  }
  const percentiles = [baseline, candidate].map((blocks, arm) => {
    const values: number[] = [];
    let requests = 0;
    for (const { at, n } of blocks.slice(0, until)) {
      requests += n;
      for (let i = at; i < at + n; i += 1) if (pool[i] !== 0) values.push(pool[i]!);
    }
    const rank = reportedPercentile({ requests, values: values.length, nonZero: values.length }, 99.9);
    if (rank === null) return 0;
    const sorted = Float64Array.from(values).sort();
    return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)]! * (arm === 0 ? 1 : lift);
  });
  return capOf(percentiles);
}

/** Sums of the values and of their squares before each place of the pool. */
interface PoolSums {
  values: Float64Array;
  squares: Float64Array;
}

function poolSums(pool: Float64Array, cap: number): PoolSums {
  const sums = { values: new Float64Array(poolSize + 1), squares: new Float64Array(poolSize + 1) };
  for (let i = 0; i < poolSize; i += 1) {
    const value = Math.min(pool[i]!, cap);
    sums.values[i + 1] = sums.values[i]! + value;
    sums.squares[i + 1] = sums.squares[i]! + value * value;
  }
  return sums;
}

function sumsOf({ values, squares }: PoolSums, factor: number): (block: Block) => ArmTotals {
  return ({ at, n }) => ({
    n,
    sum: factor * (values[at + n]! - values[at]!),
    sumSquares: factor * factor * (squares[at + n]! - squares[at]!),
  });
}

function decide(
  { baseline, candidate }: Blocks,
  ofBaseline: (block: Block) => ArmTotals,
  ofCandidate: (block: Block) => ArmTotals,
  hasEnough: (stages: StageTotals[]) => boolean,
): number | null {
  let stages: StageTotals[] = [];
  for (let hour = 0; hour < hours; hour += 1) {
    const arms = { baseline: ofBaseline(baseline[hour]!), candidate: ofCandidate(candidate[hour]!) };
    stages = addToStage(stages, { stage: 1, share: null }, arms);
    const difference = differ(stages, { kind: 'mean', scale: 'relative' });
    if (difference === null || sequenceEvidence(difference, settings).logE < Math.log(1 / alpha)) continue;
    if (hasEnough(stages)) return hour + 1;
  }
  return null;
}
