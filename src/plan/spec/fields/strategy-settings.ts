/** The settings of each strategy. Durations in seconds, shares in percent. */
import { z } from 'zod';
import { duration, addIssue, share, text } from './scalars.js';

/** Settings by strategy. compile/strategies has a compiler for every key. */
export interface StrategySettings {
  standard: { bakeSeconds: number };
  blueGreen: { bakeSeconds: number };
  /** Shares ascend. */
  canary: { steps: { share: number; bakeSeconds: number }[] };
  linear: { by: number; everySeconds: number };
  abTest: { split: number; minimumSeconds: number; maximumSeconds: number };
  shadow: { mirrorPercent: number; bakeSeconds: number };
  bandit: {
    start: number;
    everySeconds: number;
    floor: number;
    cap: number;
    maxStep: number;
    minimumSeconds: number;
    maximumSeconds: number;
  };
}
export type StrategyName = keyof StrategySettings;

const defaultBake = '10m';

const standard = z
  .strictObject({
    bake: duration.prefault(defaultBake).describe('Time to watch after all traffic has moved.'),
  })
  .transform(({ bake }) => ({ bakeSeconds: bake }));

const blueGreen = z
  .strictObject({
    bake: duration.prefault(defaultBake).describe('Time to watch green after all traffic has moved.'),
  })
  .transform(({ bake }) => ({ bakeSeconds: bake }));

const canaryStep = z.union(
  [
    share,
    z.strictObject({
      share: share.describe("The candidate's share of the traffic."),
      bake: duration.describe('Time to watch at this share.'),
    }),
  ],
  'a share such as 1%, 0.1% (0.1% to 100%, one decimal at most), or {share, bake}',
);

const canary = z
  .strictObject({
    steps: z
      .array(canaryStep)
      .min(1)
      .max(50)
      .describe("The candidate's shares, ascending. 100% at the end is implied."),
    bake: duration.prefault(defaultBake).describe('Time to watch at each share without its own bake.'),
  })
  .transform(({ steps, bake }) => ({
    steps: steps.map((step) =>
      typeof step === 'number'
        ? { share: step, bakeSeconds: bake }
        : { share: step.share, bakeSeconds: step.bake },
    ),
  }))
  .superRefine(({ steps }, ctx) => {
    steps.forEach((step, i) => {
      const before = steps[i - 1]?.share ?? 0;
      const allowed = before < 100 ? `more than ${before}%` : 'no step after 100%';
      if (step.share <= before) addIssue(ctx, ['steps', i], 'shares must ascend', allowed);
    });
  });

const maxIncrements = 100;

const linear = z
  .strictObject({
    by: share.describe('Share of the traffic that moves in each step, up to 100%.'),
    every: duration.prefault(defaultBake).describe('Time to watch after each step.'),
  })
  .transform(({ by, every }) => ({ by, everySeconds: every }))
  .superRefine(({ by }, ctx) => {
    if (100 / by > maxIncrements)
      addIssue(ctx, ['by'], `more than ${maxIncrements} steps`, `at least ${100 / maxIncrements}%`);
  });

/** An experiment runs at least `for`, and is inconclusive after `atMost`. */
const experimentLength = {
  for: duration
    .prefault('14d')
    .describe('Minimum time before the goals can decide. Whole weeks if a goal is weekly.'),
  atMost: duration
    .optional()
    .describe('Maximum time, after which the experiment is inconclusive. Default: twice `for`.'),
};

interface Length {
  for: number;
  atMost?: number | undefined;
}

function lengthOf(given: Length): { minimumSeconds: number; maximumSeconds: number } {
  return { minimumSeconds: given.for, maximumSeconds: given.atMost ?? 2 * given.for };
}

function checkLength(given: Length, ctx: z.RefinementCtx): void {
  if (given.atMost !== undefined && given.atMost < given.for)
    addIssue(ctx, ['atMost'], 'atMost is shorter than for', 'no less than `for`');
}

const split = text('a share below 100% such as 50%', /^(?!100)\d{1,2}(\.\d)?%$/).pipe(share);

const abTest = z
  .strictObject({
    split: split.prefault('50%').describe("The candidate's share for the whole test."),
    ...experimentLength,
  })
  .superRefine(checkLength)
  .transform(({ split, ...length }) => ({ split, ...lengthOf(length) }));

const shadow = z
  .strictObject({
    mirror: share
      .prefault('100%')
      .describe("Share of the baseline's traffic that is copied to the candidate."),
    bake: duration.prefault('1h').describe('Time to watch the copies.'),
  })
  .transform(({ mirror, bake }) => ({ mirrorPercent: mirror, bakeSeconds: bake }));

const bandit = z
  .strictObject({
    start: split.prefault('50%').describe("The candidate's share at the start."),
    every: duration.prefault('1d').describe('Time between two changes of the share.'),
    floor: split.prefault('10%').describe('Minimum share of each model.'),
    cap: split.prefault('90%').describe('Maximum share of the candidate.'),
    step: split.prefault('10%').describe('Maximum change of the share at a time.'),
    ...experimentLength,
  })
  .superRefine(checkLength)
  .superRefine(({ start, floor, cap }, ctx) => {
    if (floor >= cap) addIssue(ctx, ['cap'], 'the cap is not above the floor', `more than ${floor}%`);
    else if (start < floor || start > cap)
      addIssue(ctx, ['start'], 'the start is outside floor and cap', `${floor}% to ${cap}%`);
  })
  .transform(({ start, every, floor, cap, step, ...length }) => ({
    ...{ start, floor, cap, maxStep: step, everySeconds: every },
    ...lengthOf(length),
  }));

/** By name. Omitted settings have their defaults. */
export const strategySettings = {
  standard: standard.describe('Moves all traffic at once, after validation.'),
  blueGreen: blueGreen.describe(
    'Both models run side by side, and all traffic moves at once. Blue stays for the rollback window (default: 1h).',
  ),
  canary: canary.describe('Moves the traffic share by share, and watches each share before the next.'),
  linear: linear.describe('Moves the traffic in equal steps, and watches each step before the next.'),
  abTest: abTest.describe('A fixed split for days or weeks. The goals decide.'),
  shadow: shadow.describe(
    'The candidate gets copies of the requests and does not serve users. Another strategy follows.',
  ),
  bandit: bandit.describe(
    'A split that moves towards the better model day by day. The goals decide, not the split.',
  ),
};
