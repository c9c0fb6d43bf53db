import type {
  CreateModelPackageInput,
  DeleteModelPackageInput,
  DescribeModelPackageInput,
  DescribeModelPackageOutput,
  ListModelPackagesInput,
  ListModelPackagesOutput,
  ModelPackageSummary,
  UpdateModelPackageInput,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import type { ModelPackage } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import type { ModelPackageRequest } from '../kept-requests.js';
import { findGroup } from './model-package-groups.js';
import { describedBy, descriptionOf, updatedDescription } from './package-description.js';
import { page } from '../paging.js';

const createModelPackage = operation(
  'CreateModelPackage',
  modelled<CreateModelPackageInput>(),
  (request, { account }) => {
    if (request.ModelPackageGroupName === undefined) {
      throw validationError(
        'ModelPackageGroupName must be specified: packages without a group are not emulated.',
      );
    }
    const group = findGroup(account, request.ModelPackageGroupName);
    const earlier = [...account.packages.values()].find(
      (each) => request.ClientToken !== undefined && each.request.ClientToken === request.ClientToken,
    );
    if (earlier) return answerRepeated(earlier, request);
    const version = (group.versions += 1);
    const arn = account.arn('model-package', `${group.name}/${version}`);
    account.packages.set(arn, {
      name: group.name,
      arn,
      createdAt: account.time,
      modifiedAt: account.time,
      request,
      group,
      version,
      approval: request.ModelApprovalStatus ?? 'PendingManualApproval',
      approvalDescription: undefined,
      described: describedBy(request),
    });
    account.tags.set(arn, request.Tags ?? []);
    return { ModelPackageArn: arn };
  },
);

/** A repeated client token means a repeated call, which must have the same content. */
function answerRepeated(earlier: ModelPackage, request: ModelPackageRequest) {
  if (JSON.stringify(earlier.request) !== JSON.stringify(request)) {
    throw new ServiceError('ConflictException', 'The ClientToken was used before with other parameters.');
  }
  return { ModelPackageArn: earlier.arn };
}

const describeModelPackage = operation(
  'DescribeModelPackage',
  modelled<DescribeModelPackageInput>(),
  (request, { account }) => describePackage(findPackage(account, request.ModelPackageName)),
);

const updateModelPackage = operation(
  'UpdateModelPackage',
  modelled<UpdateModelPackageInput>(),
  (request, { account }) => {
    const found = findPackage(account, request.ModelPackageArn);
    const described = updatedDescription(found, request);
    found.approval = request.ModelApprovalStatus ?? found.approval;
    found.approvalDescription = request.ApprovalDescription ?? found.approvalDescription;
    found.described = described;
    found.modifiedAt = account.time;
    return { ModelPackageArn: found.arn };
  },
);

const listModelPackages = operation(
  'ListModelPackages',
  modelled<ListModelPackagesInput>(),
  (request, { account }): ListModelPackagesOutput => {
    const group = request.ModelPackageGroupName && findGroup(account, request.ModelPackageGroupName);
    const all = [...account.packages.values()].filter(
      (each) =>
        (group ? each.group === group : listsVersions(request.ModelPackageType)) &&
        (request.ModelApprovalStatus === undefined || each.approval === request.ModelApprovalStatus),
    );
    const { items, ...token } = page(request, all);
    return { ModelPackageSummaryList: items.map(summaryOf), ...token };
  },
);

/**
 * Every emulated package is a version of a group. Without a group, "list only unversioned models" is the default:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListModelPackages.html
 */
function listsVersions(type: ListModelPackagesInput['ModelPackageType']): boolean {
  return type === 'Versioned' || type === 'Both';
}

/** Models created from the package keep the values that they copied. */
const deleteModelPackage = operation(
  'DeleteModelPackage',
  modelled<DeleteModelPackageInput>(),
  (request, { account }) => {
    const found = findPackage(account, request.ModelPackageName);
    account.packages.delete(found.arn);
    account.tags.delete(found.arn);
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
    ...({
      ...found.request,
      CustomerMetadataProperties: undefined,
      ...descriptionOf(found),
      Tags: undefined,
      ClientToken: undefined,
    } as object),
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

/**
 * A summary has no customer metadata:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageSummary.html
 */
function summaryOf(found: ModelPackage): ModelPackageSummary {
  const { ModelLifeCycle, ModelPackageRegistrationType } = descriptionOf(found);
  return {
    ModelPackageName: found.name,
    ModelPackageGroupName: found.group.name,
    ModelPackageVersion: found.version,
    ModelPackageArn: found.arn,
    ModelPackageDescription: found.request.ModelPackageDescription,
    CreationTime: new Date(found.createdAt),
    ModelPackageStatus: 'Completed',
    ModelApprovalStatus: found.approval,
    ModelLifeCycle,
    ModelPackageRegistrationType,
  };
}

function findPackage(account: AccountState, arn: string): ModelPackage {
  const found = account.packages.get(arn);
  if (!found) throw validationError(`ModelPackage ${arn} does not exist.`);
  return found;
}
