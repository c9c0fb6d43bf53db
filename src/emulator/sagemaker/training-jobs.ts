import type { DescribeTrainingJobResponse, ListTrainingJobsResponse } from '@aws-sdk/client-sagemaker';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { ServiceError, validationError } from '../http/service-error.js';
import type { TrainingJob } from '../world/resources.js';
import type { World } from '../world/world.js';
import { anyName, entityName, roleArn, tags } from './names.js';
import { listRequest, page } from './paging.js';
import { startTraining, stopTraining } from './training-progress.js';

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

const createTrainingJobRequest = z.looseObject({
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
  ResourceConfig: z.looseObject({}),
  StoppingCondition: z.looseObject({ MaxRuntimeInSeconds: z.int().min(1).optional() }),
  HyperParameters: z.record(z.string().max(256), z.string().max(2500)).optional(),
  Tags: tags,
});
export type TrainingJobRequest = z.output<typeof createTrainingJobRequest>;

const createTrainingJob = operation('CreateTrainingJob', createTrainingJobRequest, (request, call) => {
  const { world } = call;
  const arn = world.arn('training-job', request.TrainingJobName);
  if (world.trainingJobs.has(request.TrainingJobName)) {
    throw new ServiceError(
      'ResourceInUse',
      `Job name must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
    );
  }
  world.options.programs.requireTrainingProgram(request.AlgorithmSpecification.TrainingImage ?? '');
  const job: TrainingJob = {
    name: request.TrainingJobName,
    arn,
    createdAt: world.time,
    request,
    status: 'InProgress',
    transitions: [],
    failureReason: undefined,
    artefact: undefined,
    metrics: [],
    startedAt: undefined,
    endedAt: undefined,
    modifiedAt: world.time,
  };
  world.trainingJobs.set(job.name, job);
  world.tags.set(arn, request.Tags ?? []);
  startTraining(call, job);
  return { TrainingJobArn: arn };
});

const byName = z.object({ TrainingJobName: anyName });

const describeTrainingJob = operation(
  'DescribeTrainingJob',
  byName,
  (request, { world }): DescribeTrainingJobResponse => {
    const job = findJob(world, request.TrainingJobName);
    return {
      ...withoutTags(job),
      ...summaryOf(job),
      SecondaryStatus: job.transitions.at(-1)?.Status,
      SecondaryStatusTransitions: job.transitions,
      ModelArtifacts: job.artefact === undefined ? undefined : { S3ModelArtifacts: job.artefact },
      FailureReason: job.failureReason,
      TrainingStartTime: dateOf(job.startedAt),
      TrainingTimeInSeconds:
        job.startedAt === undefined || job.endedAt === undefined
          ? undefined
          : Math.max(1, Math.round((job.endedAt - job.startedAt) / 1000)),
      FinalMetricDataList: finalMetrics(job),
    };
  },
);

const stopTrainingJob = operation('StopTrainingJob', byName, (request, { world }) => {
  const job = findJob(world, request.TrainingJobName);
  if (job.status !== 'InProgress') {
    throw validationError(`The request was rejected because the training job is in status ${job.status}.`);
  }
  stopTraining(world, job);
  return {};
});

const listTrainingJobs = operation(
  'ListTrainingJobs',
  listRequest.extend({ StatusEquals: z.string().optional() }),
  (request, { world }): ListTrainingJobsResponse => {
    const wanted = request.StatusEquals;
    const all = [...world.trainingJobs.values()].filter(
      (job) => wanted === undefined || job.status === wanted,
    );
    const { items, ...token } = page(request, all);
    return { TrainingJobSummaries: items.map(summaryOf), ...token };
  },
);

export const trainingJobOperations = [
  createTrainingJob,
  describeTrainingJob,
  stopTrainingJob,
  listTrainingJobs,
];

function isRegex(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function findJob(world: World, name: string): TrainingJob {
  const job = world.trainingJobs.get(name);
  if (!job) throw validationError('Requested resource not found.');
  return job;
}

/** The request as it was sent, for the SDK's stricter type. */
function withoutTags(job: TrainingJob): Pick<DescribeTrainingJobResponse, 'StoppingCondition'> {
  return { ...job.request, Tags: undefined } as Pick<DescribeTrainingJobResponse, 'StoppingCondition'>;
}

function summaryOf(job: TrainingJob) {
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    TrainingJobStatus: job.status,
    CreationTime: new Date(job.createdAt),
    LastModifiedTime: new Date(job.modifiedAt),
    TrainingEndTime: dateOf(job.endedAt),
  };
}

/** The last value of each metric. */
function finalMetrics(job: TrainingJob) {
  const last = new Map(job.metrics.map((metric) => [metric.name, metric]));
  if (last.size === 0) return undefined;
  return [...last.values()].map(({ name, value, at }) => ({
    MetricName: name,
    Value: value,
    Timestamp: new Date(at),
  }));
}

function dateOf(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}
