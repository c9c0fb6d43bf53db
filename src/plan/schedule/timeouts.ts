/**
 * The most seconds that the workflow allows each of these, retries included, beyond the limits that the spec sets. The
 * schedule adds up the same numbers.
 */
export const activityTimeouts = {
  planning: 600,
  preflight: 600,
  /** SageMaker's limit on a job counts running time only; this is for waiting for instances and for uploads. */
  trainingStart: 3_600,
  stopTraining: 3_600,
  modelChange: 1_800,
  validating: 3_600,
  /** Each of the configs that may be left over. */
  deleteConfig: 900,
  deleteEndpoint: 3_600,
  /** How long one notice is tried. */
  notifying: 600,
} as const;
