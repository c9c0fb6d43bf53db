/** An endpoint as SageMaker describes it. Times are ISO 8601, by Temporal's clock. */

/**
 * One variant as an endpoint describes it. Weights as SageMaker has them: relative, no unit; in the topology
 * `endpoints`, the shares in percent that the switch has.
 */
export interface VariantObservation {
  name: string;
  endpoint: string;
  configName: string;
  currentWeight: number;
  desiredWeight: number;
  currentCount: number;
  desiredCount: number;
  status: string | null;
  /** Gets copies, and answers nobody: its weight is relative to the production variant's. */
  shadow?: true;
}

/**
 * One DescribeEndpoint. `at` is ISO 8601, by Temporal's clock. Of two endpoints: `status` and `failureReason` of the one that
 * is worse off (`Missing` where it does not exist), `configName` of the baseline's, the variants of both.
 */
export interface EndpointObservation {
  at: string;
  status: string;
  configName: string;
  failureReason: string | null;
  variants: VariantObservation[];
}

/** What serves before the rollout changes anything. */
export type InitialEndpoint =
  | { kind: 'absent' }
  | {
      kind: 'live';
      configName: string;
      variantName: string;
      modelName: string;
      instanceType: string;
      count: number;
    };
