import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  StopTrainingJobCommand,
  type DescribeTrainingJobResponse,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { AwsMembers } from '../../plan/compiled/aws-members.js';
import { hideValues, withoutEnvironmentValues } from '../aws/environment-values.js';
import { readAws, mutateAws, orNull } from '../aws/errors.js';
import { firstPollSeconds, lastPollState, nowMs, pollAgain } from '../temporal/polling.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { TrainedModel } from '../interface/results.js';
import { createOrAdopt, readOwner } from '../aws/ownership.js';
import { trainingRequest } from './training-request.js';

/** Attempts pass it on. */
export interface TrainingState {
  /** For the status: the client cannot read the arguments of a pending activity. */
  jobName: string;
  /** An attempt has verified that the job belongs to this rollout. */
  isOwned: boolean;
}

export function createTrainModel(
  sagemaker: SageMakerClient,
  pollSeconds: number,
): RolloutActivities['trainModel'] {
  return async ({ rolloutId, model: { training }, tags }) => {
    const { jobName, settings = {} } = training;
    if (lastPollState<TrainingState>()?.isOwned !== true) {
      const request = trainingRequest(training);
      await withoutEnvironmentValues(settings, () =>
        createOrAdopt(sagemaker, {
          what: `training job ${jobName}`,
          rolloutId,
          request,
          tags,
          find: async () => (await describeJob(sagemaker, jobName))?.TrainingJobArn ?? null,
          create: (Tags) =>
            mutateAws((o) => sagemaker.send(new CreateTrainingJobCommand({ ...request, Tags }), o)),
        }),
      );
    }
    const job = await describeJob(sagemaker, jobName);
    if (job === null) {
      const state: TrainingState = { jobName, isOwned: false };
      return pollAgain(`training job ${jobName}: not visible yet`, firstPollSeconds(pollSeconds), state);
    }
    return returnIfTrained(job, { jobName, settings }, pollSeconds);
  };
}

export function createStopTraining(
  sagemaker: SageMakerClient,
  pollSeconds: number,
): RolloutActivities['stopTraining'] {
  return async ({ jobName }) => {
    const job = await describeJob(sagemaker, jobName);
    if (job === null || !isRunning(job)) return;
    await requireJobOfRollout(sagemaker, job, jobName);
    if (job.TrainingJobStatus === 'InProgress') {
      await mutateAws((o) => sagemaker.send(new StopTrainingJobCommand({ TrainingJobName: jobName }), o));
    }
    return pollAgain(`training job ${jobName}: stopping`, firstPollSeconds(pollSeconds));
  };
}

export function describeJob(
  sagemaker: SageMakerClient,
  jobName: string,
): Promise<DescribeTrainingJobResponse | null> {
  const command = new DescribeTrainingJobCommand({ TrainingJobName: jobName });
  return orNull(readAws((o) => sagemaker.send(command, o)));
}

/** An unknown status counts as in progress, never as success. */
function returnIfTrained(
  job: DescribeTrainingJobResponse,
  { jobName, settings }: { jobName: string; settings: AwsMembers },
  pollSeconds: number,
): TrainedModel {
  const status = String(job.TrainingJobStatus);
  switch (status) {
    case 'Completed':
      return trainedModel(job, jobName);
    case 'Failed':
    case 'Stopped':
    case 'Deleting': {
      const end = hideValues(describeEnd(job), settings);
      throw nonRetryableFailure('TrainingFailed', `training job ${jobName} ${end}`);
    }
    default: {
      const minutes = Math.max(0, Math.floor((nowMs() - (job.CreationTime?.getTime() ?? nowMs())) / 60_000));
      const message = `training job ${jobName}: ${status} (${job.SecondaryStatus ?? 'Pending'}), ${minutes} min`;
      return pollAgain(message, pollSeconds, { jobName, isOwned: true } satisfies TrainingState);
    }
  }
}

function describeEnd(job: DescribeTrainingJobResponse): string {
  const reason = job.FailureReason ?? `no reason given (${job.SecondaryStatus ?? 'unknown'})`;
  return `ended ${job.TrainingJobStatus}: ${reason}`;
}

function trainedModel(job: DescribeTrainingJobResponse, jobName: string): TrainedModel {
  const artefact = job.ModelArtifacts?.S3ModelArtifacts;
  if (artefact === undefined)
    throw nonRetryableFailure('TrainingFailed', `training job ${jobName} left no model artifact`);
  const metrics = (job.FinalMetricDataList ?? []).flatMap(({ MetricName, Value }): [string, number][] =>
    MetricName !== undefined && Value !== undefined && Number.isFinite(Value) ? [[MetricName, Value]] : [],
  );
  return {
    jobName,
    artefact,
    trainingSeconds: job.TrainingTimeInSeconds ?? 0,
    metrics: Object.fromEntries(metrics),
  };
}

function isRunning(job: DescribeTrainingJobResponse): boolean {
  return job.TrainingJobStatus === 'InProgress' || job.TrainingJobStatus === 'Stopping';
}

/**
 * The job's name begins with the id of its rollout. A job whose tag names another rollout belongs to another
 * owner.
 */
async function requireJobOfRollout(
  sagemaker: SageMakerClient,
  job: DescribeTrainingJobResponse,
  jobName: string,
): Promise<void> {
  const { rolloutId } = await readOwner(sagemaker, job.TrainingJobArn ?? '');
  if (rolloutId === null || !jobName.startsWith(`${rolloutId}-`)) {
    throw nonRetryableFailure(
      'NotOwned',
      `cannot stop training job ${jobName}: this rollout did not start it`,
    );
  }
}
