/** Target tracking on a variant's invocations, as Application Auto Scaling does it. */
export interface ScalingRule {
  endpoint: string;
  variant: string;
  /** Invocations a minute that one instance should have. */
  targetInvocationsPerInstance: number;
  minCount: number;
  maxCount: number;
  /** Seconds between two changes; 300 unless given. */
  cooldownSeconds?: number;
  /** How often it looks; 60 unless given. */
  everySeconds?: number;
}
