/** Sums of each arm's exposures and outcomes, as CloudWatch data. Pure: arm-publisher.ts sends them. */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { fnv1a32 } from '../../plan/split/bucketing.js';
import type { ExposureArm, Exposure, UserOutcome } from '../assignment/exposure.js';

/** CloudWatch's limit of values in one datum. */
const maxLatencyValues = 150;
/** Max arms counted at once. The oldest idle arm is evicted, together with the users seen in it. */
const maxArms = 64;

interface ArmMetricTotals {
  arm: ExposureArm;
  users: UserCounter;
  counts: Map<string, number>;
  /** By milliseconds, in steps of a few percent. */
  latencies: Map<number, number>;
}

export class ArmMetrics {
  private readonly arms = new Map<string, ArmMetricTotals>();

  exposed(
    arm: ExposureArm,
    { user, hasFailed, latencyMs }: Pick<Exposure, 'user' | 'hasFailed' | 'latencyMs'>,
  ): void {
    const { counts, latencies, users } = this.sumsOf(arm);
    add(counts, 'Exposures', 1);
    add(counts, 'Errors', hasFailed ? 1 : 0);
    if (user !== null && users.isNew(user)) add(counts, 'Users', 1);
    add(latencies, inSteps(latencyMs), 1);
  }

  addOutcome(arm: ExposureArm, { conversion, value }: Pick<UserOutcome, 'conversion' | 'value'>): void {
    const { counts } = this.sumsOf(arm);
    add(counts, 'Outcomes', 1);
    add(counts, 'Conversions', conversion ? 1 : 0);
    add(counts, 'Value', value);
    add(counts, 'ValueSquared', value * value);
  }

  /** The sums since the last call. */
  take(at: Date): MetricDatum[] {
    return [...this.arms.values()].flatMap((sums) => takeFrom(sums, at));
  }

  private sumsOf(arm: ExposureArm): ArmMetricTotals {
    const key = `${arm.rolloutId}/${arm.role}/${arm.endpoint}`;
    const found = this.arms.get(key);
    if (found !== undefined) return found;
    if (this.arms.size >= maxArms) this.evictOne();
    const sums: ArmMetricTotals = { arm, users: new UserCounter(), counts: new Map(), latencies: new Map() };
    this.arms.set(key, sums);
    return sums;
  }

  private evictOne(): void {
    const idle = [...this.arms].find(([, { counts }]) => counts.size === 0) ?? [...this.arms][0];
    if (idle !== undefined) this.arms.delete(idle[0]);
  }
}

function takeFrom({ arm, counts, latencies }: ArmMetricTotals, at: Date): MetricDatum[] {
  const common = { Timestamp: at, Dimensions: dimensionsOf(arm) };
  const data: MetricDatum[] = [...counts].map(([MetricName, Value]) => ({
    ...common,
    MetricName,
    Value,
    Unit: MetricName.startsWith('Value') ? ('None' as const) : ('Count' as const),
  }));
  const values = [...latencies];
  for (let i = 0; i < values.length; i += maxLatencyValues) {
    const part = values.slice(i, i + maxLatencyValues);
    data.push({
      ...common,
      MetricName: 'Latency',
      Unit: 'Milliseconds',
      Values: part.map(([value]) => value),
      Counts: part.map(([, count]) => count),
    });
  }
  counts.clear();
  latencies.clear();
  return data;
}

function dimensionsOf({ endpoint, rolloutId, role }: ExposureArm): MetricDatum['Dimensions'] {
  return [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'RolloutId', Value: rolloutId },
    { Name: 'Role', Value: role },
  ];
}

function add<K>(sums: Map<K, number>, key: K, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

/** Two significant digits: CloudWatch accepts few different values in one datum, and percentiles need no more. */
function inSteps(ms: number): number {
  return Number(Math.max(ms, 0.01).toPrecision(2));
}

const userBits = 2 ** 23;

/** Counts users once, in one megabyte. Never counts too many; misses about one user in 200 at 100,000 users. */
export class UserCounter {
  private readonly seen = new Uint8Array(userBits / 8);

  /** True the first time that a user is seen. */
  isNew(user: string): boolean {
    const at = fnv1a32(user) % userBits;
    const mask = 1 << (at & 7);
    const before = this.seen[at >> 3] ?? 0;
    this.seen[at >> 3] = before | mask;
    return (before & mask) === 0;
  }
}
