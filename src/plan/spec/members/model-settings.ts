/** `settings` beside `train` or `package`: of the model that the rollout creates. */
import type { z } from 'zod';
import type { AwsMembers } from '../../compiled/aws-members.js';
import { isOwnContainer } from '../../compiled/own-container.js';
import { addIssue, ifValid } from '../fields/scalars.js';
import { memberSchema } from './member-schema.js';
import { modelSettingsOf } from './refused-members.js';

export const modelSettings = memberSchema(modelSettingsOf)
  .superRefine(checkContainers, ifValid)
  // Both models of a spec refer to one definition of the published JSON Schema.
  .meta({ id: 'CreateModel' });

/** Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html */
function checkContainers({ PrimaryContainer, Containers }: AwsMembers, ctx: z.RefinementCtx): void {
  if (Containers === undefined) return;
  if (PrimaryContainer !== undefined)
    addIssue(ctx, ['Containers'], 'a model has either one primary container or a list', 'one of the two');
  const containers = Containers as AwsMembers[];
  const own = containers.filter(isOwnContainer).length;
  if (own === 1) return;
  const found = own === 0 ? 'each of these containers has a model already' : `${own} containers have none`;
  const allowed = 'a list in which one container has neither Image nor ModelPackageName nor model data';
  addIssue(ctx, ['Containers'], `the rollout puts its model into one container, and ${found}`, allowed);
}
