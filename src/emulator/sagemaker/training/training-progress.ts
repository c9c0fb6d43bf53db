import type { SecondaryStatus } from '@aws-sdk/client-sagemaker';
import { validationError } from '../../http/service-error.js';
import { artefactOf } from '../../programs/program-host.js';
import type { TrainingEnd } from '../../programs/training-run.js';
import type { FaultKind } from '../../account/faults.js';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { hasCapacity, trainingInstances } from '../service-limits.js';
import { dropProgram, trainingFailureOf, trainingProgramOf, startProgram } from './training-programs.js';
import { addTransition, end } from './training-record.js';
import type { TrainingFate, TrainingProgress } from './training-state.js';
import { rememberFormerJob } from './training-view.js';

/** Parts of a job's duration that its stages take. */
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

const fates: readonly string[] = ['fail', 'noCapacity', 'interrupt', 'stuck'] satisfies TrainingFate[];

/** Takes the job through its secondary statuses to its end; where it has a program, that one decides how it ends. */
export function startTraining(world: AccountState, job: TrainingJob, fault: FaultKind | null): void {
  const fate = fault !== null && fates.includes(fault) ? (fault as TrainingFate) : null;
  job.progress = newProgress(world.pace.drawMs('training'), fate);
  const { MaxWaitTimeInSeconds } = job.request.StoppingCondition;
  limit(world, job, MaxWaitTimeInSeconds, job.createdAt, 'MaxWaitTimeExceeded');
  enterStage(world, job, 'Starting', fate === 'stuck' ? world.pace.drawMs('stuck') : partMs(job, 'Starting'));
}

/** Goes on from the stage that the job is in. A program that was running when the emulator ended starts anew. */
export function resumeTraining(world: AccountState, job: TrainingJob): void {
  if (!job.progress) return;
  const { StoppingCondition } = job.request;
  limit(world, job, StoppingCondition.MaxWaitTimeInSeconds, job.createdAt, 'MaxWaitTimeExceeded');
  limit(world, job, StoppingCondition.MaxRuntimeInSeconds, job.startedAt, 'MaxRuntimeExceeded');
  if (job.progress.stage === 'Training') {
    startProgram(world, job);
    scheduleInterruption(world, job, job.progress);
  }
  schedule(world, job);
}

/** SIGTERM to the program, and what it has done so far is dropped. */
export function stopEmulatedTraining(world: AccountState, job: TrainingJob, stopsAs: SecondaryStatus): void {
  rememberFormerJob(world, job);
  if (job.progress) job.progress.stopsAs = stopsAs;
  job.status = 'Stopping';
  enterStage(world, job, 'Stopping', world.pace.drawMs('deleting'));
}

export function deleteTraining(world: AccountState, job: TrainingJob): void {
  rememberFormerJob(world, job);
  job.status = 'Deleting';
  job.progress = newProgress(0, null);
  enterStage(world, job, 'Deleting', world.pace.drawMs('deleting'));
}

/** The job's spot instances are taken away; with a checkpoint it will go on from where it was. */
export function interruptTraining(world: AccountState, job: TrainingJob): void {
  const { progress } = job;
  if (!job.request.EnableManagedSpotTraining || progress?.stage !== 'Training') {
    throw validationError(`Training job ${job.name} is not training on spot instances.`);
  }
  rememberFormerJob(world, job);
  const trained = progress.trainedMs + (world.time - (progress.trainingSince ?? world.time));
  progress.trainedMs = job.request.CheckpointConfig ? trained : 0;
  dropProgram(job);
  enterStage(world, job, 'Interrupted', world.pace.drawMs('interrupted'));
}

function newProgress(durationMs: number, fate: TrainingFate | null): TrainingProgress {
  return {
    stage: 'Starting',
    dueAt: 0,
    durationMs,
    fate,
    trainedMs: 0,
    trainingSince: undefined,
    stopsAs: 'Stopped',
  };
}

function enterStage(
  world: AccountState,
  job: TrainingJob,
  stage: TrainingProgress['stage'],
  durationMs: number,
): void {
  if (!job.progress) return;
  job.progress.stage = stage;
  job.progress.dueAt = world.time + durationMs;
  addTransition(world, job, stage === 'Deleting' ? null : stage, messages[stage]);
  schedule(world, job);
}

