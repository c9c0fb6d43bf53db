/**
 * Totals of one arm's users since the candidate's share last changed. Each user has one of 10,000 buckets, so the memory
 * is bounded and no id leaves the switch. Only changes of sums over the buckets are published: they add up over time.
 */
import {
  countedByUser,
  productByUser,
  squaresByProcess,
  squaresByUser,
  type SwitchCount,
} from '../../plan/split/switch-metrics.js';
import { bucketCount, userBucketOf } from '../../plan/split/bucketing.js';

/** Not a seed of a rollout, so that the users of one arm have all buckets. */
const seed = 'totals by user';

/** 0 to 9,999, the same in every process. `userKey` identifies the user. */
export function totalsBucketOf(userKey: string): number {
  return userBucketOf(seed, userKey);
}

const counts = [...new Set(countedByUser.flatMap(({ trials, total }): SwitchCount[] => [trials, total]))];
const trialCounts = [...new Set(countedByUser.map(({ trials }) => trials))];

export class UserTotals {
  private readonly totals = Object.fromEntries(
    counts.map((count) => [count, new Float64Array(bucketCount)]),
  ) as Record<SwitchCount, Float64Array>;
  private readonly ofProcess = Object.fromEntries(trialCounts.map((count) => [count, 0])) as Record<
    (typeof trialCounts)[number],
    number
  >;

  /** Adds the counts of one bucket. Returns by how much each published sum changes, by the metric's name. */
  add(bucket: number, added: Partial<Record<SwitchCount, number>>): [string, number][] {
    const before = (count: SwitchCount) => this.totals[count][bucket] ?? 0;
    const after = (count: SwitchCount) => before(count) + (added[count] ?? 0);
    const changes = new Map<string, number>();
    for (const count of counts)
      if (added[count]) changes.set(squaresByUser(count), after(count) ** 2 - before(count) ** 2);
    for (const { trials, total } of countedByUser)
      if (added[trials] || added[total])
        changes.set(
          productByUser(trials, total),
          after(trials) * after(total) - before(trials) * before(total),
        );
    for (const trials of trialCounts) {
      const more = added[trials] ?? 0;
      if (more === 0) continue;
      changes.set(squaresByProcess(trials), more * (2 * this.ofProcess[trials] + more));
      this.ofProcess[trials] += more;
    }
    for (const count of counts) this.totals[count][bucket] = after(count);
    return [...changes];
  }
}
