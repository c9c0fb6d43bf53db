import type { SecondaryStatus, TrainingJobStatus } from '@aws-sdk/client-sagemaker';
import type { Call } from '../http/operation.js';
import { artefactOf } from '../programs/program-host.js';
import { TrainingRun, type TrainingEnd } from '../programs/training-run.js';
import type { TrainingJob } from '../world/resources.js';
import type { World } from '../world/world.js';

/** Shares of a job's duration until it downloads, trains, uploads. */
const downloadingAt = 0.15;
const trainingAt = 0.3;
const uploadingAt = 0.9;

const runs = new WeakMap<TrainingJob, TrainingRun>();

/** Takes the job through its secondary statuses to its end; where it has a program, that one decides how it ends. */
export function startTraining({ world, fault }: Call, job: TrainingJob): void {
  const durationMs = world.pace.drawMs('training');
  enterStage(world, job, 'Starting', 'Preparing the instances for training');
  const stage = (share: number, act: () => void) =>
    world.after(share * durationMs, null, () => {
      if (job.status === 'InProgress') act();
    });
  stage(downloadingAt, () => enterStage(world, job, 'Downloading', 'Downloading input data'));
  stage(trainingAt, () => {
    enterStage(world, job, 'Training', 'Training image download completed. Training in progress.');
    job.startedAt = world.time;
    limitRuntime(world, job);
    const run = world.options.programs.train(job, (line) => readMetrics(world, job, line));
    if (run instanceof TrainingRun) runs.set(job, run);
    const ended = run instanceof TrainingRun ? run.ended : null;
    const simulatedMs = ended ? 0 : (uploadingAt - trainingAt) * durationMs;
    world.after(simulatedMs, ended, (result) => {
      if (job.status !== 'InProgress') return;
      const reason = failureOf(fault, run, result);
      if (reason !== null) end(world, job, 'Failed', 'Failed', reason);
      else upload(world, job, (1 - uploadingAt) * durationMs);
    });
  });
}

/** SIGTERM to the program, and what it has done so far is dropped. */
export function stopTraining(world: World, job: TrainingJob, stage: SecondaryStatus = 'Stopped'): void {
  job.status = 'Stopping';
  enterStage(world, job, 'Stopping', 'Stopping the training job');
  const stopped = runs.get(job)?.stop() ?? null;
  world.after(world.pace.drawMs('deleting'), stopped, () => end(world, job, 'Stopped', stage, undefined));
}

function failureOf(
  fault: Call['fault'],
  run: TrainingRun | { missing: string } | null,
  result: TrainingEnd | null,
): string | null {
  if (fault === 'fail') return 'AlgorithmError: an armed fault made this job fail, exit code: 1';
  if (run && 'missing' in run) {
    return `ClientError: Data download failed:No S3 objects found under S3 URL "${run.missing}" given in input data source.`;
  }
  return result && !result.ok ? result.reason : null;
}

function upload(world: World, job: TrainingJob, durationMs: number): void {
  enterStage(world, job, 'Uploading', 'Uploading generated training model');
  world.after(durationMs, null, () => {
    if (job.status !== 'InProgress') return;
    job.artefact = artefactOf(job);
    end(world, job, 'Completed', 'Completed', undefined);
  });
}

function limitRuntime(world: World, job: TrainingJob): void {
  const seconds = job.request.StoppingCondition.MaxRuntimeInSeconds;
  if (seconds === undefined) return;
  world.after(seconds * 1000, null, () => {
    if (job.status === 'InProgress') stopTraining(world, job, 'MaxRuntimeExceeded');
  });
}

function end(
  world: World,
  job: TrainingJob,
  status: TrainingJobStatus,
  stage: SecondaryStatus,
  reason: string | undefined,
): void {
  job.status = status;
  job.failureReason = reason;
  job.endedAt = world.time;
  enterStage(world, job, stage, `Training job ${status.toLowerCase()}`);
  const last = job.transitions.at(-1);
  if (last) last.EndTime = new Date(world.time);
}

function enterStage(world: World, job: TrainingJob, stage: SecondaryStatus, message: string): void {
  const last = job.transitions.at(-1);
  if (last) last.EndTime = new Date(world.time);
  job.transitions.push({ Status: stage, StartTime: new Date(world.time), StatusMessage: message });
  job.modifiedAt = world.time;
}

function readMetrics(world: World, job: TrainingJob, line: string): void {
  for (const { Name, Regex } of job.request.AlgorithmSpecification.MetricDefinitions ?? []) {
    const value = Number(new RegExp(Regex).exec(line)?.[1]);
    if (Number.isFinite(value)) job.metrics.push({ name: Name, value, at: world.time });
  }
}
