import type {
  DeleteScalingPolicyRequest,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
  PutScalingPolicyRequest,
  PutScalingPolicyResponse,
} from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled } from '../../service-model/modelled.js';
import { alarmsNaming, isActionOf } from './policy-alarms.js';
import { pageOf } from '../paging.js';
import { removeAlarmsOf } from '../targets/remove-target.js';
import {
  describe,
  findTarget,
  isOfDimension,
  quotaExceeded,
  nameOfDimension,
  notFound,
} from '../targets/scalable-resource.js';
import type { ScalableTarget, ScalingPolicy, ScalingPolicyRequest } from '../scaling-state.js';
import { checkStepConfiguration } from './step-configuration.js';
import { putTrackingAlarms } from './tracking-alarms.js';
import { checkTrackingConfiguration } from './tracking-configuration.js';

/** Quota "Scaling policies per scalable target", which also names step policies. */
const mostPolicies = 50;

const putScalingPolicy = operation(
  'PutScalingPolicy',
  modelled<PutScalingPolicyRequest>(),
  (request, { account }): PutScalingPolicyResponse => {
    const policy = putPolicy(account, request);
    return { PolicyARN: policy.arn, Alarms: policy.type === 'StepScaling' ? [] : alarmsOf(account, policy) };
  },
);

const deleteScalingPolicy = operation(
  'DeleteScalingPolicy',
  modelled<DeleteScalingPolicyRequest>(),
  (request, { account }) => {
    const target = findTarget(account, request);
    const policy = target.policies.get(request.PolicyName);
    if (!policy)
      throw notFound(`No scaling policy found for ${describe(request)}, policy name: ${request.PolicyName}`);
    removeAlarmsOf(account, policy);
    removeActionsOf(account, policy);
    target.policies.delete(policy.name);
    return {};
  },
);

const describeScalingPolicies = operation(
  'DescribeScalingPolicies',
  modelled<DescribeScalingPoliciesRequest>(),
  (request, { account }): DescribeScalingPoliciesResponse => {
    if (request.ScalableDimension !== undefined && request.ResourceId === undefined)
      throw validationError('ResourceId must be specified when ScalableDimension is specified');
    const found = [...account.scaling.targets.values()]
      .filter(({ resourceId }) => isOfDimension(request) && (request.ResourceId ?? resourceId) === resourceId)
      .flatMap((target) => [...target.policies.values()].map((policy) => ({ target, policy })))
      .filter(({ policy }) => request.PolicyNames?.includes(policy.name) ?? true);
    const { items, ...token } = pageOf(request, found, 10);
    return { ScalingPolicies: items.map((each) => viewOf(account, each)), ...token };
  },
);

export const scalingPolicyOperations = [putScalingPolicy, deleteScalingPolicy, describeScalingPolicies];

/** Creates the policy, or changes it. Its ARN and creation time stay, and target tracking makes new alarms. */
export function putPolicy(account: AccountState, request: ScalingPolicyRequest): ScalingPolicy {
  const target = findTarget(account, request, 'registered');
  const known = target.policies.get(request.PolicyName);
  if (!known && target.policies.size >= mostPolicies)
    throw quotaExceeded(`The scalable target has ${mostPolicies} scaling policies, which is the limit.`);
  const policy = policyOf(account, target, request, known);
  target.policies.set(policy.name, policy);
  return policy;
}

function policyOf(
  account: AccountState,
  target: ScalableTarget,
  request: ScalingPolicyRequest,
  known: ScalingPolicy | undefined,
): ScalingPolicy {
  const type = request.PolicyType ?? known?.type;
  if (type === undefined) throw validationError('PolicyType must be specified for a new scaling policy');
  // botocore: "PredictiveScaling: Only supported for Amazon ECS".
  if (type === 'PredictiveScaling')
    throw validationError('Predictive scaling policies are only supported for Amazon ECS.');
  if (known && known.type !== type) throw validationError('The type of a scaling policy cannot be changed.');
  const base = known ?? newPolicy(account, target, request.PolicyName);
  if (type === 'StepScaling') {
    const given = request.StepScalingPolicyConfiguration;
    return { ...base, type, configuration: checkStepConfiguration(given, known) };
  }
  const given = request.TargetTrackingScalingPolicyConfiguration;
  const configuration = checkTrackingConfiguration(target, request.PolicyName, given, known);
  const actionId = known?.type === type ? known.actionId : account.scaling.newId();
  const alarms = putTrackingAlarms(account, target, { arn: base.arn, actionId, configuration });
  if (known) removeAlarmsOf(account, known);
  return { ...base, type, configuration, actionId, alarms };
}

function newPolicy(account: AccountState, { resourceId }: ScalableTarget, name: string) {
  const { region, account: id } = account.options;
  const arn = `arn:aws:autoscaling:${region}:${id}:scalingPolicy:${account.scaling.newId()}:resource/sagemaker/${resourceId}:policyName/${name}`;
  return { name, arn, createdAt: account.time };
}

/**
 * botocore, DeleteScalingPolicy: "deletes the underlying alarm action, but does not delete the CloudWatch alarm ... even
 * if it no longer has an associated action".
 */
function removeActionsOf(account: AccountState, policy: ScalingPolicy): void {
  for (const { request } of alarmsNaming(account, policy))
    for (const kind of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const)
      if (request[kind]) request[kind] = request[kind].filter((action) => !isActionOf(policy, action));
}

function alarmsOf(account: AccountState, policy: ScalingPolicy) {
  return alarmsNaming(account, policy).map(({ name, arn }) => ({ AlarmName: name, AlarmARN: arn }));
}

function viewOf(
  account: AccountState,
  { target, policy }: { target: ScalableTarget; policy: ScalingPolicy },
) {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: 'sagemaker' as const,
    ResourceId: target.resourceId,
    ScalableDimension: nameOfDimension,
    PolicyType: policy.type,
    ...(policy.type === 'StepScaling'
      ? { StepScalingPolicyConfiguration: policy.configuration }
      : { TargetTrackingScalingPolicyConfiguration: policy.configuration }),
    Alarms: alarmsOf(account, policy),
    CreationTime: new Date(policy.createdAt),
  };
}
