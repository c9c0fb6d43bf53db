import type { NotScaledReason, ScalingActivityStatusCode } from '@aws-sdk/client-application-auto-scaling';

/** One attempt to change the capacity or the limits of a scalable target. Times are epoch ms. */
export interface ScalingActivity {
  id: string;
  resourceId: string;
  description: string;
  cause: string;
  startedAt: number;
  endedAt: number | undefined;
  status: ScalingActivityStatusCode;
  statusMessage: string | undefined;
  /** The requested instances. Null for an activity that changes no capacity. */
  capacity: number | null;
  /** Null for an activity that has tried to change something. */
  notScaled: NotScaledReason | null;
}

/** SageMaker has made the change. Wording: responses that users have published. */
export function completeActivity(activity: ScalingActivity, at: number): void {
  activity.endedAt = at;
  activity.status = 'Successful';
  activity.statusMessage = `Successfully set desired instance count to ${activity.capacity}. Change successfully fulfilled by sagemaker.`;
}

/** Wording: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-query-history.html */
export function failActivity(activity: ScalingActivity, at: number, reason: string): void {
  activity.endedAt = at;
  activity.status = 'Failed';
  activity.statusMessage = `Failed to set desired instance count to ${activity.capacity}. Reason: ${reason}`;
}
