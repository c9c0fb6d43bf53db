/** Sources of the models, and the instances that serve them. Durations in whole seconds. */
import type { AwsMembers } from './aws-members.js';

/**
 * Name of the model's SageMaker objects: `<rolloutId>-a` (baseline) or `<rolloutId>-b` (candidate). `none`: there
 * is no baseline. `group`: the preflight chooses a version, and the plan has it as `package` from then on.
 * `settings`: members of CreateModel for the model that the rollout creates.
 */
export type ModelPlan =
  | { kind: 'none' }
  /** `variant`: the one to replace, on an endpoint that can have several. Absent: the only one. */
  | { kind: 'live'; variant?: string }
  | { kind: 'model'; modelName: string }
  | GroupPlan
  | { kind: 'package'; arn: string; modelName: string; role: string; settings?: AwsMembers }
  | { kind: 'train'; modelName: string; training: TrainingPlan; settings?: AwsMembers };

/** The approved version of the group that was created last. */
export interface GroupPlan {
  kind: 'group';
  group: string;
  modelName: string;
  role: string;
  settings?: AwsMembers;
}

/** The rollout makes the SageMaker model. */
export function isMade(
  model: ModelPlan,
): model is Extract<ModelPlan, { kind: 'package' | 'train' | 'group' }> {
  return model.kind === 'package' || model.kind === 'train' || model.kind === 'group';
}

/** Name of the variant to replace. Null: the spec names none, because the endpoint has only one. */
export function replacedVariantOf(baseline: ModelPlan): string | null {
  return baseline.kind === 'live' ? (baseline.variant ?? null) : null;
}

/** The model as the rollout makes it from the version that was chosen. */
export function withVersion({ modelName, role, settings }: GroupPlan, arn: string): ModelPlan {
  return { kind: 'package', arn, modelName, role, ...(settings && { settings }) };
}

/** The record on the candidate's model package version after the rollout. Null: its stage stays. */
export interface WriteBackPlan {
  promoted: LifeCycleStage | null;
  rolledBack: LifeCycleStage | null;
  /** A version whose traffic went back to the baseline gets the approval status Rejected. */
  rejectRolledBack: boolean;
}

export interface LifeCycleStage {
  stage: string;
  status: string;
}

export interface TrainingPlan {
  /** `<rolloutId>-a` or `-b`. */
  jobName: string;
  image: string;
  /** Image that serves the artifact. Default: the training image. */
  servingImage: string;
  role: string;
  /** Channel name to S3 URI. */
  input: Record<string, { uri: string; contentType: string | null }>;
  output: string;
  instance: { type: string; count: number; volumeGb: number };
  stopAfterSeconds: number;
  hyperparameters: Record<string, string>;
  /** Members of CreateTrainingJob. */
  settings?: AwsMembers;
}

export interface RegistrationPlan {
  group: string;
  /** `manual`: the rollout waits until a person approves the package version in the registry. */
  approval: 'automatic' | 'manual';
}

/**
 * `perRollout`: the candidate has a name of the rollout, and keeps it. `alternate`: it takes the one of two names that the
 * baseline does not have, and keeps it. `stable`: the last update gives it the baseline's name.
 */
export type VariantNaming =
  { kind: 'perRollout' } | { kind: 'stable' } | { kind: 'alternate'; names: [string, string] };

export interface ServePlan {
  instanceType: string | null;
  count: number | null;
  /** Period at which SageMaker publishes invocation metrics: 10, 30, 60, 120, 180, 240 or 300 s. */
  metricPeriodSeconds: number;
  /**
   * Instance counts during the rollout. `full`: both variants have all instances from the start. `scaleCandidate`:
   * the candidate is scaled to its share. The baseline keeps its instances, so a rollback never waits for instances.
   * `scaleBoth`: both variants are scaled to their shares.
   */
  capacity: 'full' | 'scaleCandidate' | 'scaleBoth';
  /** Absent in plans of earlier releases: `perRollout`. */
  variantNames?: VariantNaming;
  /** Members of ProductionVariant, for each variant that the rollout makes. */
  variant?: AwsMembers;
}
