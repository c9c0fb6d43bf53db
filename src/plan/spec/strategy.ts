/** `strategy`: how the traffic moves. */
import { z } from 'zod';
import { parseDuration } from '../durations.js';
import { duration, exactlyOneOf, oneRequiredOf, refuse, share } from './scalars.js';

/** Settings of each strategy; strategies/ has a compiler for every key. */
export interface StrategySettings {
  standard: { bakeSeconds: number };
  /** Shares ascend. */
  canary: { steps: { share: number; bakeSeconds: number }[] };
}
export type StrategyName = keyof StrategySettings;
export type StrategySpec<N extends StrategyName = StrategyName> = {
  [K in N]: { name: K; settings: StrategySettings[K] };
}[N];

const defaultBake = '10m';

const standard = z
  .strictObject({
    bake: duration.prefault(defaultBake).describe('How long to watch once all traffic has moved.'),
  })
  .transform(({ bake }) => ({ bakeSeconds: bake }));

const entry = z.union(
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
      .array(entry)
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
      if (step.share <= before)
        refuse(
          ctx,
          ['steps', i],
          'shares must ascend',
          before < 100 ? `more than ${before}%` : 'no step after 100%',
        );
    });
  });

const names = ['standard', 'canary'] as const satisfies StrategyName[];

const settings = z
  .strictObject({
    standard: standard.optional().describe('All at once, after validation.'),
    canary: canary.optional().describe('Share by share, each watched before the next.'),
  })
  .superRefine(...exactlyOneOf(names))
  .meta(oneRequiredOf(names))
  .transform(({ standard, canary }): StrategySpec =>
    canary
      ? { name: 'canary', settings: canary }
      : { name: 'standard', settings: standard ?? { bakeSeconds: parseDuration(defaultBake) } },
  );

const standardByName = z
  .literal('standard')
  .transform((name): StrategySpec => ({ name, settings: { bakeSeconds: parseDuration(defaultBake) } }));

export const strategy = z.union(
  [standardByName, settings],
  'standard, {standard: {bake}} or {canary: {steps, bake}}',
);
