/** Target tracking on the invocations of a variant, like Application Auto Scaling. */
export interface ScalingRule {
  endpoint: string;
  variant: string;
  /** Target of invocations per minute and instance. */
  targetInvocationsPerInstance: number;
  minCount: number;
  maxCount: number;
  /** Seconds between two changes. Default: 300. */
  cooldownSeconds?: number;
  /** Seconds between two checks. Default: 60. */
  everySeconds?: number;
}
