/**
 * Estimates the time until a rule decides. It runs the rule's own test a few hundred times on simulated counts. All
 * seeds are fixed, so the same question has the same answer. Pure; takes tens of milliseconds.
 */
import { simulateCountTests, type CountRule } from './simulate-count-tests.js';
import { uniformsFrom, type DecisionSimulation } from './draws.js';
import { simulateGoalTests, type BetterRule, type ValueDistribution } from './simulate-goal-tests.js';
import { simulatedPollsOf, type Conditions, type SimulatedPoll } from './polls.js';

/**
 * The result that the test must find. `worse`, `better`: the candidate is worse or better by `effect`, relative (0.2
 * for a fifth). `notWorse`: the candidate is equal, and the test must prove that it is within the margin.
 */
export type TestQuestion =
  | { kind: 'worse'; rule: CountRule; baseRate: number; effect: number }
  | { kind: 'notWorse'; rule: CountRule; baseRate: number }
  | { kind: 'better'; rule: BetterRule; base: ValueDistribution; effect: number };

/** Watched seconds since the candidate's first request. Null: longer than the plan. */
export interface DecisionTime {
  /** Half of the rollouts have decided by then. */
  halfSeconds: number | null;
  /** At least nine in ten rollouts have decided by then. */
  maxSeconds: number | null;
}

/** Throws RangeError for rates above 1, and for rules outside the range of the tests. */
export function decisionTimeOf(question: TestQuestion, conditions: Conditions, runs = 400): DecisionTime {
  const polls = simulatedPollsOf(conditions).filter(
    ({ baseline, candidate }) => baseline > 0 && candidate > 0,
  );
  const start = simulationsOf(question, polls);
  const times = Array.from({ length: runs }, (_, run) => timeOf(start(), polls, run + 1));
  times.sort((a, b) => a - b);
  const at = (rank: number) => {
    const time = times[Math.min(runs, rank) - 1]!;
    return time === Infinity ? null : time;
  };
  return { halfSeconds: at(Math.ceil(runs / 2)), maxSeconds: at(rankCovering(0.9, runs)) };
}

function timeOf(simulation: DecisionSimulation, polls: readonly SimulatedPoll[], seed: number): number {
  const uniform = uniformsFrom(seed);
  const index = polls.findIndex((_, i) => simulation(i, uniform));
  return polls[index]?.atSeconds ?? Infinity;
}

/** The rank whose value covers `part` of the rollouts with 95 % confidence, because the number of runs is small. */
function rankCovering(part: number, runs: number): number {
  return Math.ceil(part * runs + 1.645 * Math.sqrt(runs * part * (1 - part)));
}

function simulationsOf(question: TestQuestion, polls: readonly SimulatedPoll[]): () => DecisionSimulation {
  switch (question.kind) {
    case 'worse': {
      const { rule, baseRate, effect } = question;
      const rates = { baseline: rateOf(baseRate), candidate: rateOf(baseRate * (1 + effect)) };
      return simulateCountTests(rule, 'worse', rates, polls);
    }
    case 'notWorse': {
      const rate = rateOf(question.baseRate);
      return simulateCountTests(question.rule, 'notWorse', { baseline: rate, candidate: rate }, polls);
    }
    case 'better': {
      const { rule, base, effect } = question;
      const mean = base.mean * (1 + (rule.higherIsBetter ? effect : -effect));
      if (rule.kind === 'proportion') [base.mean, mean].forEach(rateOf);
      return simulateGoalTests(rule, { baseline: base, candidate: { ...base, mean } }, polls);
    }
  }
}

function rateOf(value: number): number {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`expected a rate from 0 to 1, got ${value}`);
  return value;
}
