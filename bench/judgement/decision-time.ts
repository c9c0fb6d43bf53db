/** Checks forecasts: the share of simulated rollouts that decided within the forecast times. */
import type { ComparisonWindow } from '../../src/analysis/verdicts/comparison-windows.js';
import { decisionTimeOf, type TestQuestion } from '../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../src/analysis/time-to-decision/polls.js';
import { addToGoal, judgeGoal, startGoal, type GoalRule } from '../../src/analysis/verdicts/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
} from '../../src/analysis/verdicts/judge-not-worse.js';
import type { Verdict } from '../../src/analysis/verdicts/verdict.js';
import type { Figure } from '../table.js';
import { percent } from './measuring.js';
import { Random } from './random.js';
import { hours, rampShare, requestsPerHour, simulateRollout, type Hour } from './rollout.js';
import { alpha } from './watchers.js';

const rollouts = 500;

const rampHours = [0, 6, 12, 18, hours];
const conditions: Conditions = {
  requestsPerHour,
  windowSeconds: 3_600,
  dataDelaySeconds: 0,
  periods: rampHours.slice(1).map((end, i) => {
    const candidate = rampShare(rampHours[i]!);
    return {
      seconds: (end - rampHours[i]!) * 3_600,
      earliestSeconds: 0,
      baseline: 1 - candidate,
      candidate,
    };
  }),
};

const notWorse: NotWorseRule = {
  id: 'errors',
  label: 'error rate',
  alpha,
  maximumExcludedPercent: 10,
  marginPercent: 0,
  dispersion: 1,
  minimumRequests: 100,
  mustBeProven: true,
  negligiblePercent: null,
  watchedSeconds: hours * 3_600,
};

const goal: GoalRule = {
  id: 'goal',
  label: 'conversion',
  kind: 'proportion',
  scale: 'relative',
  unit: null,
  higherIsBetter: true,
  minimumEffect: 0,
  alpha,
  goals: 1,
  plannedSize: 5_000,
  cap: null,
  maximumExcludedPercent: 10,
};

export function measureDecisionTime(): Figure[] {
  return [
    ...[
      [0.0005, 4],
      [0.002, 1],
      [0.01, 0.2],
      [0.01, 0.5],
      [0.01, 2],
      [0.05, 0.1],
      [0.05, 1],
      [0.3, 0.1],
    ].map(([rate, effect]) => measureHarm(rate!, effect!, 1)),
    measureHarm(0.01, 0.5, 3),
    ...[25, 50, 100].map((margin) => measureProof(0.01, margin)),
    measureProof(0.1, 10),
    ...[
      [0.01, 0.2],
      [0.05, 0.1],
      [0.05, 0.3],
      [0.3, 0.03],
    ].map(([rate, effect]) => measureGoal(rate!, effect!)),
  ];
}

function measureHarm(baseRate: number, effect: number, dispersion: number): Figure {
  const rule = { ...notWorse, dispersion };
  const rates = { baseline: baseRate, candidate: baseRate * (1 + effect) };
  const clusters = dispersion === 1 ? '' : `, errors in threes`;
  return figure(
    `harm: ${100 * baseRate} %, ${100 * effect} % more${clusters}`,
    { kind: 'worse', rule, baseRate, effect },
    () => judgeCounts(rule, ({ result }) => result === 'fail', dispersion),
    rates,
  );
}

function measureProof(baseRate: number, marginPercent: number): Figure {
  const rule = { ...notWorse, marginPercent };
  return figure(
    `proof: ${100 * baseRate} %, margin ${marginPercent} %`,
    { kind: 'notWorse', rule, baseRate },
    () => judgeCounts(rule, ({ reason }) => reason === 'notWorseThanBaseline', 1),
    { baseline: baseRate, candidate: baseRate },
  );
}

function measureGoal(rate: number, effect: number): Figure {
  return figure(
    `goal: ${100 * rate} %, ${100 * effect} % more`,
    { kind: 'better', rule: goal, base: { mean: rate, deviation: 0 }, effect },
    () => {
      let state = startGoal(goal);
      return (window) => {
        state = addToGoal(goal, state, window);
        return judgeGoal(goal, state, hours).result === 'pass';
      };
    },
    { baseline: rate, candidate: rate * (1 + effect) },
  );
}

type Judge = (window: ComparisonWindow) => boolean;

/** With clusters of three, each error counts three times. Their dispersion is 3. */
function judgeCounts(rule: NotWorseRule, isDecided: (verdict: Verdict) => boolean, times: number): Judge {
  let state = startNotWorse(rule);
  return ({ arms, ...window }) => {
    const multiply = ({ requests, events }: ComparisonWindow['arms']['baseline']) => {
      return { requests, events: (events ?? 0) * times };
    };
    const counted = { baseline: multiply(arms.baseline), candidate: multiply(arms.candidate) };
    state = addToNotWorse(rule, state, { ...window, arms: counted });
    return isDecided(judgeNotWorse(rule, state, hours));
  };
}

function figure(
  what: string,
  question: TestQuestion,
  start: () => Judge,
  rates: { baseline: number; candidate: number },
): Figure {
  const { halfSeconds, maxSeconds } = decisionTimeOf(question, conditions);
  const dispersion = 'dispersion' in question.rule ? (question.rule.dispersion ?? 1) : 1;
  const real = { baseline: rates.baseline / dispersion, candidate: rates.candidate / dispersion };
  const random = new Random(11);
  const times = Array.from({ length: rollouts }, () => run(random, real, start()));
  const by = (seconds: number | null) =>
    seconds === null
      ? 'not in two weeks'
      : `${seconds / 3_600} h ${percent(times.filter((hour) => hour * 3_600 <= seconds).length, rollouts)}`;
  return { what, measured: `${by(halfSeconds)}, ${by(maxSeconds)}`, aim: 'second >= 90 %' };
}

/** Hours until the rule decides. */
function run(random: Random, rates: { baseline: number; candidate: number }, judge: Judge): number {
  let hour = 0;
  for (const next of simulateRollout(random, rates)) {
    hour += 1;
    if (judge(windowOf(next, hour))) return hour;
  }
  return Infinity;
}

function windowOf({ baseline, candidate }: Hour, hour: number): ComparisonWindow {
  const share = rampShare(hour - 1);
  const at = (end: number) => new Date(end * 3_600_000).toISOString();
  return {
    from: at(hour - 1),
    to: at(hour),
    stage: rampHours.findLastIndex((start) => start <= hour - 1),
    candidateShare: 100 * share,
    arms: { baseline, candidate },
  };
}
