/**
 * Calls per second in a region, by operation. CloudWatch's quotas are its published defaults of 2023. SageMaker
 * publishes none: `SageMaker` applies to each operation of its control plane, and 10 is a guess.
 */
export const defaultQuotas: Readonly<Record<string, number>> = {
  GetMetricData: 50,
  DescribeAlarms: 9,
  PutMetricAlarm: 3,
  PutMetricData: 500,
  SageMaker: 10,
};

/** Token buckets of one second's calls, on the emulator's clock. Default: not enforced. */
export class Quotas {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();
  private readonly perSecond: Record<string, number>;

  constructor(
    private readonly enforced: boolean,
    changes: Record<string, number> = {},
  ) {
    this.perSecond = { ...defaultQuotas, ...changes };
  }

  /** Takes the token of a call at `now` (epoch ms). False if no token is left. */
  take(service: string, operation: string, now: number): boolean {
    const limit = this.perSecond[operation] ?? this.perSecond[service];
    if (!this.enforced || limit === undefined) return true;
    const capacity = Math.max(1, limit);
    const bucket = this.buckets.get(operation) ?? { tokens: capacity, at: now };
    const refilled = bucket.tokens + (limit * Math.max(0, now - bucket.at)) / 1000;
    bucket.tokens = Math.min(capacity, refilled);
    bucket.at = now;
    this.buckets.set(operation, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
