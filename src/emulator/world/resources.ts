import type {
  AddTagsInput,
  CreateModelPackageGroupInput,
  ModelApprovalStatus,
  SecondaryStatusTransition,
  TrainingJobStatus,
} from '@aws-sdk/client-sagemaker';
import type { ModelServer } from '../programs/model-server.js';
import type { EndpointConfigRequest } from '../sagemaker/endpoint-configs.js';
import type { ModelPackageRequest } from '../sagemaker/model-packages.js';
import type { ModelRequest } from '../sagemaker/models.js';
import type { TrainingJobRequest } from '../sagemaker/training-jobs.js';
import type { Meter } from '../traffic/meter.js';

/** What SageMaker keeps. Times are epoch ms; `request` is what the caller sent, and what describe calls answer. */
interface Resource<Request> {
  name: string;
  arn: string;
  createdAt: number;
  request: Request;
}

export interface Model extends Resource<ModelRequest> {
  /** Of the first container, also where that comes from a model package. */
  image: string;
  modelDataUrl: string | undefined;
}

export type EndpointConfig = Resource<EndpointConfigRequest>;

export interface Variant {
  name: string;
  model: Model;
  instanceType: string | undefined;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  /** The model's own process; null for a simulated model. */
  serving: ModelServer | null;
}

export type EndpointStatus = 'Creating' | 'InService' | 'Updating' | 'RollingBack' | 'Deleting' | 'Failed';

export interface Endpoint {
  name: string;
  arn: string;
  createdAt: number;
  modifiedAt: number;
  status: EndpointStatus;
  failureReason: string | undefined;
  /** What serves now, or was asked for at creation. Kept here even when the config itself is deleted. */
  config: EndpointConfig;
  /** Empty until the endpoint first serves. */
  variants: Variant[];
  /** A deployment under way. */
  pending: { config: EndpointConfig; variants: Variant[]; startedAt: number } | null;
  meter: Meter | null;
}

export interface TrainingJob extends Resource<TrainingJobRequest> {
  status: TrainingJobStatus;
  transitions: SecondaryStatusTransition[];
  failureReason: string | undefined;
  artefact: string | undefined;
  metrics: { name: string; value: number; at: number }[];
  startedAt: number | undefined;
  endedAt: number | undefined;
  modifiedAt: number;
}

export type ModelPackageGroup = Resource<CreateModelPackageGroupInput> & { versions: number };

export interface ModelPackage extends Resource<ModelPackageRequest> {
  group: ModelPackageGroup;
  version: number;
  approval: ModelApprovalStatus;
  approvalDescription: string | undefined;
  modifiedAt: number;
}

export type Tags = NonNullable<AddTagsInput['Tags']>;
