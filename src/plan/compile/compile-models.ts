import { builtInAlgorithms, imageUriOf } from './built-in-algorithms.js';
import type { AwsMembers } from '../compiled/aws-members.js';
import type { ModelPlan, TrainingPlan, WriteBackPlan } from '../compiled/model-plan.js';
import type { BaselineSource, CandidateSource } from '../spec/fields/models.js';
import type { Spec } from '../spec/fields/shape.js';
import type { TrainingSpec } from '../spec/fields/training.js';

/** `name`: name of the training job and of the model that the rollout creates. */
export function compileModel(source: CandidateSource | BaselineSource, name: string): ModelPlan {
  switch (source.kind) {
    case 'none':
      return { kind: 'none' };
    case 'live':
      return source;
    case 'model':
      return { kind: 'model', modelName: source.name };
    case 'package':
      return { kind: 'package', arn: source.arn, modelName: name, role: source.role, ...settingsOf(source) };
    case 'group':
      return {
        kind: 'group',
        group: source.group,
        modelName: name,
        role: source.role,
        ...settingsOf(source),
      };
    case 'train': {
      const training = compileTraining(source.train, name);
      return { kind: 'train', modelName: name, training, ...settingsOf(source) };
    }
  }
}

/** Null: the candidate is no version of a model package group, or the spec wants no record. */
export function compileWriteBack({ candidate, register, writeBack }: Spec['models']): WriteBackPlan | null {
  if (writeBack === 'none' || !isVersion(candidate, register !== undefined)) return null;
  const { promoted = null, rolledBack = null } = writeBack?.lifeCycle ?? {};
  return { promoted, rolledBack, rejectRolledBack: writeBack?.rejectRolledBack ?? false };
}

function isVersion(candidate: CandidateSource, isRegistered: boolean): boolean {
  switch (candidate.kind) {
    case 'group':
      return true;
    case 'package':
      // UpdateModelPackage "updates a versioned model": one without a group has no version.
      return /\/\d+$/.test(candidate.arn);
    case 'train':
      return isRegistered;
    case 'model':
      return false;
  }
}

function settingsOf({ settings }: { settings?: AwsMembers | undefined }): { settings?: AwsMembers } {
  return settings === undefined ? {} : { settings };
}

function compileTraining(train: TrainingSpec, jobName: string): TrainingPlan {
  const image = trainingImageOf(train);
  return {
    jobName,
    image,
    servingImage: train.servingImage ?? image,
    role: train.role,
    input: inputOf(train),
    output: train.output,
    instance: { type: train.instance.type, count: train.instance.count, volumeGb: train.instance.volume },
    stopAfterSeconds: train.stopAfter,
    hyperparameters: train.hyperparameters,
    ...settingsOf(train),
  };
}

function trainingImageOf({ image, algorithm, region }: TrainingSpec): string {
  if (image !== undefined) return image;
  if (algorithm === undefined || region === undefined) throw new Error('a validated spec names an image');
  return imageUriOf(algorithm, region);
}

function inputOf({ algorithm, input }: TrainingSpec): TrainingPlan['input'] {
  const channels = Object.keys(input);
  const defaultContentType =
    algorithm === undefined ? null : builtInAlgorithms[algorithm].contentTypeOf(channels);
  return Object.fromEntries(
    Object.entries(input).map(([channel, { uri, contentType }]) => [
      channel,
      { uri, contentType: contentType ?? defaultContentType },
    ]),
  );
}
