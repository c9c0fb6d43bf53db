import { builtInAlgorithms, imageUriOf } from './built-in-algorithms.js';
import type { ModelPlan, TrainingPlan } from '../compiled/model-plan.js';
import type { ModelSource } from '../spec/fields/models.js';
import type { TrainingSpec } from '../spec/fields/training.js';

/** `name`: name of the training job and of the model that the rollout creates. */
export function compileModel(source: ModelSource | { kind: 'live' | 'none' }, name: string): ModelPlan {
  switch (source.kind) {
    case 'none':
      return { kind: 'none' };
    case 'live':
      return { kind: 'live' };
    case 'model':
      return { kind: 'model', modelName: source.name };
    case 'package':
      return { kind: 'package', arn: source.arn, modelName: name, role: source.role };
    case 'train':
      return { kind: 'train', modelName: name, training: compileTraining(source.train, name) };
  }
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
