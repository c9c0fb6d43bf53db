import type { SecondaryStatus } from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import { artefactOf } from '../../programs/program-host.js';
import type { TrainingEnd } from '../../programs/training-run.js';
import type { FaultKind } from '../../account/faults.js';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { hasCapacity, trainingInstances } from '../service-limits.js';
import { dropProgram, trainingFailureOf, trainingProgramOf, startProgram } from './training-programs.js';
import { logTraining } from './training-log.js';
import { addTransition, end } from './training-record.js';
import type { PlannedTrainingOutcome, TrainingProgress } from './training-state.js';
import { rememberPreviousJob } from './training-view.js';

/** Shares of the stages in the duration of a job. */
const parts = { Starting: 0.15, Downloading: 0.15, Training: 0.6, Uploading: 0.1 };

const messages: Record<TrainingProgress['stage'], string> = {
  Starting: 'Preparing the instances for training',
  Downloading: 'Downloading input data',
  Training: 'Training image download completed. Training in progress.',
  Uploading: 'Uploading generated training model',
  Interrupted: 'Spot instances were interrupted. Waiting for capacity.',
  Stopping: 'Stopping the training job',
  Deleting: 'Deleting the training job',
};

const plannedOutcomes: readonly string[] = [
  'fail',
  'noCapacity',
  'interrupt',
  'stuck',
] satisfies PlannedTrainingOutcome[];

/** Runs the job through its secondary statuses. If the job has a program, the program decides the result. */
export function startTraining(account: AccountState, job: TrainingJob, fault: FaultKind | null): void {
  const plannedOutcome =
    fault !== null && plannedOutcomes.includes(fault) ? (fault as PlannedTrainingOutcome) : null;
  job.progress = newProgress(account.pace.drawMs('training'), plannedOutcome);
  const { MaxWaitTimeInSeconds } = job.request.StoppingCondition;
  limit(account, job, MaxWaitTimeInSeconds, job.createdAt, 'MaxWaitTimeExceeded');
  enterStage(
    account,
    job,
    'Starting',
    plannedOutcome === 'stuck' ? account.pace.drawMs('stuck') : partMs(job, 'Starting'),
  );
}

/** Continues from the current stage of the job. A program that ran when the emulator ended starts from scratch. */
export function resumeTraining(account: AccountState, job: TrainingJob): void {
  if (!job.progress) return;
  const { StoppingCondition } = job.request;
  limit(account, job, StoppingCondition.MaxWaitTimeInSeconds, job.createdAt, 'MaxWaitTimeExceeded');
  limit(account, job, StoppingCondition.MaxRuntimeInSeconds, job.startedAt, 'MaxRuntimeExceeded');
  if (job.progress.stage === 'Training') {
    startProgram(account, job);
    scheduleInterruption(account, job, job.progress);
  }
  schedule(account, job);
}

/** Stops the program with SIGTERM and drops its work so far. */
export function stopEmulatedTraining(
  account: AccountState,
  job: TrainingJob,
  stopsAs: SecondaryStatus,
): void {
  rememberPreviousJob(account, job);
  if (job.progress) job.progress.stopsAs = stopsAs;
  job.status = 'Stopping';
  enterStage(account, job, 'Stopping', account.pace.drawMs('deleting'));
}

export function deleteTraining(account: AccountState, job: TrainingJob): void {
  rememberPreviousJob(account, job);
  job.status = 'Deleting';
  job.progress = newProgress(0, null);
  enterStage(account, job, 'Deleting', account.pace.drawMs('deleting'));
}

/** Interrupts the spot instances of the job. With a checkpoint, the job later continues from there. */
export function interruptTraining(account: AccountState, job: TrainingJob): void {
  const { progress } = job;
  if (!job.request.EnableManagedSpotTraining || progress?.stage !== 'Training') {
    throw validationError(`Training job ${job.name} is not training on spot instances.`);
  }
  rememberPreviousJob(account, job);
  const trained = progress.trainedMs + (account.time - (progress.trainingSince ?? account.time));
  progress.trainedMs = job.request.CheckpointConfig ? trained : 0;
  dropProgram(job);
  enterStage(account, job, 'Interrupted', account.pace.drawMs('interrupted'));
}

function newProgress(durationMs: number, plannedOutcome: PlannedTrainingOutcome | null): TrainingProgress {
  return {
    stage: 'Starting',
    dueAt: 0,
    durationMs,
    plannedOutcome,
    trainedMs: 0,
    trainingSince: undefined,
    stopsAs: 'Stopped',
  };
}

