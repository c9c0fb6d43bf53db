/**
 * The schema of the rollout spec. The TypeScript type, the validation and the published JSON Schema are derived from
 * it. The folders below spec/ define the fields.
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

/** Runs a check if the fields that it reads are valid, even if another field is misspelt. */
export function ifValidIn(keys: string[]): z.core.$ZodSuperRefineParams {
  return {
    when: ({ issues }) =>
      issues.every((issue) => {
        const field = issue.path?.[0];
        return field === undefined ? issue.code === 'unrecognized_keys' : !keys.some((key) => key === field);
      }),
  };
}

type SpecRule = (spec: Spec, ctx: z.RefinementCtx) => void;

/** Rules over several fields, each with the fields that it reads. */
export const crossFieldRules: { check: SpecRule; when: z.core.$ZodSuperRefineParams }[] = [
  { check: checkServe, when: ifValidIn(['models', 'serve']) },
  { check: checkWindows, when: ifValidIn(['models', 'serve', 'strategy', 'guardrails']) },
  {
    check: checkFirstDeployment,
    when: ifValidIn(['models', 'serve', 'strategy', 'guardrails', 'rollbackWindow']),
  },
  { check: checkGoals, when: ifValidIn(['strategy', 'goals', 'onInconclusive']) },
  { check: checkGates, when: ifValidIn(['models', 'strategy', 'gates']) },
];

export const specSchema = crossFieldRules
  .reduce((schema, { check, when }) => schema.superRefine(check, when), z.strictObject(shape))
  .meta({
    title: 'Penstock rollout',
    description: 'A rollout of a model on an Amazon SageMaker endpoint.',
  });
