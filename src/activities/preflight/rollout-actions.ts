/** Actions that a rollout will need, each with its resource, for IAM's policy simulator. No I/O. */
import { isMade } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import { rolloutTag } from '../aws/ownership.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import type { ResourceTags } from '../interface/tags.js';

/** Actions on one resource, with the values that conditions of a policy can ask for. */
export interface NeededActions {
  resource: string;
  actions: string[];
  context: Record<string, string>;
}

export interface ResourceSpace {
  partition: string;
  region: string;
  account: string;
}

/**
 * Actions and their resources are those of
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html. Topics are left out: their own
 * policies can allow what the worker's policy does not.
 */
export function rolloutActions(plan: Plan, starting: InitialEndpoint, space: ResourceSpace): NeededActions[] {
  const { rolloutId, endpoint, topology, validation } = plan;
  const { partition, region, account } = space;
  const names = resourceNamesOf(rolloutId);
  const arn = (kind: string, name: string) =>
    `arn:${partition}:sagemaker:${region}:${account}:${kind}/${name.toLowerCase()}`;
  const invoke = validation === null ? [] : ['sagemaker:InvokeEndpoint'];
  const own = { [rolloutTag]: rolloutId, ...plan.tags };
  const isLive = starting.kind === 'live';
  return [
    {
      resource: arn('endpoint', endpoint),
      actions: [
        ...(isLive ? [] : creation('Endpoint', 'DeleteEndpoint')),
        ...['sagemaker:UpdateEndpoint', 'sagemaker:UpdateEndpointWeightsAndCapacities', ...invoke],
      ],
      context: isLive ? resourceTags(starting.tags.endpoint) : ownContext(own, 'CreateEndpoint'),
    },
    ...(topology === 'endpoints'
      ? [
          {
            resource: arn('endpoint', names.candidateEndpoint),
            actions: [...creation('Endpoint', 'DeleteEndpoint'), ...invoke],
            context: ownContext(own, 'CreateEndpoint'),
          },
        ]
      : []),
    {
      resource: arn('endpoint-config', names.singleConfig.candidate),
      actions: [...creation('EndpointConfig', 'DeleteEndpointConfig'), 'sagemaker:UpdateEndpoint'],
      context: ownContext(own, 'CreateEndpointConfig'),
    },
    ...modelActions(plan, arn, own),
    ...scalingActions(starting, space),
  ];
}

function creation(object: string, ...more: string[]): string[] {
  return [`Create${object}`, 'AddTags', ...more].map((action) => `sagemaker:${action}`);
}

function modelActions(
  { models }: Plan,
  arn: (kind: string, name: string) => string,
  own: ResourceTags,
): NeededActions[] {
  const roles = new Set<string>();
  const needed = Object.values(models).flatMap((model): NeededActions[] => {
    if (!isMade(model)) return [];
    roles.add(model.kind === 'train' ? model.training.role : model.role);
    const created = {
      resource: arn('model', model.modelName),
      actions: creation('Model'),
      context: ownContext(own, 'CreateModel'),
    };
    if (model.kind !== 'train') return [created];
    const job = {
      resource: arn('training-job', model.training.jobName),
      actions: creation('TrainingJob', 'StopTrainingJob'),
      context: ownContext(own, 'CreateTrainingJob'),
    };
    return [job, created];
  });
  const passed = [...roles].map((resource) => ({
    ...{ resource, actions: ['iam:PassRole'] },
    context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
  }));
  return [...needed, ...passed];
}

function scalingActions(
  starting: InitialEndpoint,
  { partition, region, account }: ResourceSpace,
): NeededActions[] {
  if (starting.kind === 'absent' || starting.scaling === null) return [];
  const { policies, scheduledActions } = starting.scaling;
  const actions = [
    ...['RegisterScalableTarget', 'DeregisterScalableTarget'],
    ...(policies.length === 0 ? [] : ['PutScalingPolicy']),
    ...(scheduledActions.length === 0 ? [] : ['PutScheduledAction']),
  ];
  return [
    {
      resource: `arn:${partition}:application-autoscaling:${region}:${account}:scalable-target/*`,
      actions: actions.map((action) => `application-autoscaling:${action}`),
      context: {},
    },
  ];
}

/** An object that the rollout makes has its tags from its creation on. */
function ownContext(own: ResourceTags, creates: string): Record<string, string> {
  const requested = Object.entries(own).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return {
    ...(Object.fromEntries(requested) as Record<string, string>),
    ...resourceTags(own),
    'sagemaker:TaggingAction': creates,
  };
}

function resourceTags(tags: ResourceTags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
