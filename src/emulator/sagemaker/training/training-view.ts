import type { DescribeTrainingJobResponse } from '@aws-sdk/client-sagemaker';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';

/** The current response of DescribeTrainingJob. */
export function jobView(job: TrainingJob): DescribeTrainingJobResponse {
  const billed = job.endedAt === undefined ? undefined : secondsBetween(job.startedAt, job.endedAt);
  return {
    ...withoutTags(job),
    // "" without a key: Cloud Custodian's recordings. Estimator.attach() of the SageMaker Python SDK reads the member.
    OutputDataConfig: { KmsKeyId: '', ...job.request.OutputDataConfig },
    ...jobSummary(job),
    SecondaryStatus: job.transitions.at(-1)?.Status,
    SecondaryStatusTransitions: job.transitions.map((each) => ({ ...each })),
    ModelArtifacts: job.artefact === undefined ? undefined : { S3ModelArtifacts: job.artefact },
    FailureReason: job.failureReason,
    TrainingStartTime: dateOf(job.startedAt),
    TrainingTimeInSeconds: billed,
    BillableTimeInSeconds: billed,
    FinalMetricDataList: finalMetrics(job),
  };
}

export function jobSummary(job: TrainingJob) {
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    TrainingJobStatus: job.status,
    CreationTime: new Date(job.createdAt),
    LastModifiedTime: new Date(job.modifiedAt),
    TrainingEndTime: dateOf(job.endedAt),
  };
}

/** Call it before every change of the job. `existed` is false at its creation. */
export function rememberPreviousJob(account: AccountState, job: TrainingJob, existed = true): void {
  const { staleReads } = account.sageMaker;
  if (staleReads.lagMs > 0) staleReads.remember(job, existed ? jobView(job) : null, account.time);
}

/** The request, with the stricter type of the SDK. */
function withoutTags(job: TrainingJob): Pick<DescribeTrainingJobResponse, 'StoppingCondition'> {
  return { ...job.request, Tags: undefined } as Pick<DescribeTrainingJobResponse, 'StoppingCondition'>;
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

function secondsBetween(from: number | undefined, to: number): number | undefined {
  return from === undefined ? undefined : Math.max(1, Math.round((to - from) / 1000));
}

function dateOf(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}