function enterStage(
  account: AccountState,
  job: TrainingJob,
  stage: TrainingProgress['stage'],
  durationMs: number,
): void {
  if (!job.progress) return;
  job.progress.stage = stage;
  job.progress.dueAt = account.time + durationMs;
  addTransition(account, job, stage === 'Deleting' ? null : stage, messages[stage]);
  schedule(account, job);
}

function schedule(account: AccountState, job: TrainingJob): void {
  const { progress } = job;
  if (!progress) return;
  const { stage, dueAt } = progress;
  const program = trainingProgramOf(job);
  const ready =
    stage === 'Training' ? (program?.ended ?? null) : stage === 'Stopping' ? (program?.stop() ?? null) : null;
  account.after<TrainingEnd | void>(Math.max(0, dueAt - account.time), ready, (result) => {
    if (job.progress !== progress || progress.stage !== stage || progress.dueAt !== dueAt) return;
    if (stage === 'Training' && trainingProgramOf(job) !== program) return;
    rememberPreviousJob(account, job);
    endStage(account, job, progress, result ?? null);
  });
}

function endStage(
  account: AccountState,
  job: TrainingJob,
  progress: TrainingProgress,
  result: TrainingEnd | null,
): void {
  switch (progress.stage) {
    case 'Starting':
      return endStarting(account, job, progress);
    case 'Downloading':
      return beginTraining(account, job, progress);
    case 'Training':
      return endTraining(account, job, progress, result);
    case 'Interrupted':
      return enterStage(account, job, 'Starting', partMs(job, 'Starting'));
    case 'Uploading':
      job.artefact = artefactOf(job);
      return end(account, job, 'Completed', 'Completed', undefined);
    case 'Stopping':
      return end(account, job, 'Stopped', progress.stopsAs, undefined);
    case 'Deleting':
      account.trainingJobs.delete(job.name);
      account.tags.delete(job.arn);
  }
}

function endStarting(account: AccountState, job: TrainingJob, { plannedOutcome }: TrainingProgress): void {
  if (plannedOutcome === 'noCapacity' || !hasCapacity(account, trainingInstances(job.request))) {
    const reason =
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.';
    end(account, job, 'Failed', 'Failed', reason);
  } else enterStage(account, job, 'Downloading', partMs(job, 'Downloading'));
}

function beginTraining(account: AccountState, job: TrainingJob, progress: TrainingProgress): void {
  progress.trainingSince = account.time;
  if (job.startedAt === undefined) {
    job.startedAt = account.time;
    const { MaxRuntimeInSeconds } = job.request.StoppingCondition;
    limit(account, job, MaxRuntimeInSeconds, job.startedAt, 'MaxRuntimeExceeded');
  }
  const hasProgram = startProgram(account, job);
  if (!hasProgram) logTraining(account, job, 'Simulated training has started.');
  scheduleInterruption(account, job, progress);
  const simulatedMs = hasProgram ? 0 : Math.max(0, partMs(job, 'Training') - progress.trainedMs);
  enterStage(account, job, 'Training', simulatedMs);
}

/** With the outcome `interrupt`, the spot instances are interrupted once, after half of the training. */
function scheduleInterruption(account: AccountState, job: TrainingJob, progress: TrainingProgress): void {
  if (progress.plannedOutcome !== 'interrupt' || !job.request.EnableManagedSpotTraining) return;
  const dueAt = (progress.trainingSince ?? account.time) + partMs(job, 'Training') / 2;
  account.after(Math.max(0, dueAt - account.time), null, () => {
    if (job.progress !== progress || progress.plannedOutcome !== 'interrupt' || progress.stage !== 'Training')
      return;
    progress.plannedOutcome = null;
    interruptTraining(account, job);
  });
}

function endTraining(
  account: AccountState,
  job: TrainingJob,
  progress: TrainingProgress,
  result: TrainingEnd | null,
): void {
  const reason = trainingFailureOf(job, progress.plannedOutcome, result);
  // The last line of SageMaker's training toolkit.
  logTraining(account, job, `Reporting training ${reason === null ? 'SUCCESS' : 'FAILURE'}`);
  if (reason !== null) end(account, job, 'Failed', 'Failed', reason);
  else enterStage(account, job, 'Uploading', partMs(job, 'Uploading'));
}

function limit(
  account: AccountState,
  job: TrainingJob,
  seconds: number | undefined,
  from: number | undefined,
  stopsAs: SecondaryStatus,
): void {
  if (seconds === undefined || from === undefined) return;
  account.after(Math.max(0, from + seconds * 1000 - account.time), null, () => {
    if (job.status === 'InProgress') stopEmulatedTraining(account, job, stopsAs);
  });
}

function partMs(job: TrainingJob, stage: keyof typeof parts): number {
  return Math.round(parts[stage] * (job.progress?.durationMs ?? 0));
}
