/** `judging`: allowed error rates of the tests. */
import { z } from 'zod';
import type { JudgingSettings } from '../../compiled/goal.js';
import { countSchema, rate } from '../fields/scalars.js';

const chance = rate.refine((percent) => percent <= 50, 'a rate such as 1%, at most 50%');

export const judging = z
  .strictObject({
    falseAlarms: chance
      .prefault('1%')
      .describe(
        'Chance that any comparison guardrail rolls back a candidate that is not worse, or any bound on a rate a candidate whose rate is within it, over the whole rollout.',
      ),
    wrongDecisions: chance
      .prefault('5%')
      .describe('Chance that any goal decides wrongly, over the whole experiment.'),
    plannedSize: countSchema(1_000_000_000)
      .default(5_000)
      .describe('Total requests of both models at which a goal is expected to decide.'),
  })
  .transform(({ falseAlarms, wrongDecisions, plannedSize }): JudgingSettings => ({
    falseAlarmPercent: falseAlarms,
    wrongDecisionPercent: wrongDecisions,
    plannedSize,
  }));
