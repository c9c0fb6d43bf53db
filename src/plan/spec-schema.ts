/**
 * The rollout spec: what people write. The TypeScript type, the validation and the published JSON Schema all come from
 * here. What a field may hold is below spec/.
 */
import { z } from 'zod';
import { freeze } from './spec/freeze.js';
import { gates } from './spec/gates.js';
import { goals } from './spec/goals.js';
import { guardrails } from './spec/guardrails.js';
import { onInconclusive } from './spec/inconclusive.js';
import { judging } from './spec/judging.js';
import { models } from './spec/models.js';
import { notify } from './spec/notify.js';
import { rollbackWindow } from './spec/rollback-window.js';
import { sagemakerName } from './spec/scalars.js';
import { serving } from './spec/serving.js';
import { strategy } from './spec/strategy.js';
import { validation } from './spec/validation.js';
import { checkFirstDeployment, checkGates, checkGoals, checkServe, checkWindows } from './spec/whole-spec.js';

/** All but which endpoint. */
export const sharedShape = {
  models: models.describe('The two models.'),
  serve: serving.prefault({}).describe('What the variants run on.'),
  validate: validation
    .optional()
    .describe("What the candidate must answer before any user's request reaches it."),
  strategy: strategy.describe('How the traffic moves to the candidate.'),
  guardrails: guardrails.default([]).describe('Rules, each of which may end the rollout by itself.'),
  goals: goals.default([]).describe('What abTest and bandit are decided by.'),
  judging: judging.prefault({}).describe('How often a comparison of the two models may be wrong.'),
  onInconclusive: onInconclusive
    .prefault('hold')
    .describe(
      'hold: traffic stays as it is until a guardrail can judge or a person decides. rollBack: roll back. promote: after an undecided experiment, promote.',
    ),
  drift: z
    .enum(['hold', 'revert', 'adopt'], 'hold, revert or adopt')
    .default('hold')
    .describe(
      "What is done about someone else's change to the endpoint. hold: wait until it is put back. revert: put weights and config back, at most three times. adopt: go on with the weights as they are; anything else holds.",
    ),
  rollbackWindow: rollbackWindow
    .optional()
    .describe(
      'How long the baseline stays after the promotion, watched, for undo. Default: 1h with blueGreen, else none.',
    ),
  gates: gates.default([]).describe('What must be so before the rollout goes on.'),
  freeze: freeze.default([]).describe('When nothing advances; a way back always may.'),
  notify: notify.default([]).describe('Who is told of what.'),
};

export const apiVersion = z.literal('penstock/v1').describe('Version of this format.');

const shape = {
  apiVersion,
  endpoint: sagemakerName
    .transform((name) => name.toLowerCase())
    .describe('Endpoint, live or not yet there. Upper and lower case are the same.'),
  ...sharedShape,
};

/** Durations in seconds, shares and rates in percent, defaults filled in. */
export type Spec = z.output<z.ZodObject<typeof shape>>;

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
