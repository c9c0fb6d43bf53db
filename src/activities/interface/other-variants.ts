/** Production variants that the rollout does not replace, as they were before the rollout. Weights in SageMaker's unit. */
export interface OtherVariants {
  /** The baseline's weight. Baseline and candidate share it. */
  pairWeight: number;
  variants: { name: string; weight: number; count: number }[];
}
