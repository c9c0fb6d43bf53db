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
  (request, { world }) => {
    const name = request.ModelPackageGroupName;
    const arn = world.arn('model-package-group', name);
    if (world.packageGroups.has(name)) throw validationError(`Model Package Group already exists: ${arn}`);
    world.packageGroups.set(name, { name, arn, createdAt: world.time, request, versions: 0 });
    world.tags.set(arn, request.Tags ?? []);
    return { ModelPackageGroupArn: arn };
  },
);

const describeModelPackageGroup = operation(
  'DescribeModelPackageGroup',
  modelled<DescribeModelPackageGroupInput>(),
  (request, { world }) => ({
    ...groupView(findGroup(world, request.ModelPackageGroupName)),
    CreatedBy: {},
  }),
);

const listModelPackageGroups = operation(
  'ListModelPackageGroups',
  modelled<ListModelPackageGroupsInput>(),
  (request, { world }): ListModelPackageGroupsOutput => {
    const { items, ...token } = page(request, world.packageGroups.values(), 'Ascending');
    return { ModelPackageGroupSummaryList: items.map(groupView), ...token };
  },
);

/** A group goes when it is empty. */
const deleteModelPackageGroup = operation(
  'DeleteModelPackageGroup',
  modelled<DeleteModelPackageGroupInput>(),
  (request, { world }) => {
    const group = findGroup(world, request.ModelPackageGroupName);
    if ([...world.packages.values()].some((each) => each.group === group)) {
      throw new ServiceError(
        'ConflictException',
        `Model Package Group cannot be deleted because it still contains Model Packages: ${group.arn}`,
      );
    }
    world.packageGroups.delete(group.name);
    world.tags.delete(group.arn);
    return {};
  },
);

export const modelPackageGroupOperations = [
  createModelPackageGroup,
  describeModelPackageGroup,
  listModelPackageGroups,
  deleteModelPackageGroup,
];

/** By name or by ARN. */
export function findGroup(world: AccountState, nameOrArn: string): ModelPackageGroup {
  const group = world.packageGroups.get(nameOrArn.split('/').at(-1) ?? '');
  if (!group) {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : world.arn('model-package-group', nameOrArn);
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
