/** The fields of a rollout spec. The other files of this folder define their values. */
import { z } from 'zod';
import { onBlocked } from './blocked.js';
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
import { tags } from './tags.js';
import { validation } from './validation.js';

/** All fields except the endpoint. */
export const sharedShape = {
  models: models.describe('The two models.'),
  serve: serving.prefault({}).describe('Instances and endpoints of the variants.'),
  validate: validation
    .optional()
    .describe('Checks that the candidate must pass before it gets user requests.'),
  strategy: strategy.describe('How the traffic moves to the candidate.'),
  guardrails: guardrails.default([]).describe('Rules that can each end the rollout.'),
  goals: goals.default([]).describe('Metrics that decide abTest and bandit.'),
  judging: judging.prefault({}).describe('Allowed error rates of the comparisons between the two models.'),
  onInconclusive: onInconclusive
    .prefault('hold')
    .describe(
      'Reaction to a guardrail or experiment without a verdict. hold: the traffic does not change until there is a verdict, or an operator decides. rollBack: roll back. promote: promote after an undecided experiment.',
    ),
  onBlocked: onBlocked
    .prefault('hold')
    .describe(
      'Reaction to a change that AWS does not carry out: access denied, throttled, quota reached, rejected. hold: hold, page an operator and repeat the change. rollBack: roll back after a time. Guardrails stay active.',
    ),
  drift: z
    .enum(['hold', 'revert', 'adopt'], 'hold, revert or adopt')
    .default('hold')
    .describe(
      'Reaction to an external change of the endpoint. hold: wait until the change is undone. revert: restore weights and config, at most three times. adopt: continue with the changed weights; any other change holds.',
    ),
  rollbackWindow: rollbackWindow
    .optional()
    .describe(
      'Time that the baseline stays after the promotion, so that an operator can undo it. Guardrails still apply. Default: 1h with blueGreen, else none.',
    ),
  gates: gates.default([]).describe('Conditions that the rollout waits for.'),
  freeze: freeze
    .default([])
    .describe('Times in which the rollout does not advance. Rollbacks are always allowed.'),
  notify: notify.default([]).describe('Receivers of notifications.'),
  tags: tags
    .default({})
    .describe(
      'Tags of all that the rollout makes. What it makes also carries the tags of what it replaces; these win.',
    ),
};

export const apiVersion = z.literal('penstock/v1').describe('Version of this format.');

export const shape = {
  apiVersion,
  endpoint: sagemakerName.describe(
    'Name of the endpoint, which does not need to exist yet. An existing endpoint has to be written in its own case.',
  ),
  ...sharedShape,
};

/** Durations in seconds, shares and rates in percent, defaults filled in. */
export type Spec = z.output<z.ZodObject<typeof shape>>;
