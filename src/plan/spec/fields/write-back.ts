/** `models.writeBack`: what a rollout records on the candidate's version in the model registry. */
import { z } from 'zod';
import { sagemakerName } from './scalars.js';

/** Stages and their statuses are words that the owners of the registry choose. */
const stage = z.strictObject({
  stage: sagemakerName.describe('Stage of the life cycle, such as Production.'),
  status: sagemakerName.describe('Status of that stage, such as Approved.'),
});

const settings = z.strictObject({
  lifeCycle: z
    .strictObject({
      promoted: stage.optional().describe('Stage of a version that was promoted.'),
      rolledBack: stage.optional().describe('Stage of a version whose traffic went back to the baseline.'),
    })
    .default({})
    .describe('Stages of the life cycle that the version gets. Default: its stage stays.'),
  rejectRolledBack: z
    .boolean()
    .default(false)
    .describe('true: a version whose traffic went back to the baseline gets the approval status Rejected.'),
});

export const writeBack = z.union(
  [z.literal('none'), settings],
  'none, or an object with lifeCycle or rejectRolledBack',
);
export type WriteBackSpec = z.output<typeof writeBack>;
