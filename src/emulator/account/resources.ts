import type {
  AddTagsInput,
  CreateModelPackageGroupInput,
  ModelApprovalStatus,
  SecondaryStatusTransition,
  TrainingJobStatus,
} from '@aws-sdk/client-sagemaker';
import type {
  EndpointConfigRequest,
  ModelPackageRequest,
  ModelRequest,
  PackageDescription,
} from '../sagemaker/kept-requests.js';
import type { TrainingJobRequest } from '../sagemaker/training/training-requests.js';
import type { TrainingProgress } from '../sagemaker/training/training-state.js';

/** Resources of SageMaker. Times are epoch ms. `request` is the caller's request, which describe calls return. */
interface Resource<Request> {
  name: string;
  arn: string;
  createdAt: number;
  request: Request;
}

export interface Model extends Resource<ModelRequest> {
  /** Image of the first container, also if it comes from a model package. */
  image: string;
  modelDataUrl: string | undefined;
}

export type EndpointConfig = Resource<EndpointConfigRequest>;

export interface TrainingJob extends Resource<TrainingJobRequest> {
  status: TrainingJobStatus;
  transitions: SecondaryStatusTransition[];
  /** Null if the job has ended. */
  progress: TrainingProgress | null;
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
  /** Members that UpdateModelPackage can change. Absent in states that earlier versions saved. */
  described?: PackageDescription;
  modifiedAt: number;
}

export type Tags = NonNullable<AddTagsInput['Tags']>;
