import type { SecondaryStatus } from '@aws-sdk/client-sagemaker';

export type TrainingFate = 'fail' | 'noCapacity' | 'interrupt' | 'stuck';

/** What a job is in the middle of: all that its life cycle needs to go on, from any moment. */
export interface TrainingProgress {
  stage: 'Starting' | 'Downloading' | 'Training' | 'Uploading' | 'Interrupted' | 'Stopping' | 'Deleting';
  /** When the stage is over; in `Training`, a program's end counts where it is later. */
  dueAt: number;
  /** Of the whole job, without interruptions. */
  durationMs: number;
  fate: TrainingFate | null;
  /** What a checkpoint has kept of the training before the last interruption. */
  trainedMs: number;
  trainingSince: number | undefined;
  /** The secondary status at the end of `Stopping`. */
  stopsAs: SecondaryStatus;
}
