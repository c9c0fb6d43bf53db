import type {
  DeleteScheduledActionRequest,
  DescribeScheduledActionsRequest,
  DescribeScheduledActionsResponse,
  PutScheduledActionRequest,
} from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { operation } from '../../http/operation.js';
import { validationError } from '../../http/service-error.js';
import { modelled, type Validated } from '../../service-model/modelled.js';
import { pageOf } from '../paging.js';
import { runWhenDue } from './run-scheduled-action.js';
import {
  describe,
  findTarget,
  isOfDimension,
  quotaExceeded,
  nameOfDimension,
  notFound,
} from '../targets/scalable-resource.js';
import type { ScalableTarget, ScheduledAction } from '../scaling-state.js';
import { nextRun, parseSchedule } from './schedule.js';

/** Quota "Scheduled actions per scalable target". */
const mostActions = 200;

const putScheduledAction = operation(
  'PutScheduledAction',
  modelled<PutScheduledActionRequest>(),
  (request, { account }) => {
    const target = findTarget(account, request, 'registered');
    const known = target.scheduledActions.get(request.ScheduledActionName);
    if (!known && target.scheduledActions.size >= mostActions)
      throw quotaExceeded(`The scalable target has ${mostActions} scheduled actions, which is the limit.`);
    const action = actionOf(account, target, request, known);
    target.scheduledActions.set(action.name, action);
    runWhenDue(account, target, action);
    return {};
  },
);

const deleteScheduledAction = operation(
  'DeleteScheduledAction',
  modelled<DeleteScheduledActionRequest>(),
  (request, { account }) => {
    const { scheduledActions } = findTarget(account, request);
    if (!scheduledActions.delete(request.ScheduledActionName))
      throw notFound(
        `No scheduled action found for ${describe(request)}, scheduled action name: ${request.ScheduledActionName}`,
      );
    return {};
  },
);

const describeScheduledActions = operation(
  'DescribeScheduledActions',
  modelled<DescribeScheduledActionsRequest>(),
  (request, { account }): DescribeScheduledActionsResponse => {
    if (request.ScalableDimension !== undefined && request.ResourceId === undefined)
      throw validationError('ResourceId must be specified when ScalableDimension is specified');
    const found = [...account.scaling.targets.values()]
      .filter(({ resourceId }) => isOfDimension(request) && (request.ResourceId ?? resourceId) === resourceId)
      .flatMap((target) => [...target.scheduledActions.values()].map((action) => viewOf(target, action)))
      .filter(
        ({ ScheduledActionName }) => request.ScheduledActionNames?.includes(ScheduledActionName) ?? true,
      );
    const { items, ...token } = pageOf(request, found, 50);
    return { ScheduledActions: items, ...token };
  },
);

export const scheduledActionOperations = [
  putScheduledAction,
  deleteScheduledAction,
  describeScheduledActions,
];

/**
 * botocore: "To update a scheduled action, specify the parameters that you want to change. If you don't specify start and
 * end times, the old values are deleted."
 */
function actionOf(
  account: AccountState,
  target: ScalableTarget,
  request: Validated<PutScheduledActionRequest>,
  known: ScheduledAction | undefined,
): ScheduledAction {
  const schedule = request.Schedule ?? known?.schedule;
  const timezone = request.Timezone ?? known?.timezone;
  const change = request.ScalableTargetAction ?? known?.change;
  if (schedule === undefined) throw validationError('Schedule must be specified for a new scheduled action');
  const { MinCapacity, MaxCapacity } = change ?? {};
  // AWS's words, which a user has published.
  if (!change || (MinCapacity === undefined && MaxCapacity === undefined))
    throw validationError('At least one of minimum capacity and maximum capacity should be provided');
  if (MinCapacity !== undefined && MaxCapacity !== undefined && MaxCapacity < MinCapacity)
    throw validationError('Maximum capacity cannot be less than minimum capacity');
  const span = { startsAt: request.StartTime?.getTime(), endsAt: request.EndTime?.getTime() };
  if (span.startsAt !== undefined && span.endsAt !== undefined && span.endsAt <= span.startsAt)
    throw validationError('The end time must be after the start time');
  const base = known ?? newAction(account, target, request.ScheduledActionName);
  const parsed = parseSchedule(schedule, timezone);
  const dueAt = nextRun(parsed, { createdAt: account.time, ...span }, account.time);
  return { ...base, schedule, timezone, change, ...span, dueAt };
}

function newAction(account: AccountState, { resourceId }: ScalableTarget, name: string) {
  const { region, account: id } = account.options;
  const arn = `arn:aws:autoscaling:${region}:${id}:scheduledAction:${account.scaling.newId()}:resource/sagemaker/${resourceId}:scheduledActionName/${name}`;
  return { name, arn, createdAt: account.time };
}

function viewOf(target: ScalableTarget, action: ScheduledAction) {
  const { timezone, startsAt, endsAt } = action;
  return {
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    ServiceNamespace: 'sagemaker' as const,
    Schedule: action.schedule,
    ...(timezone === undefined ? {} : { Timezone: timezone }),
    ResourceId: target.resourceId,
    ScalableDimension: nameOfDimension,
    ...(startsAt === undefined ? {} : { StartTime: new Date(startsAt) }),
    ...(endsAt === undefined ? {} : { EndTime: new Date(endsAt) }),
    ScalableTargetAction: action.change,
    CreationTime: new Date(action.createdAt),
  };
}
