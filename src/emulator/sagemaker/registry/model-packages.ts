import type {
  CreateModelPackageInput,
  DeleteModelPackageInput,
  DescribeModelPackageInput,
  DescribeModelPackageOutput,
  ListModelPackagesInput,
  ListModelPackagesOutput,
  UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { ModelPackage } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import type { ModelPackageRequest } from '../kept-requests.js';
import { findGroup } from './model-package-groups.js';
import { page } from '../paging.js';

const createModelPackage = operation(
  'CreateModelPackage',
  modelled<CreateModelPackageInput>(),
  (request, { world }) => {
    if (request.ModelPackageGroupName === undefined) {
      throw validationError(
        'ModelPackageGroupName must be specified: packages without a group are not emulated.',
      );
    }
    const group = findGroup(world, request.ModelPackageGroupName);
    const earlier = [...world.packages.values()].find(
      (each) => request.ClientToken !== undefined && each.request.ClientToken === request.ClientToken,
    );
    if (earlier) return answerRepeated(earlier, request);
    const version = (group.versions += 1);
    const arn = world.arn('model-package', `${group.name}/${version}`);
    world.packages.set(arn, {
      name: group.name,
      arn,
      createdAt: world.time,
      modifiedAt: world.time,
      request,
      group,
      version,
      approval: request.ModelApprovalStatus ?? 'PendingManualApproval',
      approvalDescription: undefined,
    });
    world.tags.set(arn, request.Tags ?? []);
    return { ModelPackageArn: arn };
  },
);

/** The same token means the same call, so it must say the same. */
function answerRepeated(earlier: ModelPackage, request: ModelPackageRequest) {
  if (JSON.stringify(earlier.request) !== JSON.stringify(request)) {
    throw new ServiceError('ConflictException', 'The ClientToken was used before with other parameters.');
  }
  return { ModelPackageArn: earlier.arn };
}

const describeModelPackage = operation(
  'DescribeModelPackage',
  modelled<DescribeModelPackageInput>(),
  (request, { world }) => describePackage(findPackage(world, request.ModelPackageName)),
);

const updateModelPackage = operation(
  'UpdateModelPackage',
  modelled<UpdateModelPackageInput>(),
  (request, { world }) => {
    const found = findPackage(world, request.ModelPackageArn);
    found.approval = request.ModelApprovalStatus ?? found.approval;
    found.approvalDescription = request.ApprovalDescription ?? found.approvalDescription;
    found.modifiedAt = world.time;
    return { ModelPackageArn: found.arn };
  },
);

const listModelPackages = operation(
  'ListModelPackages',
  modelled<ListModelPackagesInput>(),
  (request, { world }): ListModelPackagesOutput => {
    const group = request.ModelPackageGroupName && findGroup(world, request.ModelPackageGroupName);
    const all = [...world.packages.values()].filter(
      (each) =>
        (!group || each.group === group) &&
        (request.ModelApprovalStatus === undefined || each.approval === request.ModelApprovalStatus),
    );
    const { items, ...token } = page(request, all);
    return { ModelPackageSummaryList: items.map(describePackage), ...token };
  },
);

/** Models that were made of it keep what they took. */
const deleteModelPackage = operation(
  'DeleteModelPackage',
  modelled<DeleteModelPackageInput>(),
  (request, { world }) => {
    const found = findPackage(world, request.ModelPackageName);
    world.packages.delete(found.arn);
    world.tags.delete(found.arn);
    return {};
  },
);

export const modelPackageOperations = [
  createModelPackage,
  describeModelPackage,
  updateModelPackage,
  listModelPackages,
  deleteModelPackage,
];

function describePackage(found: ModelPackage): DescribeModelPackageOutput & { ModelPackageArn: string } {
  return {
    ...({ ...found.request, Tags: undefined, ClientToken: undefined } as object),
    ModelPackageName: found.name,
    ModelPackageGroupName: found.group.name,
    ModelPackageVersion: found.version,
    ModelPackageArn: found.arn,
    CreationTime: new Date(found.createdAt),
    LastModifiedTime: new Date(found.modifiedAt),
    ModelPackageStatus: 'Completed',
    ModelPackageStatusDetails: { ValidationStatuses: [] },
    ModelApprovalStatus: found.approval,
    ApprovalDescription: found.approvalDescription,
  };
}

function findPackage(world: AccountState, arn: string): ModelPackage {
  const found = world.packages.get(arn);
  if (!found) throw validationError(`ModelPackage ${arn} does not exist.`);
  return found;
}
