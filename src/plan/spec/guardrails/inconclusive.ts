/** `onInconclusive`: the reaction to a guardrail without a verdict. */
import { z } from 'zod';
import { parseDuration } from '../../units/durations.js';
import { duration } from '../fields/scalars.js';

const allowed = 'hold, rollBack, promote, or {rollBack: {after}}';
const defaultAfter = '1h';

/** `promote` applies to an experiment that finds no difference. Missing data never promotes. */
const promote = z
  .literal('promote')
  .transform(() => ({ kind: 'promote' as const, holdSeconds: null }))
  .describe(
    'An experiment without a decision after its maximum time promotes if every guardrail passed. Missing data holds.',
  );

const hold = z
  .literal('hold')
  .transform(() => ({ kind: 'hold' as const, holdSeconds: null }))
  .describe('The traffic does not change until every guardrail has a verdict, or an operator decides.');

const rollBack = z
  .literal('rollBack')
  .transform(() => ({ kind: 'rollBack' as const, holdSeconds: parseDuration(defaultAfter) }))
  .describe(`Roll back after the end of a bake waited ${defaultAfter} for missing data.`);

const rollBackAfter = z
  .strictObject({
    rollBack: z
      .strictObject({
        after: duration.describe('Time that the end of a bake waits for missing data before the rollback.'),
      })
      .describe('Roll back after the end of a bake waited for missing data.'),
  })
  .transform(({ rollBack }) => ({ kind: 'rollBack' as const, holdSeconds: rollBack.after }));

export const onInconclusive = z.union([hold, rollBack, promote, rollBackAfter], allowed);
