import type { TrainingPlan } from '../compiled/model-plan.js';

/**
 * Timeouts of the workflow's activities in seconds, retries included, in addition to the limits of the spec. The
 * schedule adds up the same numbers.
 */
export const activityTimeouts = {
  planning: 600,
  preflight: 600,
  /**
   * SageMaker's limit on a job counts running time only. This is the extra time to wait for instances and for
   * uploads.
   */
  trainingStart: 3_600,
  stopTraining: 3_600,
  modelChange: 1_800,
  validating: 3_600,
  /** For each leftover config. */
  deleteConfig: 900,
  deleteEndpoint: 3_600,
  writeBack: 900,
} as const;

/**
 * After this time SageMaker has stopped the job. `stopAfter` counts running time only. A Spot job also waits, and a job for reserved
 * instances is pending. Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
 */
export function trainingLimitSeconds({ stopAfterSeconds, settings }: TrainingPlan): number {
  const limits = (settings?.['StoppingCondition'] ?? {}) as {
    MaxWaitTimeInSeconds?: number;
    MaxPendingTimeInSeconds?: number;
  };
  return (limits.MaxWaitTimeInSeconds ?? stopAfterSeconds) + (limits.MaxPendingTimeInSeconds ?? 0);
}
