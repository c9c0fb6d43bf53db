import type { SecondaryStatus } from '@aws-sdk/client-sagemaker';

export type PlannedTrainingOutcome = 'fail' | 'noCapacity' | 'interrupt' | 'stuck';

/** Progress of a job: all data that its life cycle needs to continue from any point. */
export interface TrainingProgress {
  stage: 'Starting' | 'Downloading' | 'Training' | 'Uploading' | 'Interrupted' | 'Stopping' | 'Deleting';
  /** End of the stage. `Training` does not end before its program. */
  dueAt: number;
  /** Duration of the whole job, without interruptions. */
  durationMs: number;
  plannedOutcome: PlannedTrainingOutcome | null;
  /** Training time before the last interruption that a checkpoint saved. */
  trainedMs: number;
  trainingSince: number | undefined;
  /** The secondary status after `Stopping`. */
  stopsAs: SecondaryStatus;
}
