/** What each strategy can be told. Durations in seconds, shares in percent. */
import { z } from 'zod';
import { duration, addIssue, share, text } from './scalars.js';

/** Settings of each strategy; strategies/ has a compiler for every key. */
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
    bake: duration.prefault(defaultBake).describe('How long to watch once all traffic has moved.'),
  })
  .transform(({ bake }) => ({ bakeSeconds: bake }));

const blueGreen = z
  .strictObject({
    bake: duration.prefault(defaultBake).describe('How long to watch green once all traffic has moved.'),
  })
  .transform(({ bake }) => ({ bakeSeconds: bake }));

const canaryStep = z.union(
  [
    share,
    z.strictObject({
      share: share.describe("The candidate's share of the traffic."),
      bake: duration.describe('How long to watch at this share.'),
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
      .describe("The candidate's shares, ascending; 100% at the end is implied."),
    bake: duration
      .prefault(defaultBake)
      .describe('How long to watch at each share that does not say so itself.'),
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
    by: share.describe('How much of the traffic moves at a time, up to 100%.'),
    every: duration.prefault(defaultBake).describe('How long to watch after each move.'),
  })
  .transform(({ by, every }) => ({ by, everySeconds: every }))
  .superRefine(({ by }, ctx) => {
    if (100 / by > maxIncrements)
      addIssue(ctx, ['by'], `more than ${maxIncrements} moves`, `at least ${100 / maxIncrements}%`);
  });

/** An experiment runs at least `for`, and is inconclusive after `atMost`. */
const experimentLength = {
  for: duration
    .prefault('14d')
    .describe('Run at least this long before the goals may decide; whole weeks where a goal has weeks.'),
  atMost: duration.optional().describe('Inconclusive after this long. Default: twice `for`.'),
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
    addIssue(ctx, ['atMost'], 'the longest time is shorter than the shortest', 'no less than `for`');
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
    mirror: share.prefault('100%').describe("How much of the baseline's traffic is copied to the candidate."),
    bake: duration.prefault('1h').describe('How long to watch the copies.'),
  })
  .transform(({ mirror, bake }) => ({ mirrorPercent: mirror, bakeSeconds: bake }));

const bandit = z
  .strictObject({
    start: split.prefault('50%').describe("The candidate's share before anything is known."),
    every: duration.prefault('1d').describe('How often the share is chosen anew.'),
    floor: split.prefault('10%').describe('Neither model gets less than this.'),
    cap: split.prefault('90%').describe('The candidate gets no more than this.'),
    step: split.prefault('10%').describe('The share changes by no more than this at a time.'),
    ...experimentLength,
  })
  .superRefine(checkLength)
  .superRefine(({ start, floor, cap }, ctx) => {
    if (floor >= cap) addIssue(ctx, ['cap'], 'the cap is not above the floor', `more than ${floor}%`);
    else if (start < floor || start > cap)
      addIssue(ctx, ['start'], 'the start lies outside floor and cap', `${floor}% to ${cap}%`);
  })
  .transform(({ start, every, floor, cap, step, ...length }) => ({
    ...{ start, floor, cap, maxStep: step, everySeconds: every },
    ...lengthOf(length),
  }));

/** By name; what is left out has its default. */
export const strategySettings = {
  standard: standard.describe('All at once, after validation.'),
  blueGreen: blueGreen.describe(
    'Both side by side, one switch; blue stays for the rollback window (1h unless told otherwise).',
  ),
  canary: canary.describe('Share by share, each watched before the next.'),
  linear: linear.describe('Equal shares, each watched before the next.'),
  abTest: abTest.describe('A fixed split for days or weeks, decided by the goals.'),
  shadow: shadow.describe(
    'Copies of the requests to the candidate, which answers nobody; then another strategy.',
  ),
  bandit: bandit.describe(
    'A split that moves towards the better model day by day; the goals decide, not the split.',
  ),
};
