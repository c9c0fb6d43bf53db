/**
 * The rollout spec: what people write. The TypeScript type, the validation and the published JSON Schema all come from
 * here. What a field may hold is below spec/.
 */
import { z } from 'zod';
import { shape, type Spec } from './fields/shape.js';
import {
  checkFirstDeployment,
  checkGates,
  checkGoals,
  checkServe,
  checkWindows,
} from './cross-field-rules.js';

/** Lets a check run as soon as the fields that it reads are sound; a misspelt field elsewhere does not matter. */
export function whenSoundIn(keys: string[]): z.core.$ZodSuperRefineParams {
  return {
    when: ({ issues }) =>
      issues.every((issue) => {
        const field = issue.path?.[0];
        return field === undefined ? issue.code === 'unrecognized_keys' : !keys.some((key) => key === field);
      }),
  };
}

type Check = (spec: Spec, ctx: z.RefinementCtx) => void;

/** Rules that join fields, each with those that it reads. */
export const joiningRules: { check: Check; when: z.core.$ZodSuperRefineParams }[] = [
  { check: checkServe, when: whenSoundIn(['models', 'serve']) },
  { check: checkWindows, when: whenSoundIn(['models', 'serve', 'strategy', 'guardrails']) },
  {
    check: checkFirstDeployment,
    when: whenSoundIn(['models', 'serve', 'strategy', 'guardrails', 'rollbackWindow']),
  },
  { check: checkGoals, when: whenSoundIn(['strategy', 'goals', 'onInconclusive']) },
  { check: checkGates, when: whenSoundIn(['models', 'strategy', 'gates']) },
];

export const specSchema = joiningRules
  .reduce((schema, { check, when }) => schema.superRefine(check, when), z.strictObject(shape))
  .meta({
    title: 'Penstock rollout',
    description: 'A rollout of a model on an Amazon SageMaker endpoint.',
  });
