import { z } from 'zod';
import { validationError } from '../http/service-error.js';
import { entityName, roleArn, tags } from './names.js';

const s3Uri = z
  .string()
  .max(1024)
  .regex(/^(https|s3):\/\/([^/]+)\/?(.*)$/);

const channel = z.looseObject({
  ChannelName: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9.\-_]+$/),
  DataSource: z.looseObject({
    S3DataSource: z.looseObject({ S3DataType: z.string(), S3Uri: s3Uri }).optional(),
  }),
});

export const createTrainingJobRequest = z.looseObject({
  TrainingJobName: entityName,
  AlgorithmSpecification: z.looseObject({
    TrainingImage: z.string().max(255).optional(),
    TrainingInputMode: z.enum(['Pipe', 'File', 'FastFile']),
    MetricDefinitions: z
      .array(
        z.object({
          Name: z.string(),
          Regex: z.string().max(500).refine(isRegex, 'Member must be a regular expression'),
        }),
      )
      .max(40)
      .optional(),
  }),
  RoleArn: roleArn,
  InputDataConfig: z.array(channel).min(1).max(20).optional(),
  OutputDataConfig: z.looseObject({ S3OutputPath: s3Uri }),
  ResourceConfig: z.looseObject({
    InstanceType: z.string().optional(),
    InstanceCount: z.int().min(0).optional(),
  }),
  StoppingCondition: z.looseObject({
    MaxRuntimeInSeconds: z.int().min(1).optional(),
    MaxWaitTimeInSeconds: z.int().min(1).optional(),
  }),
  EnableManagedSpotTraining: z.boolean().optional(),
  CheckpointConfig: z.looseObject({ S3Uri: s3Uri }).optional(),
  HyperParameters: z.record(z.string().max(256), z.string().max(2500)).optional(),
  Tags: tags,
});
export type TrainingJobRequest = z.output<typeof createTrainingJobRequest>;

/** Spot instances need a limit to the wait for them, and only they have one. */
export function checkWaitTime(request: TrainingJobRequest): void {
  const { MaxRuntimeInSeconds = 86_400, MaxWaitTimeInSeconds } = request.StoppingCondition;
  if (!request.EnableManagedSpotTraining) {
    if (MaxWaitTimeInSeconds === undefined) return;
    throw validationError(
      'Invalid MaxWaitTimeInSeconds. It can be specified only if EnableManagedSpotTraining is set to true.',
    );
  }
  if (MaxWaitTimeInSeconds === undefined || MaxWaitTimeInSeconds < MaxRuntimeInSeconds) {
    throw validationError(
      'Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds.',
    );
  }
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
