import type { ModelPlan, TrainingPlan } from '../../../src/plan/compiled/model-plan.js';
import { rolloutId } from '../endpoint/arms.js';
import { role } from '../activity-environment.js';

export const jobName = `${rolloutId}-b`;

export const training: TrainingPlan = {
  jobName,
  image: 'simulated/trainer',
  servingImage: 'simulated/server',
  role,
  input: { train: { uri: 's3://bucket/train', contentType: null } },
  output: 's3://bucket/models',
  instance: { type: 'ml.m5.large', count: 1, volumeGb: 50 },
  stopAfterSeconds: 7200,
  hyperparameters: { learning_rate: '0.01' },
};

export const trainedModel: ModelPlan & { kind: 'train' } = { kind: 'train', modelName: jobName, training };

/** Registration of the candidate with automatic approval. */
export const registration = {
  rolloutId,
  role: 'candidate' as const,
  registration: { group: 'digits', approval: 'automatic' as const },
  model: trainedModel,
  artefact: 's3://bucket/models/model.tar.gz',
  tags: {},
};
export const manualRegistration = {
  ...registration,
  registration: { group: 'digits', approval: 'manual' as const },
};
