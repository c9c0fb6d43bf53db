import type {
  CreateTrainingJobRequest,
  DeleteTrainingJobRequest,
  DescribeTrainingJobRequest,
  DescribeTrainingJobResponse,
  ListTrainingJobsRequest,
  ListTrainingJobsResponse,
  StopTrainingJobRequest,
} from '@aws-sdk/client-sagemaker';
import { operation } from '../../http/operation.js';
import { ServiceError, validationError } from '../../http/service-error.js';
import { type Validated, modelled } from '../../service-model/modelled.js';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { page } from '../paging.js';
import { refuseForLimit, requireWithinLimits, trainingInstances } from '../service-limits.js';
import { deleteTraining, startTraining, stopEmulatedTraining } from './training-progress.js';
import { checkMetricDefinitions, checkWaitTime, requireOwnResources } from './training-requests.js';
import { jobSummary, jobView, rememberPreviousJob } from './training-view.js';

const createTrainingJob = operation(
  'CreateTrainingJob',
  modelled<CreateTrainingJobRequest>(),
  (request, call) => {
    const { account, fault } = call;
    const arn = account.arn('training-job', request.TrainingJobName);
    if (account.trainingJobs.has(request.TrainingJobName)) {
      throw new ServiceError(
        'ResourceInUse',
        `Job name must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
      );
    }
    requireOwnResources(request);
    checkMetricDefinitions(request);
    checkWaitTime(request);
    account.options.programs.requireTrainingProgram(request.AlgorithmSpecification.TrainingImage ?? '');
    const usage = request.EnableManagedSpotTraining ? 'spot training job usage' : 'training job usage';
    const added = trainingInstances(request);
    if (fault === 'quota') refuseForLimit(account, usage, added);
    requireWithinLimits(account, usage, added);
    const job: TrainingJob = {
      name: request.TrainingJobName,
      arn,
      createdAt: account.time,
      request,
      status: 'InProgress',
      transitions: [],
      progress: null,
      failureReason: undefined,
      artefact: undefined,
      metrics: [],
      startedAt: undefined,
      endedAt: undefined,
      modifiedAt: account.time,
    };
    rememberPreviousJob(account, job, false);
    account.trainingJobs.set(job.name, job);
    account.tags.set(arn, request.Tags ?? []);
    startTraining(account, job, fault);
    return { TrainingJobArn: arn };
  },
);

const describeTrainingJob = operation(
  'DescribeTrainingJob',
  modelled<DescribeTrainingJobRequest>(),
  (request, { account }): DescribeTrainingJobResponse =>
    readJob(account, requireTrainingJob(account, request.TrainingJobName)) ?? throwNotFound(),
);

const stopTrainingJob = operation(
  'StopTrainingJob',
  modelled<StopTrainingJobRequest>(),
  (request, { account }) => {
    const job = requireTrainingJob(account, request.TrainingJobName);
    if (job.status !== 'InProgress') {
      throw validationError(`The request was rejected because the training job is in status ${job.status}.`);
    }
    stopEmulatedTraining(account, job, 'Stopped');
    return {};
  },
);

const deleteTrainingJob = operation(
  'DeleteTrainingJob',
  modelled<DeleteTrainingJobRequest>(),
  (request, { account }) => {
    const job = account.trainingJobs.get(request.TrainingJobName);
    if (!job) throw new ServiceError('ResourceNotFound', 'Requested resource not found.');
    if (!['Completed', 'Failed', 'Stopped'].includes(job.status)) {
      throw new ServiceError(
        'ResourceInUse',
        `The request was rejected because the training job is in status ${job.status}.`,
      );
    }
    deleteTraining(account, job);
    return {};
  },
);

/**
 * Takes a page of all jobs first and then filters it, so that a page can be empty and still have a NextToken. botocore,
 * ListTrainingJobs, says so of StatusEquals, and Cloud Custodian's recordings have such pages for NameContains.
 */
const listTrainingJobs = operation(
  'ListTrainingJobs',
  modelled<ListTrainingJobsRequest>(),
  (request, { account }): ListTrainingJobsResponse => {
    const visible = [...account.trainingJobs.values()].filter((job) => readJob(account, job) !== null);
    const { NameContains, ...paged } = request;
    const { items, ...token } = page(paged, visible);
    const matching = items.filter(
      (job) => hasNameWith(NameContains, job) && hasEqualValues(request, job, readJob(account, job)),
    );
    return { TrainingJobSummaries: matching.map(jobSummary), ...token };
  },
);

export const trainingJobOperations = [
  createTrainingJob,
  describeTrainingJob,
  stopTrainingJob,
  deleteTrainingJob,
  listTrainingJobs,
];

export function requireTrainingJob(account: AccountState, name: string): TrainingJob {
  return account.trainingJobs.get(name) ?? throwNotFound();
}

function readJob(account: AccountState, job: TrainingJob): DescribeTrainingJobResponse | null {
  return account.sageMaker.staleReads.read(job, jobView(job), account.time);
}

function hasNameWith(part: string | undefined, { name }: TrainingJob): boolean {
  return name.toLowerCase().includes(part?.toLowerCase() ?? '');
}

/** No emulated job has a warm pool. */
function hasEqualValues(
  { StatusEquals, WarmPoolStatusEquals, TrainingPlanArnEquals }: Validated<ListTrainingJobsRequest>,
  { request }: TrainingJob,
  view: DescribeTrainingJobResponse | null,
): boolean {
  return (
    (StatusEquals === undefined || view?.TrainingJobStatus === StatusEquals) &&
    WarmPoolStatusEquals === undefined &&
    (TrainingPlanArnEquals === undefined || request.ResourceConfig.TrainingPlanArn === TrainingPlanArnEquals)
  );
}

function throwNotFound(): never {
  throw validationError('Requested resource not found.');
}
