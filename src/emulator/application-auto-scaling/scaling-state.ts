import type { PutScalingPolicyRequest, ScalableTargetAction } from '@aws-sdk/client-application-auto-scaling';
import type { Random } from '../account/random.js';
import type { Validated } from '../service-model/modelled.js';
import type { ScalingActivity } from './activities/scaling-activity.js';

export type ScalingPolicyRequest = Validated<PutScalingPolicyRequest>;
export type TrackingConfiguration = NonNullable<
  ScalingPolicyRequest['TargetTrackingScalingPolicyConfiguration']
>;
export type StepConfiguration = NonNullable<ScalingPolicyRequest['StepScalingPolicyConfiguration']>;
type StepAdjustments = NonNullable<StepConfiguration['StepAdjustments']>;
export type CheckedStepConfiguration = StepConfiguration & {
  AdjustmentType: NonNullable<StepConfiguration['AdjustmentType']>;
  StepAdjustments: StepAdjustments;
};

interface PolicyBase {
  name: string;
  arn: string;
  /** Epoch ms. */
  createdAt: number;
}

/** `alarms`: the names of its alarms in CloudWatch, the one for scaling in last. */
export type TrackingPolicy = PolicyBase & {
  type: 'TargetTrackingScaling';
  configuration: TrackingConfiguration;
  /** Last part of the action of its alarms. It stays if the policy changes. */
  actionId: string;
  alarms: { high: string; low: string | null };
};
export type StepPolicy = PolicyBase & { type: 'StepScaling'; configuration: CheckedStepConfiguration };
export type ScalingPolicy = TrackingPolicy | StepPolicy;

export interface ScheduledAction {
  name: string;
  arn: string;
  /** Epoch ms, like all times here. */
  createdAt: number;
  schedule: string;
  timezone: string | undefined;
  startsAt: number | undefined;
  endsAt: number | undefined;
  change: Validated<ScalableTargetAction>;
  /** The next run. Null: there is none. */
  dueAt: number | null;
}

export interface ScalableTarget {
  arn: string;
  /** `endpoint/ENDPOINT/variant/VARIANT` */
  resourceId: string;
  endpoint: string;
  variant: string;
  minCapacity: number;
  maxCapacity: number;
  roleArn: string;
  suspended: { scaleIn: boolean; scaleOut: boolean; scheduled: boolean };
  createdAt: number;
  tags: Record<string, string>;
  policies: Map<string, ScalingPolicy>;
  scheduledActions: Map<string, ScheduledAction>;
  /** The last change of the capacity by a policy, for the cooldowns. `from`: the capacity before it. */
  lastScaling: { activity: ScalingActivity; direction: 'in' | 'out'; from: number } | null;
}

/** Application Auto Scaling in an account. */
export class ScalingState {
  /** By resource id. */
  readonly targets = new Map<string, ScalableTarget>();
  /** In order of time. */
  activities: ScalingActivity[] = [];

  constructor(readonly random: Random) {}

  /** Ids come from the seed, so that a repeated simulation has the same names of alarms. */
  newId(): string {
    const digits = Array.from({ length: 32 }, () => Math.floor(this.random.uniform() * 16).toString(16));
    return digits.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
}
