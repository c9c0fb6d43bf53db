import type { TrainingJob } from '../../account/resources.js';
import type { AccountState } from '../../account/account-state.js';

const group = '/aws/sagemaker/TrainingJobs';

/** Adds a line to the log of the first instance of the job. */
export function logTraining(account: AccountState, job: TrainingJob, message: string): void {
  // SageMaker's names of streams: JOB/algo-INSTANCE-EPOCH (developer guide, "Log groups and streams").
  const stream = `${job.name}/algo-1-${Math.floor((job.startedAt ?? account.time) / 1000)}`;
  account.logs.add(group, stream, account.time, message);
}
