/** `train`: a model that the rollout trains first. */
import { z } from 'zod';
import { trainingSettings } from '../members/training-settings.js';
import { checkTrainingSettings } from '../members/training-rules.js';
import { algorithmNames, builtInAlgorithms } from '../../compile/built-in-algorithms.js';
import {
  countSchema,
  duration,
  exactlyOneOf,
  imageUri,
  instanceType,
  oneRequiredOf,
  addIssue,
  roleArn,
  s3Uri,
  text,
  volume,
  ifValid,
} from './scalars.js';

const channel = z
  .union(
    [
      s3Uri,
      z.strictObject({
        uri: s3Uri.describe('S3 prefix of the channel.'),
        contentType: text('a MIME type such as text/csv', /^\S{1,256}$/).describe('MIME type of the data.'),
      }),
    ],
    'an S3 URI such as s3://bucket/prefix, or {uri, contentType}',
  )
  .transform((value) => (typeof value === 'string' ? { uri: value, contentType: null } : value));

const hyperparameter = z
  .union([z.string().max(2_500), z.number(), z.boolean()], 'text, a number, true or false')
  .transform(String);

const shape = {
  algorithm: z
    .enum(algorithmNames)
    .optional()
    .describe("One of SageMaker's built-in algorithms. Exactly one of algorithm and image is needed."),
  region: z
    .enum(Object.keys(builtInAlgorithms['image-classification'].accounts))
    .optional()
    .describe("Region of the algorithm's image. Needed with algorithm, not allowed with image."),
  image: imageUri.optional().describe('Training image. Exactly one of algorithm and image is needed.'),
  servingImage: imageUri
    .optional()
    .describe('Image that serves the trained model. Default: the training image.'),
  role: roleArn.describe('Role that SageMaker assumes to train and to serve.'),
  input: z
    .record(text('a channel name of letters, digits, dots, hyphens, underscores', /^[\w.-]{1,64}$/), channel)
    .describe('Channel name to S3 URI, or to {uri, contentType}.'),
  output: s3Uri.describe('S3 prefix for the trained model.'),
  instance: z
    .strictObject({
      type: instanceType.describe('Instance type to train on.'),
      count: countSchema(100).default(1).describe('Number of instances.'),
      volume: volume.prefault('50GB').describe('Disk size of each instance.'),
    })
    .describe('Instances to train on.'),
  stopAfter: duration
    .prefault('1d')
    .describe('Maximum training time. After it, the job is stopped and the rollout fails.'),
  hyperparameters: z
    .record(text('a name of 1 to 256 characters', /^.{1,256}$/), hyperparameter)
    .default({})
    .describe('Passed to the training job as text.'),
  settings: trainingSettings
    .optional()
    .describe('Members of CreateTrainingJob for which there is no field, as AWS writes them.'),
};

type TrainingFields = z.output<z.ZodObject<typeof shape>>;

const sources = ['algorithm', 'image'] as const;

export const training = z
  .strictObject(shape)
  .superRefine(...exactlyOneOf(sources))
  .superRefine(checkAlgorithm, ifValid)
  .superRefine(checkTrainingSettings, ifValid)
  .meta(oneRequiredOf(sources));

/** Problems that SageMaker reports only after it accepted the job, or minutes later. */
function checkAlgorithm(train: TrainingFields, ctx: z.RefinementCtx): void {
  if (train.algorithm === undefined) {
    if (train.region !== undefined)
      addIssue(ctx, ['region'], 'region is only for an algorithm; this job has an image', 'no region');
    return;
  }
  const algorithm = builtInAlgorithms[train.algorithm];
  const regions = Object.keys(algorithm.accounts).join(', ');
  if (train.region === undefined)
    addIssue(ctx, ['region'], `the image of ${train.algorithm} depends on the region; set region`, regions);
  for (const name of algorithm.requiredHyperparameters)
    if (train.hyperparameters[name] === undefined)
      addIssue(ctx, ['hyperparameters', name], `${train.algorithm} cannot train without ${name}`, 'a number');
  for (const name of algorithm.requiredChannels)
    if (train.input[name] === undefined)
      addIssue(
        ctx,
        ['input', name],
        `${train.algorithm} cannot train without the channel ${name}`,
        'an S3 URI',
      );
  if (!algorithm.trainsOn.test(train.instance.type))
    addIssue(
      ctx,
      ['instance', 'type'],
      `${train.algorithm} trains on GPU instances only`,
      'an instance type such as ml.g5.xlarge, ml.p3.2xlarge',
    );
}

/** Durations in seconds, disk in GB, hyperparameters as text. */
export type TrainingSpec = z.output<typeof training>;
