import type { SecondaryStatus, TrainingJobStatus } from '@aws-sdk/client-sagemaker';
import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';

/** Ends the job with any result. */
export function end(
  account: AccountState,
  job: TrainingJob,
  status: TrainingJobStatus,
  stage: SecondaryStatus,
  reason: string | undefined,
): void {
  job.status = status;
  job.failureReason = reason;
  job.endedAt = account.time;
  job.progress = null;
  addTransition(account, job, stage, `Training job ${status.toLowerCase()}`);
  const last = job.transitions.at(-1);
  if (last) last.EndTime = new Date(account.time);
}

/** Null: a stage that is not a secondary status. */
export function addTransition(
  account: AccountState,
  job: TrainingJob,
  stage: SecondaryStatus | null,
  message: string,
): void {
  job.modifiedAt = account.time;
  if (stage === null) return;
  const last = job.transitions.at(-1);
  if (last) last.EndTime ??= new Date(account.time);
  job.transitions.push({ Status: stage, StartTime: new Date(account.time), StatusMessage: message });
}
