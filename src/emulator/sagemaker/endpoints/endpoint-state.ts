import type { DataCaptureConfig, ProductionVariantServerlessConfig } from '@aws-sdk/client-sagemaker';
import type { ModelServer } from '../../programs/model-server.js';
import type { TrafficMeter } from '../../traffic/traffic-meter.js';
import type { EndpointConfig, Model } from '../../account/resources.js';
import type { DeploymentRequest } from '../kept-requests.js';

export interface Variant {
  name: string;
  model: Model;
  /** Undefined for a serverless variant, which has no counts either: both are 0. */
  instanceType: string | undefined;
  serverless: ProductionVariantServerlessConfig | undefined;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  /** The model's own process; null for a simulated model. */
  serving: ModelServer | null;
}

/** The instances of one config. */
export interface Fleet {
  config: EndpointConfig;
  variants: Variant[];
  /** They are sent copies of requests and never answer. */
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

/** How a change is going to end badly: the kinds of armed faults that it has to act out. */
export type PlannedOutcome =
  'revert' | 'revertSilently' | 'fail' | 'failForGood' | 'rollbackFailed' | 'stuck' | 'noCapacity';

interface Timed {
  startedAt: number;
  /** When its present stage is over. */
  dueAt: number;
}

/** CreateEndpoint and UpdateEndpoint. */
export interface EmulatedDeployment extends Timed {
  kind: 'deployment';
  /** The new fleet. */
  fleet: Fleet;
  creating: boolean;
  fate: PlannedOutcome | null;
  stage: 'provisioning' | 'activating' | 'baking' | 'terminating' | 'rollingBack';
  stageStartedAt: number;
  /** Null without guardrails: the new fleet takes over at once. */
  guardrails: Guardrails | null;
  /** How many of the guardrails' shares have been reached. */
  step: number;
  failureReason: string | undefined;
  dataCapture: DataCaptureConfig | undefined;
}

export interface Guardrails {
  rolling: boolean;
  /** The new fleet's parts of the traffic, one after another up to 1. */
  shares: number[];
  /** After the last share of a blue/green deployment it is the termination wait. */
  waitsMs: number[];
  /** When the deployment is rolled back for taking too long. */
  deadline: number;
  alarms: string[];
  /** The new fleet's parts of the traffic on the way back, down to 0, for each instance that a step takes. */
  rollbackStep: number;
}

/** UpdateEndpointWeightsAndCapacities, by a caller or by autoscaling. */
export interface Rescaling extends Timed {
  kind: 'rescaling';
  stage: 'applying' | 'rollingBack';
  fate: PlannedOutcome | null;
  /** What was desired before, by variant. */
  former: Record<string, { weight: number; count: number }>;
  failureReason: string | undefined;
}

export interface SystemUpdate extends Timed {
  kind: 'systemUpdate';
}

export interface Deletion extends Timed {
  kind: 'deletion';
}

/** What an endpoint is in the middle of: all that its life cycle needs to go on, from any moment. */
export type EndpointChange = EmulatedDeployment | Rescaling | SystemUpdate | Deletion;

export interface Endpoint extends Fleet {
  name: string;
  arn: string;
  createdAt: number;
  modifiedAt: number;
  status: EndpointStatus;
  failureReason: string | undefined;
  /** Of the fleet that serves now, or was asked for at creation. Kept here even when the config itself is deleted. */
  config: EndpointConfig;
  /** Empty until the endpoint first serves. */
  variants: Variant[];
  /** Another fleet that takes a share (0 to 1) of the traffic: the new one of a deployment, or what a failed rollback left. */
  second: { fleet: Fleet; share: number } | null;
  change: EndpointChange | null;
  lastDeploymentConfig: DeploymentRequest | undefined;
  dataCapture: DataCaptureConfig | undefined;
  /** Instances that were lost and are being replaced. */
  replacements: { variant: string; count: number; dueAt: number }[];
  meter: TrafficMeter | null;
}
