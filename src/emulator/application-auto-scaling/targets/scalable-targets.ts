import type {
  DeregisterScalableTargetRequest,
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  RegisterScalableTargetRequest,
  RegisterScalableTargetResponse,
} from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled, type Validated } from '../../service-model/modelled.js';
import { enforceBounds } from '../activities/change-capacity.js';
import { pageOf } from '../paging.js';
import { removeTarget } from './remove-target.js';
import {
  findTarget,
  isOfDimension,
  quotaExceeded,
  nameOfDimension,
  parseResource,
} from './scalable-resource.js';
import { requireScalable } from './scalable-variants.js';
import type { ScalableTarget } from '../scaling-state.js';

/** Quota "Scalable targets per resource type": https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
const mostTargets = 500;

type TargetRequest = Validated<RegisterScalableTargetRequest>;

const registerScalableTarget = operation(
  'RegisterScalableTarget',
  modelled<RegisterScalableTargetRequest>(),
  (request, { account }): RegisterScalableTargetResponse => ({
    ScalableTargetARN: registerTarget(account, request).arn,
  }),
);

const deregisterScalableTarget = operation(
  'DeregisterScalableTarget',
  modelled<DeregisterScalableTargetRequest>(),
  (request, { account }) => {
    removeTarget(account, findTarget(account, request));
    return {};
  },
);

const describeScalableTargets = operation(
  'DescribeScalableTargets',
  modelled<DescribeScalableTargetsRequest>(),
  (request, { account }): DescribeScalableTargetsResponse => {
    if (request.ScalableDimension !== undefined && request.ResourceIds === undefined)
      // botocore: "If you specify a scalable dimension, you must also specify a resource ID."
      throw validationError('ResourceIds must be specified when ScalableDimension is specified');
    const found = [...account.scaling.targets.values()].filter(
      ({ resourceId }) => isOfDimension(request) && (request.ResourceIds?.includes(resourceId) ?? true),
    );
    const { items, ...token } = pageOf(request, found, 50);
    return { ScalableTargets: items.map(viewOf), ...token };
  },
);

export const scalableTargetOperations = [
  registerScalableTarget,
  deregisterScalableTarget,
  describeScalableTargets,
];

/** Registers a variant. A registered one keeps what the request does not name. */
export function registerTarget(account: AccountState, request: TargetRequest): ScalableTarget {
  const resource = parseResource(request);
  const known = account.scaling.targets.get(request.ResourceId);
  if (known && request.Tags)
    throw validationError(
      'The scalable target that you tried to tag already exists. To update tags on an existing scalable target, use the TagResource API.',
    );
  const minCapacity = request.MinCapacity ?? known?.minCapacity;
  const maxCapacity = request.MaxCapacity ?? known?.maxCapacity;
  if (minCapacity === undefined) throw validationError('Minimum capacity must be specified');
  if (maxCapacity === undefined) throw validationError('Maximum capacity must be specified');
  requireScalable(account, resource, minCapacity);
  if (maxCapacity < minCapacity)
    throw validationError('Maximum capacity cannot be less than minimum capacity');
  if (!known && account.scaling.targets.size >= mostTargets)
    throw quotaExceeded(
      `The account has ${mostTargets} scalable targets of this resource type, which is the limit.`,
    );
  const target = known ?? newTarget(account, request, resource);
  Object.assign(target, { minCapacity, maxCapacity, suspended: suspensionOf(request, target) });
  if (request.RoleARN !== undefined) target.roleArn = request.RoleARN;
  account.scaling.targets.set(target.resourceId, target);
  enforceBounds(account, target);
  return target;
}

function newTarget(
  account: AccountState,
  request: TargetRequest,
  resource: { endpoint: string; variant: string },
): ScalableTarget {
  const { account: id } = account.options;
  return {
    arn: account.arn(
      'scalable-target',
      account.scaling.newId().replaceAll('-', ''),
      'application-autoscaling',
    ),
    resourceId: request.ResourceId,
    ...resource,
    minCapacity: 0,
    maxCapacity: 0,
    roleArn: `arn:aws:iam::${id}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
    suspended: { scaleIn: false, scaleOut: false, scheduled: false },
    createdAt: account.time,
    tags: request.Tags ?? {},
    policies: new Map(),
    scheduledActions: new Map(),
    lastScaling: null,
  };
}

function suspensionOf(
  { SuspendedState }: TargetRequest,
  { suspended }: ScalableTarget,
): ScalableTarget['suspended'] {
  return {
    scaleIn: SuspendedState?.DynamicScalingInSuspended ?? suspended.scaleIn,
    scaleOut: SuspendedState?.DynamicScalingOutSuspended ?? suspended.scaleOut,
    scheduled: SuspendedState?.ScheduledScalingSuspended ?? suspended.scheduled,
  };
}

function viewOf(target: ScalableTarget) {
  const { scaleIn, scaleOut, scheduled } = target.suspended;
  return {
    ServiceNamespace: 'sagemaker' as const,
    ResourceId: target.resourceId,
    ScalableDimension: nameOfDimension,
    MinCapacity: target.minCapacity,
    MaxCapacity: target.maxCapacity,
    RoleARN: target.roleArn,
    CreationTime: new Date(target.createdAt),
    SuspendedState: {
      DynamicScalingInSuspended: scaleIn,
      DynamicScalingOutSuspended: scaleOut,
      ScheduledScalingSuspended: scheduled,
    },
    ScalableTargetARN: target.arn,
  };
}
