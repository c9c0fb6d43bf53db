/**
 * How long a rule would take to decide: its own test, run a few hundred times on simulated counts. The same question has
 * the same answer, for all runs have fixed seeds. Pure; tens of milliseconds.
 */
import { simulateCountTests, type CountRule } from './simulate-count-tests.js';
import { uniformsFrom, type DecisionSimulation } from './draws.js';
import { simulateGoalTests, type BetterRule, type ValueDistribution } from './simulate-goal-tests.js';
import { simulatedPollsOf, type Conditions, type SimulatedPoll } from './polls.js';

/**
 * What is to be found. `worse`, `better`: the candidate is so much worse or better, relative (0.2 for a fifth).
 * `notWorse`: it is equal, and that is to be proven within the margin.
 */
export type TestQuestion =
  | { kind: 'worse'; rule: CountRule; baseRate: number; effect: number }
  | { kind: 'notWorse'; rule: CountRule; baseRate: number }
  | { kind: 'better'; rule: BetterRule; base: ValueDistribution; effect: number };

/** Watched seconds from the candidate's first request; null where it takes longer than the plan goes on. */
export interface DecisionTime {
  /** By then half of the rollouts have decided. */
  halfSeconds: number | null;
  /** By then nine in ten have, at least. */
  maxSeconds: number | null;
}

/** Throws RangeError for rates above 1, and for rules that no test can keep. */
export function decisionTimeOf(question: TestQuestion, conditions: Conditions, runs = 400): DecisionTime {
  const looks = simulatedPollsOf(conditions).filter(
    ({ baseline, candidate }) => baseline > 0 && candidate > 0,
  );
  const start = racesOf(question, looks);
  const times = Array.from({ length: runs }, (_, run) => timeOf(start(), looks, run + 1));
  times.sort((a, b) => a - b);
  const at = (rank: number) => {
    const time = times[Math.min(runs, rank) - 1]!;
    return time === Infinity ? null : time;
  };
  return { halfSeconds: at(Math.ceil(runs / 2)), maxSeconds: at(rankCovering(0.9, runs)) };
}

function timeOf(race: DecisionSimulation, looks: readonly SimulatedPoll[], seed: number): number {
  const uniform = uniformsFrom(seed);
  const index = looks.findIndex((_, i) => race(i, uniform));
  return looks[index]?.atSeconds ?? Infinity;
}

/** The rank whose value covers that part with a confidence of 95 %: so few runs leave room for chance. */
function rankCovering(part: number, runs: number): number {
  return Math.ceil(part * runs + 1.645 * Math.sqrt(runs * part * (1 - part)));
}

function racesOf(question: TestQuestion, looks: readonly SimulatedPoll[]): () => DecisionSimulation {
  switch (question.kind) {
    case 'worse': {
      const { rule, baseRate, effect } = question;
      const rates = { baseline: rateOf(baseRate), candidate: rateOf(baseRate * (1 + effect)) };
      return simulateCountTests(rule, 'worse', rates, looks);
    }
    case 'notWorse': {
      const rate = rateOf(question.baseRate);
      return simulateCountTests(question.rule, 'notWorse', { baseline: rate, candidate: rate }, looks);
    }
    case 'better': {
      const { rule, base, effect } = question;
      const mean = base.mean * (1 + (rule.higherIsBetter ? effect : -effect));
      if (rule.kind === 'proportion') [base.mean, mean].forEach(rateOf);
      return simulateGoalTests(rule, { baseline: base, candidate: { ...base, mean } }, looks);
    }
  }
}

function rateOf(value: number): number {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`a rate of ${value} is not within 0 and 1`);
  return value;
}
