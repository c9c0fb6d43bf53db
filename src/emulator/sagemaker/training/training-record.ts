import type { SecondaryStatus, TrainingJobStatus } from '@aws-sdk/client-sagemaker';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';

/** The job is at its end, whatever came of it. */
export function end(
  world: AccountState,
  job: TrainingJob,
  status: TrainingJobStatus,
  stage: SecondaryStatus,
  reason: string | undefined,
): void {
  job.status = status;
  job.failureReason = reason;
  job.endedAt = world.time;
  job.progress = null;
  addTransition(world, job, stage, `Training job ${status.toLowerCase()}`);
  const last = job.transitions.at(-1);
  if (last) last.EndTime = new Date(world.time);
}

/** Null: a stage that the record of secondary statuses does not know. */
export function addTransition(
  world: AccountState,
  job: TrainingJob,
  stage: SecondaryStatus | null,
  message: string,
): void {
  job.modifiedAt = world.time;
  if (stage === null) return;
  const last = job.transitions.at(-1);
  if (last) last.EndTime ??= new Date(world.time);
  job.transitions.push({ Status: stage, StartTime: new Date(world.time), StatusMessage: message });
}
