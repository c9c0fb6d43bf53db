import type {
  DescribeScalingActivitiesRequest,
  DescribeScalingActivitiesResponse,
  NotScaledReason,
} from '@aws-sdk/client-application-auto-scaling';
import type { AccountState } from '../../account/account-state.js';
import { operation } from '../../http/operation.js';
import { modelled } from '../../service-model/modelled.js';
import { pageOf } from '../paging.js';
import type { ScalingActivity } from './scaling-activity.js';
import { isOfDimension, nameOfDimension } from '../targets/scalable-resource.js';
import type { ScalableTarget } from '../scaling-state.js';

/** botocore, DescribeScalingActivities: "from the previous six weeks". */
const keptMs = 42 * 86_400_000;

const describeScalingActivities = operation(
  'DescribeScalingActivities',
  modelled<DescribeScalingActivitiesRequest>(),
  (request, { account }): DescribeScalingActivitiesResponse => {
    const found = account.scaling.activities.filter(
      ({ resourceId, startedAt, notScaled }) =>
        isOfDimension(request) &&
        (request.ResourceId ?? resourceId) === resourceId &&
        startedAt > account.time - keptMs &&
        (notScaled === null || request.IncludeNotScaledActivities === true),
    );
    const { items, ...token } = pageOf(request, found.reverse(), 50);
    return { ScalingActivities: items.map(viewOf), ...token };
  },
);

export const scalingActivityOperations = [describeScalingActivities];

/** Adds an activity, which is in progress. */
export function beginActivity(
  account: AccountState,
  target: ScalableTarget,
  { description, cause, capacity }: Pick<ScalingActivity, 'description' | 'cause' | 'capacity'>,
): ScalingActivity {
  const activity: ScalingActivity = {
    ...{ id: account.scaling.newId(), resourceId: target.resourceId, description, cause, capacity },
    ...{ startedAt: account.time, endedAt: undefined, status: 'InProgress' },
    ...{ statusMessage: undefined, notScaled: null },
  };
  const { activities } = account.scaling;
  if ((activities[0]?.startedAt ?? account.time) <= account.time - keptMs)
    account.scaling.activities = activities.filter(({ startedAt }) => startedAt > account.time - keptMs);
  account.scaling.activities.push(activity);
  return activity;
}

/**
 * An alarm that changes nothing. AWS lists no such activity twice in a row.
 * Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
 */
export function recordNotScaled(
  account: AccountState,
  target: ScalableTarget,
  cause: string,
  reason: NotScaledReason,
): void {
  const last = account.scaling.activities.findLast(({ resourceId }) => resourceId === target.resourceId);
  if (last?.notScaled?.Code === reason.Code) return;
  const description = 'Attempting to scale due to alarm triggered';
  const activity = beginActivity(account, target, { description, cause, capacity: null });
  activity.status = reason.Code === 'AlreadyAtDesiredCapacity' ? 'Successful' : 'Failed';
  activity.notScaled = reason;
}

function viewOf(activity: ScalingActivity) {
  const { startedAt, endedAt, statusMessage, notScaled } = activity;
  return {
    ActivityId: activity.id,
    ServiceNamespace: 'sagemaker' as const,
    ResourceId: activity.resourceId,
    ScalableDimension: nameOfDimension,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(startedAt),
    ...(endedAt === undefined ? {} : { EndTime: new Date(endedAt) }),
    StatusCode: activity.status,
    ...(statusMessage === undefined ? {} : { StatusMessage: statusMessage }),
    ...(notScaled === null ? {} : { NotScaledReasons: [notScaled] }),
  };
}
