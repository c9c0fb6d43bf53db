/** The spec of a rollout in waves: that of a rollout, for many endpoints one after another. */
import { z } from 'zod';
import { crossFieldRules, ifValidIn } from '../spec/spec-schema.js';
import { apiVersion, sharedShape, type Spec } from '../spec/fields/shape.js';
import { addIssue } from '../spec/fields/scalars.js';
import { lowerCaseName, onFailure, pauseBetween, stopAfter, waves } from './waves-fields.js';

const shape = {
  apiVersion,
  name: lowerCaseName.describe('Of the waves as a whole: their workflow is waves:NAME.'),
  waves: waves.describe(
    'The endpoints, wave by wave. The next begins when every endpoint of one is promoted.',
  ),
  pauseBetween: pauseBetween
    .optional()
    .describe('How long a wave is left to itself before the next. Default: none.'),
  stopAfter: stopAfter
    .default(1)
    .describe('So many rollouts that end other than promoted, and no further wave begins.'),
  onFailure: onFailure
    .default('keep')
    .describe(
      'Once that many have failed. keep: what is promoted stays. rollBack: all are taken back; needs rollbackWindow.',
    ),
  ...sharedShape,
};

/** Durations in seconds, shares and rates in percent, defaults filled in. */
export type WavesSpec = z.output<z.ZodObject<typeof shape>>;

/** The rules of a rollout read everything but its endpoint, and any will do. */
function asRollout(spec: WavesSpec): Spec {
  return { ...spec, endpoint: spec.name };
}

/** What has no way back any more cannot be taken back with the others. */
function checkOnFailure({ onFailure, rollbackWindow, strategy }: WavesSpec, ctx: z.RefinementCtx): void {
  if (onFailure === 'keep' || rollbackWindow || strategy.some(({ name }) => name === 'blueGreen')) return;
  addIssue(
    ctx,
    ['onFailure'],
    'rollBack undoes what is promoted already, which only a rollback window allows; there is none',
    'keep, or rollBack with a rollbackWindow as long as all waves may take',
  );
}

export const wavesSchema = crossFieldRules
  .reduce(
    (schema, { check, when }) => schema.superRefine((spec, ctx) => check(asRollout(spec), ctx), when),
    z.strictObject(shape),
  )
  .superRefine(checkOnFailure, ifValidIn(['onFailure', 'rollbackWindow', 'strategy']))
  .meta({
    title: 'Penstock rollout in waves',
    description: 'A rollout of a model on many Amazon SageMaker endpoints, wave by wave.',
  });
