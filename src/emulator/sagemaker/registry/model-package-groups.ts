import type {
  CreateModelPackageGroupInput,
  DeleteModelPackageGroupInput,
  DescribeModelPackageGroupInput,
  ListModelPackageGroupsInput,
  ListModelPackageGroupsOutput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { ModelPackageGroup } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { page } from '../paging.js';

const createModelPackageGroup = operation(
  'CreateModelPackageGroup',
  modelled<CreateModelPackageGroupInput>(),
  (request, { account }) => {
    const name = request.ModelPackageGroupName;
    const arn = account.arn('model-package-group', name);
    if (account.packageGroups.has(name)) throw validationError(`Model Package Group already exists: ${arn}`);
    account.packageGroups.set(name, { name, arn, createdAt: account.time, request, versions: 0 });
    account.tags.set(arn, request.Tags ?? []);
    return { ModelPackageGroupArn: arn };
  },
);

const describeModelPackageGroup = operation(
  'DescribeModelPackageGroup',
  modelled<DescribeModelPackageGroupInput>(),
  (request, { account }) => ({
    ...groupView(findGroup(account, request.ModelPackageGroupName)),
    CreatedBy: {},
  }),
);

const listModelPackageGroups = operation(
  'ListModelPackageGroups',
  modelled<ListModelPackageGroupsInput>(),
  (request, { account }): ListModelPackageGroupsOutput => {
    const { items, ...token } = page(request, account.packageGroups.values(), 'Ascending');
    return { ModelPackageGroupSummaryList: items.map(groupView), ...token };
  },
);

/** Deletes a group only if it is empty. */
const deleteModelPackageGroup = operation(
  'DeleteModelPackageGroup',
  modelled<DeleteModelPackageGroupInput>(),
  (request, { account }) => {
    const group = findGroup(account, request.ModelPackageGroupName);
    if ([...account.packages.values()].some((each) => each.group === group)) {
      throw new ServiceError(
        'ConflictException',
        `Model Package Group cannot be deleted because it still contains Model Packages: ${group.arn}`,
      );
    }
    account.packageGroups.delete(group.name);
    account.tags.delete(group.arn);
    return {};
  },
);

export const modelPackageGroupOperations = [
  createModelPackageGroup,
  describeModelPackageGroup,
  listModelPackageGroups,
  deleteModelPackageGroup,
];

/** Finds a group by name or by ARN. */
export function findGroup(account: AccountState, nameOrArn: string): ModelPackageGroup {
  const group = account.packageGroups.get(nameOrArn.split('/').at(-1) ?? '');
  if (!group) {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : account.arn('model-package-group', nameOrArn);
    throw validationError(`ModelPackageGroup ${arn} does not exist.`);
  }
  return group;
}

function groupView(group: ModelPackageGroup) {
  return {
    ModelPackageGroupName: group.name,
    ModelPackageGroupArn: group.arn,
    ModelPackageGroupDescription: group.request.ModelPackageGroupDescription,
    CreationTime: new Date(group.createdAt),
    ModelPackageGroupStatus: 'Completed' as const,
  };
}
