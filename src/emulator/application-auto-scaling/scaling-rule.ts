/** Short form of a scalable target with a target tracking policy on the invocations per instance. */
export interface ScalingRule {
  endpoint: string;
  variant: string;
  /** Target of invocations per minute and instance. */
  targetInvocationsPerInstance: number;
  minCount: number;
  maxCount: number;
  /** Both cooldowns of the policy. Default: 300. */
  cooldownSeconds?: number;
}
