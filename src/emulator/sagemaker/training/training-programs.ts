import { TrainingRun, type TrainingEnd } from '../../programs/training-run.js';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import type { TrainingFate } from './training-state.js';

/** The programs of real jobs, which no file keeps. */
const runs = new WeakMap<TrainingJob, TrainingRun | { missing: string }>();

/** Null for a simulated job, and before and after its training. */
export function trainingProgramOf(job: TrainingJob): TrainingRun | null {
  const run = runs.get(job);
  return run instanceof TrainingRun ? run : null;
}

/** Returns whether there is a program at all. */
export function startProgram(world: AccountState, job: TrainingJob): boolean {
  const run = world.options.programs.train(job, (line) => readMetrics(world, job, line));
  if (run) runs.set(job, run);
  return run !== null;
}

/** SIGTERM; what it has done so far is lost with it. */
export function dropProgram(job: TrainingJob): void {
  const run = runs.get(job);
  runs.delete(job);
  if (run instanceof TrainingRun) void run.stop();
}

/** Why the training has failed; null where it has not. */
export function trainingFailureOf(
  job: TrainingJob,
  fate: TrainingFate | null,
  result: TrainingEnd | null,
): string | null {
  if (fate === 'fail') return 'AlgorithmError: an armed fault made this job fail, exit code: 1';
  const run = runs.get(job);
  if (run && 'missing' in run) {
    return `ClientError: Data download failed:No S3 objects found under S3 URL "${run.missing}" given in input data source.`;
  }
  return result && !result.ok ? result.reason : null;
}

function readMetrics(world: AccountState, job: TrainingJob, line: string): void {
  for (const { Name, Regex } of job.request.AlgorithmSpecification.MetricDefinitions ?? []) {
    const value = Number(new RegExp(Regex).exec(line)?.[1]);
    if (Number.isFinite(value)) job.metrics.push({ name: Name, value, at: world.time });
  }
}
