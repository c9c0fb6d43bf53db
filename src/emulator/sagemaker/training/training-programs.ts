import { TrainingRun, type TrainingEnd } from '../../programs/training-run.js';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';
import { logTraining } from './training-log.js';
import type { PlannedTrainingOutcome } from './training-state.js';

/** The programs of real jobs. The state file does not contain them. */
const runs = new WeakMap<TrainingJob, TrainingRun | { missing: string }>();

/** Null for a simulated job, and before and after the training. */
export function trainingProgramOf(job: TrainingJob): TrainingRun | null {
  const run = runs.get(job);
  return run instanceof TrainingRun ? run : null;
}

/** Returns whether the job has a program. */
export function startProgram(account: AccountState, job: TrainingJob): boolean {
  const run = account.options.programs.train(job, (line) => readLine(account, job, line));
  if (run) runs.set(job, run);
  return run !== null;
}

/** Stops the program with SIGTERM. Its work so far is lost. */
export function dropProgram(job: TrainingJob): void {
  const run = runs.get(job);
  runs.delete(job);
  if (run instanceof TrainingRun) void run.stop();
}

/** The failure reason of the training, or null. */
export function trainingFailureOf(
  job: TrainingJob,
  plannedOutcome: PlannedTrainingOutcome | null,
  result: TrainingEnd | null,
): string | null {
  if (plannedOutcome === 'fail') return 'AlgorithmError: an armed fault made this job fail, exit code: 1';
  const run = runs.get(job);
  if (run && 'missing' in run) {
    return `ClientError: Data download failed:No S3 objects found under S3 URL "${run.missing}" given in input data source.`;
  }
  return result && !result.ok ? result.reason : null;
}

function readLine(account: AccountState, job: TrainingJob, line: string): void {
  logTraining(account, job, line);
  for (const { Name, Regex } of job.request.AlgorithmSpecification.MetricDefinitions ?? []) {
    const value = Number(new RegExp(Regex).exec(line)?.[1]);
    if (Number.isFinite(value)) job.metrics.push({ name: Name, value, at: account.time });
  }
}