function schedule(world: AccountState, job: TrainingJob): void {
  const { progress } = job;
  if (!progress) return;
  const { stage, dueAt } = progress;
  const program = trainingProgramOf(job);
  const ready =
    stage === 'Training' ? (program?.ended ?? null) : stage === 'Stopping' ? (program?.stop() ?? null) : null;
  world.after<TrainingEnd | void>(Math.max(0, dueAt - world.time), ready, (result) => {
    if (job.progress !== progress || progress.stage !== stage || progress.dueAt !== dueAt) return;
    if (stage === 'Training' && trainingProgramOf(job) !== program) return;
    rememberFormerJob(world, job);
    endStage(world, job, progress, result ?? null);
  });
}

function endStage(
  world: AccountState,
  job: TrainingJob,
  progress: TrainingProgress,
  result: TrainingEnd | null,
): void {
  switch (progress.stage) {
    case 'Starting':
      return endStarting(world, job, progress);
    case 'Downloading':
      return beginTraining(world, job, progress);
    case 'Training':
      return endTraining(world, job, progress, result);
    case 'Interrupted':
      return enterStage(world, job, 'Starting', partMs(job, 'Starting'));
    case 'Uploading':
      job.artefact = artefactOf(job);
      return end(world, job, 'Completed', 'Completed', undefined);
    case 'Stopping':
      return end(world, job, 'Stopped', progress.stopsAs, undefined);
    case 'Deleting':
      world.trainingJobs.delete(job.name);
      world.tags.delete(job.arn);
  }
}

function endStarting(world: AccountState, job: TrainingJob, { fate }: TrainingProgress): void {
  if (fate === 'noCapacity' || !hasCapacity(world, trainingInstances(job.request))) {
    const reason =
      'CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.';
    end(world, job, 'Failed', 'Failed', reason);
  } else enterStage(world, job, 'Downloading', partMs(job, 'Downloading'));
}

function beginTraining(world: AccountState, job: TrainingJob, progress: TrainingProgress): void {
  progress.trainingSince = world.time;
  if (job.startedAt === undefined) {
    job.startedAt = world.time;
    const { MaxRuntimeInSeconds } = job.request.StoppingCondition;
    limit(world, job, MaxRuntimeInSeconds, job.startedAt, 'MaxRuntimeExceeded');
  }
  const hasProgram = startProgram(world, job);
  scheduleInterruption(world, job, progress);
  const simulatedMs = hasProgram ? 0 : Math.max(0, partMs(job, 'Training') - progress.trainedMs);
  enterStage(world, job, 'Training', simulatedMs);
}

/** Spot instances of that fate are taken away once, half way. */
function scheduleInterruption(world: AccountState, job: TrainingJob, progress: TrainingProgress): void {
  if (progress.fate !== 'interrupt' || !job.request.EnableManagedSpotTraining) return;
  const dueAt = (progress.trainingSince ?? world.time) + partMs(job, 'Training') / 2;
  world.after(Math.max(0, dueAt - world.time), null, () => {
    if (job.progress !== progress || progress.fate !== 'interrupt' || progress.stage !== 'Training') return;
    progress.fate = null;
    interruptTraining(world, job);
  });
}

function endTraining(
  world: AccountState,
  job: TrainingJob,
  progress: TrainingProgress,
  result: TrainingEnd | null,
): void {
  const reason = trainingFailureOf(job, progress.fate, result);
  if (reason !== null) end(world, job, 'Failed', 'Failed', reason);
  else enterStage(world, job, 'Uploading', partMs(job, 'Uploading'));
}

function limit(
  world: AccountState,
  job: TrainingJob,
  seconds: number | undefined,
  from: number | undefined,
  stopsAs: SecondaryStatus,
): void {
  if (seconds === undefined || from === undefined) return;
  world.after(Math.max(0, from + seconds * 1000 - world.time), null, () => {
    if (job.status === 'InProgress') stopEmulatedTraining(world, job, stopsAs);
  });
}

function partMs(job: TrainingJob, stage: keyof typeof parts): number {
  return Math.round(parts[stage] * (job.progress?.durationMs ?? 0));
}
