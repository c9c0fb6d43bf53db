/**
 * `strategy`: how the traffic moves. One strategy, or a chain of strategies; each continues at the share of the
 * previous.
 */
import { z } from 'zod';
import { exactlyOneOf, oneRequiredOf, addIssue, ifValid } from './scalars.js';
import { strategySettings, type StrategyName, type StrategySettings } from './strategy-settings.js';

export type StrategySpec<N extends StrategyName = StrategyName> = {
  [K in N]: { name: K; settings: StrategySettings[K] };
}[N];

export const strategyNames = Object.keys(strategySettings) as StrategyName[];

/** Strategies whose settings all have defaults. */
const plainNames = ['standard', 'blueGreen', 'abTest', 'shadow', 'bandit'] as const;

const byName = z.enum(plainNames).transform((name) => specOf({ [name]: strategySettings[name].parse({}) }));

const optional = <T extends z.ZodType>(schema: T) => schema.optional().describe(schema.description ?? '');

const withSettings = z
  .strictObject({
    standard: optional(strategySettings.standard),
    blueGreen: optional(strategySettings.blueGreen),
    canary: optional(strategySettings.canary),
    linear: optional(strategySettings.linear),
    abTest: optional(strategySettings.abTest),
    shadow: optional(strategySettings.shadow),
    bandit: optional(strategySettings.bandit),
  })
  .superRefine(...exactlyOneOf(strategyNames))
  .meta(oneRequiredOf(strategyNames))
  .transform(specOf);

/** The library calls this also for a misspelt name, which is already rejected. */
function specOf(given: { [N in StrategyName]?: StrategySettings[N] | undefined }): StrategySpec {
  const name = strategyNames.find((key) => given[key] !== undefined);
  if (name === undefined) return z.NEVER;
  return { name, settings: given[name] } as StrategySpec;
}

const allowed = `${plainNames.join(', ')}, {canary: {steps, bake}}, {linear: {by, every}}, or another with settings`;

const one = z.union([byName, withSettings], allowed);

export const strategy = z
  .union([one.transform((only) => [only]), z.array(one).min(1).max(10)], `${allowed}; or a list of these`)
  .superRefine((chain, ctx) => {
    chain.forEach(({ name }, i) => {
      const last = i === chain.length - 1;
      if (name === 'shadow' && (i > 0 || last))
        addIssue(
          ctx,
          [i],
          'shadow does not serve users, so it must be first, with another strategy after it',
          'shadow first, then another',
        );
      if ((name === 'standard' || name === 'blueGreen') && !last)
        addIssue(
          ctx,
          [i],
          `${name} moves all traffic, so it must be the last strategy`,
          `${name} as the last strategy`,
        );
    });
  }, ifValid)
  .superRefine((chain, ctx) => {
    let before = 0;
    chain.forEach((entry, i) => {
      const { first, last } = sharesOf(entry, before);
      const enough = holdsShare(entry) ? first >= before : first > before;
      if (first > 0 && !enough)
        addIssue(
          ctx,
          [i],
          `${entry.name} begins at ${first}%, but the previous strategy ends at ${before}%`,
          before < 100
            ? `${holdsShare(entry) ? 'at least' : 'more than'} ${before}%`
            : 'no strategy after 100%',
        );
      before = Math.max(before, last);
    });
  }, ifValid);

/** Whether the strategy can start at the share of the previous strategy. */
function holdsShare({ name }: StrategySpec): boolean {
  return name === 'abTest' || name === 'bandit';
}

/** The candidate's first and last share. `before`: last share of the previous strategy. */
function sharesOf(entry: StrategySpec, before: number): { first: number; last: number } {
  switch (entry.name) {
    case 'shadow':
      return { first: 0, last: 0 };
    case 'standard':
    case 'blueGreen':
      return { first: 100, last: 100 };
    case 'canary':
      return { first: entry.settings.steps[0]?.share ?? 0, last: entry.settings.steps.at(-1)?.share ?? 0 };
    case 'linear':
      return { first: Math.min(100, before + entry.settings.by), last: 100 };
    case 'abTest':
      return { first: entry.settings.split, last: entry.settings.split };
    case 'bandit':
      return { first: entry.settings.start, last: entry.settings.cap };
  }
}
