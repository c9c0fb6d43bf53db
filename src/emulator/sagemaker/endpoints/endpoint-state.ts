import type { DataCaptureConfig, ProductionVariantServerlessConfig } from '@aws-sdk/client-sagemaker';
import type { ScalingActivity } from '../../application-auto-scaling/activities/scaling-activity.js';
import type { ModelServer } from '../../programs/model-server.js';
import type { TrafficMeter } from '../../traffic/traffic-meter.js';
import type { EndpointConfig, Model } from '../../account/resources.js';
import type { DeploymentRequest } from '../kept-requests.js';

export interface Variant {
  name: string;
  model: Model;
  /** Undefined for a serverless variant, whose counts are both 0. */
  instanceType: string | undefined;
  serverless: ProductionVariantServerlessConfig | undefined;
  /** The result of a change in progress. Undefined or absent: no such change. */
  desiredServerless?: ProductionVariantServerlessConfig | undefined;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  /** The process of the model. Null for a simulated model. */
  serving: ModelServer | null;
}

/** The instances of a config. */
export interface Fleet {
  config: EndpointConfig;
  variants: Variant[];
  /** Variants that get copies of requests. Callers never get their responses. */
  shadows: Variant[];
}

export type EndpointStatus =
  | 'Creating'
  | 'InService'
  | 'Updating'
  | 'SystemUpdating'
  | 'RollingBack'
  | 'Deleting'
  | 'Failed'
  | 'OutOfService'
  | 'UpdateRollbackFailed';

/** The planned failure of a change, from an armed fault. */
export type PlannedOutcome =
  'revert' | 'revertSilently' | 'fail' | 'failForGood' | 'rollbackFailed' | 'stuck' | 'noCapacity';

interface Timed {
  startedAt: number;
  /** End of the current stage. */
  dueAt: number;
}

/** CreateEndpoint and UpdateEndpoint. */
export interface EmulatedDeployment extends Timed {
  kind: 'deployment';
  /** The new fleet. */
  fleet: Fleet;
  creating: boolean;
  plannedOutcome: PlannedOutcome | null;
  stage: 'provisioning' | 'activating' | 'baking' | 'terminating' | 'rollingBack';
  stageStartedAt: number;
  /** Null without guardrails: the new fleet gets all traffic at once. */
  guardrails: Guardrails | null;
  /** Number of shares that were reached. */
  step: number;
  failureReason: string | undefined;
  dataCapture: DataCaptureConfig | undefined;
}

export interface Guardrails {
  rolling: boolean;
  /** Traffic shares of the new fleet, in order, up to 1. */
  shares: number[];
  /** Waits after each share. The last one of a blue/green deployment is the termination wait. */
  waitsMs: number[];
  /** Time at which a deployment that takes too long is rolled back. */
  deadline: number;
  alarms: string[];
  /** Share of the traffic that each step of a rollback takes from the new fleet, down to 0. */
  rollbackStep: number;
}

/** UpdateEndpointWeightsAndCapacities, by a caller or by autoscaling. */
export interface Rescaling extends Timed {
  kind: 'rescaling';
  stage: 'applying' | 'rollingBack';
  plannedOutcome: PlannedOutcome | null;
  /** Previous desired values, by variant. */
  previous: Record<string, { weight: number; count: number }>;
  /** Null for a change by a caller. */
  scalingActivity: ScalingActivity | null;
  failureReason: string | undefined;
}

export interface SystemUpdate extends Timed {
  kind: 'systemUpdate';
}

export interface Deletion extends Timed {
  kind: 'deletion';
}

/** The change in progress: all data that the life cycle needs to continue from any point. */
export type EndpointChange = EmulatedDeployment | Rescaling | SystemUpdate | Deletion;

export interface Endpoint extends Fleet {
  name: string;
  arn: string;
  createdAt: number;
  modifiedAt: number;
  status: EndpointStatus;
  failureReason: string | undefined;
  /** Config of the serving fleet, or the one of the creation. It stays here if the config itself is deleted. */
  config: EndpointConfig;
  /** Empty until the endpoint serves for the first time. */
  variants: Variant[];
  /** A second fleet with a share (0 to 1) of the traffic: of a deployment, or left over by a failed rollback. */
  second: { fleet: Fleet; share: number } | null;
  change: EndpointChange | null;
  lastDeploymentConfig: DeploymentRequest | undefined;
  dataCapture: DataCaptureConfig | undefined;
  /** Instances that were lost and are being replaced. */
  replacements: { variant: string; count: number; dueAt: number }[];
  meter: TrafficMeter | null;
}
