import type { AwsMembers } from './aws-members.js';

const ofAnotherModel = ['Image', 'ModelPackageName', 'ModelDataUrl', 'ModelDataSource'];

/** Whether the rollout puts its own model into this container of CreateModel's list. */
export function isOwnContainer(container: AwsMembers): boolean {
  return !ofAnotherModel.some((member) => container[member] !== undefined);
}
