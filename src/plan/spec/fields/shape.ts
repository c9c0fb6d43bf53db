/** The fields of a rollout spec: what people write. What each may hold is in the files beside this one. */
import { z } from 'zod';
import { freeze } from './freeze.js';
import { gates } from './gates.js';
import { goals } from '../guardrails/goals.js';
import { guardrails } from '../guardrails/guardrails.js';
import { onInconclusive } from '../guardrails/inconclusive.js';
import { judging } from '../guardrails/judging.js';
import { models } from './models.js';
import { notify } from './notify.js';
import { rollbackWindow } from './rollback-window.js';
import { sagemakerName } from './scalars.js';
import { serving } from './serving.js';
import { strategy } from './strategy.js';
import { validation } from './validation.js';

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

export const shape = {
  apiVersion,
  endpoint: sagemakerName
    .transform((name) => name.toLowerCase())
    .describe('Endpoint, live or not yet there. Upper and lower case are the same.'),
  ...sharedShape,
};

/** Durations in seconds, shares and rates in percent, defaults filled in. */
export type Spec = z.output<z.ZodObject<typeof shape>>;
