/** Sums of each arm's exposures and outcomes, as CloudWatch data. Pure: arm-publisher.ts sends them. */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { fnv1a32 } from '../../plan/split/bucketing.js';
import type { ExposureArm, Exposure, UserOutcome } from '../assignment/exposure.js';
import { UserTotals } from './user-totals.js';

/** CloudWatch's limit of values in one datum. */
const maxValues = 150;
/** Max arms counted at once. The oldest idle arm is evicted, together with the users seen in it. */
const maxArms = 64;

interface ArmMetricTotals {
  arm: ExposureArm;
  byUser: ByUser;
  counts: Map<string, number>;
  /** By milliseconds, in steps of a few percent. */
  latencies: Map<number, number>;
  /** Number of outcomes by their value. Zeros are not counted. */
  values: Map<number, number>;
}

/** The users of one arm since the share last changed. */
interface ByUser {
  period: number;
  seen: UserCounter;
  totals: UserTotals;
}

function newByUser(period: number): ByUser {
  return { period, seen: new UserCounter(), totals: new UserTotals() };
}

/** The current share of a rollout. `period`: number of its changes. */
interface SharePeriod {
  sequence: number;
  share: number;
  period: number;
}

type SplitOfExposure = NonNullable<Exposure['split']>;

/** A user as the metrics know it. `key` identifies the user, null: not known any more. */
export interface CountedUser {
  key: string | null;
  /** As `totalsBucketOf` returns. */
  bucket: number;
}

/** The user's bucket and the period in which the outcome of an exposure counts. */
export interface OutcomePlace {
  bucket: number;
  period: number;
}

export class ArmMetrics {
  private readonly arms = new Map<string, ArmMetricTotals>();
  private readonly periods = new Map<string, SharePeriod>();

  /** `split`: under which the arm was chosen. */
  exposed(
    arm: ExposureArm,
    { split, hasFailed, latencyMs }: Pick<Exposure, 'hasFailed' | 'latencyMs'> & { split: SplitOfExposure },
    { key, bucket }: CountedUser,
  ): OutcomePlace {
    const period = this.periodOf(arm, split);
    const sums = this.sumsOf(arm);
    const { counts, latencies } = sums;
    add(counts, 'Exposures', 1);
    add(counts, 'Errors', hasFailed ? 1 : 0);
    add(latencies, inSteps(latencyMs), 1);
    if (period !== this.currentPeriodOf(arm)) return { bucket, period };
    if (sums.byUser.period !== period) sums.byUser = newByUser(period);
    const Users = key !== null && sums.byUser.seen.isNew(key) ? 1 : 0;
    if (Users === 1) add(counts, 'Users', 1);
    addAll(counts, sums.byUser.totals.add(bucket, { Exposures: 1, Users, Errors: hasFailed ? 1 : 0 }));
    return { bucket, period };
  }

  /** An outcome of an exposure at an earlier share says nothing about the users of the current share. */
  addOutcome(
    arm: ExposureArm,
    { conversion, value }: Pick<UserOutcome, 'conversion' | 'value'>,
    { bucket, period }: OutcomePlace,
  ): void {
    const { counts, values, byUser } = this.sumsOf(arm);
    add(counts, 'Outcomes', 1);
    if (period !== byUser.period || period !== this.currentPeriodOf(arm)) return;
    const Conversions = conversion ? 1 : 0;
    add(counts, 'Conversions', Conversions);
    if (value !== 0) add(values, value, 1);
    addAll(counts, byUser.totals.add(bucket, { Conversions, Value: value }));
  }

  /** The sums since the last call. */
  take(at: Date): MetricDatum[] {
    return [...this.arms.values()].flatMap((sums) => takeFrom(sums, at));
  }

  /** A response can arrive after the share has changed: it belongs to the period before. */
  private periodOf({ rolloutId }: ExposureArm, { sequence, candidateShare }: SplitOfExposure): number {
    const known = this.periods.get(rolloutId);
    const isSame = known?.share === candidateShare;
    if (known && sequence < known.sequence) return isSame ? known.period : known.period - 1;
    if (!known && this.periods.size >= maxArms) this.periods.delete([...this.periods.keys()][0] ?? '');
    const period = known ? known.period + (isSame ? 0 : 1) : 0;
    this.periods.set(rolloutId, { sequence, share: candidateShare, period });
    return period;
  }

  private currentPeriodOf({ rolloutId }: ExposureArm): number | undefined {
    return this.periods.get(rolloutId)?.period;
  }

  private sumsOf(arm: ExposureArm): ArmMetricTotals {
    const key = `${arm.rolloutId}/${arm.role}/${arm.endpoint}`;
    const found = this.arms.get(key);
    if (found !== undefined) return found;
    if (this.arms.size >= maxArms) this.evictOne();
    const byUser = newByUser(this.currentPeriodOf(arm) ?? 0);
    const sums: ArmMetricTotals = {
      arm,
      byUser,
      counts: new Map(),
      latencies: new Map(),
      values: new Map(),
    };
    this.arms.set(key, sums);
    return sums;
  }

  private evictOne(): void {
    const idle = [...this.arms].find(([, { counts }]) => counts.size === 0) ?? [...this.arms][0];
    if (idle !== undefined) this.arms.delete(idle[0]);
  }
}

function takeFrom({ arm, counts, latencies, values }: ArmMetricTotals, at: Date): MetricDatum[] {
  const common = { Timestamp: at, Dimensions: dimensionsOf(arm) };
  const data: MetricDatum[] = [...counts].map(([MetricName, Value]) => ({
    ...common,
    MetricName,
    Value,
    Unit: MetricName.includes('Value') ? ('None' as const) : ('Count' as const),
  }));
  const squares = new Map<number, number>();
  for (const [value, count] of values) add(squares, value * value, count);
  data.push(
    ...distributionOf(latencies).map((each) => {
      return { ...common, MetricName: 'Latency', Unit: 'Milliseconds' as const, ...each };
    }),
    ...distributionOf(values).map((each) => ({
      ...common,
      MetricName: 'Value',
      Unit: 'None' as const,
      ...each,
    })),
    ...distributionOf(squares).map((each) => {
      return { ...common, MetricName: 'ValueSquared', Unit: 'None' as const, ...each };
    }),
  );
  for (const sums of [counts, latencies, values]) sums.clear();
  return data;
}

/** As single values, so that CloudWatch has their percentiles and can count those above a cap. */
function distributionOf(counts: Map<number, number>): Pick<MetricDatum, 'Values' | 'Counts'>[] {
  const all = [...counts];
  return Array.from({ length: Math.ceil(all.length / maxValues) }, (_, i) => {
    const part = all.slice(i * maxValues, (i + 1) * maxValues);
    return { Values: part.map(([value]) => value), Counts: part.map(([, count]) => count) };
  });
}

function dimensionsOf({ endpoint, rolloutId, role }: ExposureArm): MetricDatum['Dimensions'] {
  return [
    { Name: 'EndpointName', Value: endpoint },
    { Name: 'RolloutId', Value: rolloutId },
    { Name: 'Role', Value: role },
  ];
}

function addAll(sums: Map<string, number>, changes: [string, number][]): void {
  for (const [name, change] of changes) add(sums, name, change);
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
