/** `judging`: how often a comparison of the two models may be wrong. */
import { z } from 'zod';
import type { JudgingPlan } from '../../compiled/goal.js';
import { countSchema, rate } from '../fields/scalars.js';

const chance = rate.refine((percent) => percent <= 50, 'a rate such as 1%, at most 50%');

export const judging = z
  .strictObject({
    falseAlarms: chance
      .prefault('1%')
      .describe(
        'Chance that a comparison guardrail rolls back a candidate that is not worse: all of them together, over the whole rollout.',
      ),
    wrongDecisions: chance
      .prefault('5%')
      .describe('Chance that a goal decides wrongly: all goals together, over the whole experiment.'),
    plannedSize: countSchema(1_000_000_000)
      .default(5_000)
      .describe('Requests of both models together at which a goal is expected to decide.'),
  })
  .transform(({ falseAlarms, wrongDecisions, plannedSize }): JudgingPlan => ({
    falseAlarmPercent: falseAlarms,
    wrongDecisionPercent: wrongDecisions,
    plannedSize,
  }));
