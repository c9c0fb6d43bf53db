/** `onInconclusive`: what to do while something that a guardrail needs is not known. */
import { z } from 'zod';
import { parseDuration } from '../../units/durations.js';
import { duration } from '../fields/scalars.js';

const allowed = 'hold, rollBack, promote, or {rollBack: {after}}';
const defaultAfter = '1h';

/** An experiment that finds no difference may promote; missing data never does. */
const promote = z
  .literal('promote')
  .transform(() => ({ kind: 'promote' as const, holdSeconds: null }))
  .describe(
    'An experiment without a decision after its longest time promotes, if every guardrail has passed; missing data holds.',
  );

const hold = z
  .literal('hold')
  .transform(() => ({ kind: 'hold' as const, holdSeconds: null }))
  .describe('Traffic stays as it is until every guardrail can judge, or a person decides.');

const rollBack = z
  .literal('rollBack')
  .transform(() => ({ kind: 'rollBack' as const, holdSeconds: parseDuration(defaultAfter) }))
  .describe(`Roll back when the end of a bake has waited ${defaultAfter} for missing data.`);

const rollBackAfter = z
  .strictObject({
    rollBack: z
      .strictObject({
        after: duration.describe('How long the end of a bake waits for missing data before it rolls back.'),
      })
      .describe('Roll back when the end of a bake has waited for missing data.'),
  })
  .transform(({ rollBack }) => ({ kind: 'rollBack' as const, holdSeconds: rollBack.after }));

export const onInconclusive = z.union([hold, rollBack, promote, rollBackAfter], allowed);
