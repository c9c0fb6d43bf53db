/** Errors and conversions of users who return, always to the same model: false verdicts with and without sums by user. */
import type { ArmCounts, ComparisonWindow } from '../../src/analysis/verdicts/comparison-windows.js';
import { addToGoal, judgeGoal, startGoal, type GoalRule } from '../../src/analysis/verdicts/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
} from '../../src/analysis/verdicts/judge-not-worse.js';
import type { UserSums } from '../../src/analysis/statistics/user-dispersion.js';
import type { Figure } from '../table.js';
import { frequencyInWords } from './measuring.js';
import { Random } from './random.js';
import { hours, rampShare, requestsPerHour } from './rollout.js';

const rollouts = 200;

interface Population {
  users: number;
  /** Mean of the users' own rates, and their coefficient of variation. Beta-distributed. */
  rate: number;
  variation: number;
  share: (hour: number) => number;
  /** Processes of the switch. Each request reaches any of them. */
  processes: number;
}

const even = { share: () => 0.5, processes: 1 };

export function measureUsers(): Figure[] {
  const aim = 'second <= 5 %';
  const goals: [number, number, number, Partial<Population>?][] = [
    [10_000, 0.13, 0],
    [10_000, 0.13, 0.5],
    [10_000, 0.13, 1],
    [2_000, 0.13, 0.5],
    [50_000, 0.13, 1],
    [10_000, 0.13, 1, { share: rampShare }],
    [10_000, 0.13, 1, { processes: 4 }],
  ];
  return [
    ...goals.map(([users, rate, variation, more = {}]) => {
      const population = { ...even, users, rate, variation, ...more };
      const measured = judge(population, [goalWatch(false), goalWatch(true)]);
      return { what: `goal, ${describe(population)}: independent, by user`, measured, aim };
    }),
    ...[0.5, 8].map((variation) => {
      const population = { ...even, users: 5_000, rate: 0.01, variation, share: rampShare };
      const measured = judge(population, [harmWatch(1), harmWatch(null)]);
      return {
        what: `errors, ${describe(population)}: independent, by user`,
        measured,
        aim: 'second <= 1 %',
      };
    }),
  ];
}

function describe({ users, variation, share, processes }: Population): string {
  const requests = Math.round((requestsPerHour * hours) / users);
  const where = `${share === rampShare ? ', up the ramp' : ''}${processes > 1 ? `, ${processes} processes` : ''}`;
  return `${users} users of ${requests} requests, variation ${variation}${where}`;
}

/** Adds the next window. True: the rule decides although nothing is different. */
type Watch = (window: ComparisonWindow) => boolean;

function goalWatch(byUser: boolean): () => Watch {
  const rule: GoalRule = {
    id: 'goal',
    label: 'conversion',
    kind: 'proportion',
    scale: 'relative',
    alpha: 0.05,
    maximumExcludedPercent: 10,
    unit: null,
    higherIsBetter: true,
    minimumEffect: 0,
    goals: 1,
    plannedSize: 5_000,
    cap: null,
    ...(!byUser && { dispersion: 1 }),
  };
  return () => {
    let state = startGoal(rule);
    return (window) => {
      state = addToGoal(rule, state, window);
      return judgeGoal(rule, state, hours).result !== 'inconclusive';
    };
  };
}

function harmWatch(dispersion: number | null): () => Watch {
  const rule: NotWorseRule = {
    id: 'errors',
    label: 'error rate',
    alpha: 0.01,
    maximumExcludedPercent: 10,
    marginPercent: 10,
    dispersion,
    minimumRequests: 100,
    mustBeProven: false,
    negligiblePercent: null,
    watchedSeconds: hours * 3_600,
  };
  return () => {
    let state = startNotWorse(rule);
    return (window) => {
      state = addToNotWorse(rule, state, window);
      return judgeNotWorse(rule, state, hours).result === 'fail';
    };
  };
}

function judge(population: Population, watches: (() => Watch)[]): string {
  const random = new Random(7);
  const wrong = watches.map(() => 0);
  for (let i = 0; i < rollouts; i += 1) {
    const open = new Map(watches.map((watch, j) => [j, watch()]));
    for (const window of drawWindows(random, population)) {
      for (const [j, watch] of open)
        if (watch(window)) {
          wrong[j]! += 1;
          open.delete(j);
        }
      if (open.size === 0) break;
    }
  }
  return wrong.map((count) => frequencyInWords(count, rollouts)).join(', ');
}

/** Two weeks of one rollout. A user is in the candidate's arm while the share is above the user's own place. */
function* drawWindows(
  random: Random,
  { users, rate, variation, share, processes }: Population,
): Iterable<ComparisonWindow> {
  const rates = Float64Array.from({ length: users }, () => drawRate(random, rate, variation));
  const places = Float64Array.from({ length: users }, () => random.uniform());
  const [trials, events] = [new Float64Array(users * processes), new Float64Array(users * processes)];
  for (let hour = 0; hour < hours; hour += 1) {
    if (hour > 0 && share(hour) !== share(hour - 1)) [trials, events].forEach((totals) => totals.fill(0));
    const arms = [newArm(), newArm()];
    for (let i = 0; i < requestsPerHour; i += 1) {
      const user = Math.floor(random.uniform() * users);
      const arm = arms[places[user]! < share(hour) ? 1 : 0]!;
      const at = user * processes + (processes === 1 ? 0 : Math.floor(random.uniform() * processes));
      const [t, e] = [trials[at]!, events[at]!];
      const event = random.uniform() < rates[user]! ? 1 : 0;
      arm.requests += 1;
      arm.events += event;
      arm.users.trials += 2 * t + 1;
      arm.users.total += event * (2 * e + 1);
      arm.users.product += e + event * (t + 1);
      trials[at] = t + 1;
      events[at] = e + event;
    }
    yield windowOf(hour, share(hour), processes, arms as [DrawnArm, DrawnArm]);
  }
}

interface DrawnArm extends ArmCounts {
  requests: number;
  events: number;
  users: UserSums;
}

function newArm(): DrawnArm {
  return { requests: 0, events: 0, users: { trials: 0, total: 0, product: 0, processes: 0 } };
}

const startMs = Date.UTC(2026, 0, 1);
let seen = { hour: -1, share: 0, totals: [0, 0] };

function windowOf(
  hour: number,
  share: number,
  processes: number,
  [baseline, candidate]: [DrawnArm, DrawnArm],
): ComparisonWindow {
  if (hour === 0 || share !== seen.share) seen = { hour, share, totals: [0, 0] };
  [baseline, candidate].forEach((arm, j) => {
    const before = seen.totals[j]!;
    const after = before + arm.requests;
    arm.users.processes = (after * after - before * before) / processes;
    seen.totals[j] = after;
  });
  const at = (offset: number) => new Date(startMs + (hour + offset) * 3_600_000).toISOString();
  return { from: at(0), to: at(1), stage: 0, candidateShare: 100 * share, arms: { baseline, candidate } };
}

/** From a beta distribution, as the quotient of gammas. */
function drawRate(random: Random, mean: number, variation: number): number {
  if (variation === 0) return mean;
  const concentration = (1 - mean) / (mean * variation * variation) - 1;
  const [a, b] = [drawGamma(random, mean * concentration), drawGamma(random, (1 - mean) * concentration)];
  return a + b === 0 ? 0 : a / (a + b);
}

/** Marsaglia and Tsang's method; a shape below 1 by a power of a uniform number. */
function drawGamma(random: Random, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
