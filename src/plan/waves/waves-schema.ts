/** The spec of a rollout in waves: the fields of a rollout, for many endpoints. */
import { z } from 'zod';
import { crossFieldRules, ifValidIn } from '../spec/spec-schema.js';
import { apiVersion, sharedShape, type Spec } from '../spec/fields/shape.js';
import { addIssue } from '../spec/fields/scalars.js';
import { lowerCaseName, onFailure, pauseBetween, stopAfter, waves } from './waves-fields.js';

const shape = {
  apiVersion,
  name: lowerCaseName.describe('Name of the waves. Their workflow is waves:NAME.'),
  waves: waves.describe(
    'The endpoints of each wave. A wave begins when every endpoint of the previous wave is promoted.',
  ),
  pauseBetween: pauseBetween.optional().describe('Pause between two waves. Default: none.'),
  stopAfter: stopAfter
    .default(1)
    .describe('No further wave begins after this many rollouts ended without promotion.'),
  onFailure: onFailure
    .default('keep')
    .describe(
      'Reaction after that many failures. keep: promoted endpoints stay promoted. rollBack: all endpoints are rolled back; needs rollbackWindow.',
    ),
  ...sharedShape,
};

/** Durations in seconds, shares and rates in percent, defaults filled in. */
export type WavesSpec = z.output<z.ZodObject<typeof shape>>;

/** The rules of a rollout do not read the endpoint, so any name is valid. */
function asRollout(spec: WavesSpec): Spec {
  return { ...spec, endpoint: spec.name };
}

/** Without a rollback window, promoted endpoints cannot be rolled back. */
function checkOnFailure({ onFailure, rollbackWindow, strategy }: WavesSpec, ctx: z.RefinementCtx): void {
  if (onFailure === 'keep' || rollbackWindow || strategy.some(({ name }) => name === 'blueGreen')) return;
  addIssue(
    ctx,
    ['onFailure'],
    'rollBack needs a rollback window to undo the promoted endpoints; there is none',
    'keep, or rollBack with a rollbackWindow that is as long as all waves',
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
