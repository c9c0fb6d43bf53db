/**
 * Variance of counts whose trials come from users who return: the requests of one user are alike, so they say less than
 * as many requests of different users. The variance is that of a ratio whose clusters are users (delta method, e.g.
 * Deng, Knoblich & Lu, arXiv 1803.06336). No sum names a user.
 */

/**
 * Sums over users, or over hash buckets of whole users, of their totals since the share last changed. `trials`: of
 * squared trials; `total`: of squared events or values; `product`: of trials times events or values.
 */
export interface UserSums {
  trials: number;
  total: number;
  product: number;
  /** Sum of the squared trials of each process that counted. */
  processes: number;
}

/** Totals of one arm: `n` trials with events or values that add up to `sum`. */
export interface TotalsByUser {
  n: number;
  sum: number;
  users: UserSums;
}

export function addUserSums(a: UserSums, b: UserSums): UserSums {
  return {
    trials: a.trials + b.trials,
    total: a.total + b.total,
    product: a.product + b.product,
    processes: a.processes + b.processes,
  };
}

/**
 * The excess of the variance, at least 0: the variance of the sum is 1 + excess times `independent`, which it would be if
 * trials were independent.
 *
 * If several processes count, each sees a part of a user's requests and misses what that part has in common with the
 * others. Parts of equal size have a k-th of it in common, hence the factor `n^2 / processes`, the effective number of
 * processes. It is too large, and so on the safe side, if a user's requests all reach one process.
 */
export function excessOf({ n, sum, users }: TotalsByUser, independent: number): number {
  if (!(n > 0 && independent > 0)) return 0;
  const mean = sum / n;
  const squaredResiduals = users.total - 2 * mean * users.product + mean * mean * users.trials;
  const processes = users.processes > 0 ? Math.max(1, (n * n) / users.processes) : 1;
  return Math.max(0, squaredResiduals / independent - 1) * processes;
}

/** Number of equally active users that would vary as much. At most the number of buckets. */
export function effectiveUsers({ n, users }: Pick<TotalsByUser, 'n' | 'users'>): number {
  return users.trials > 0 ? (n * n) / users.trials : 0;
}

/** A span with a constant share. The same users return in the next span. */
interface Part {
  /** Variance of the part's estimate if trials were independent. */
  independent: number;
  /** As `excessOf` returns. */
  excess: number;
}

/**
 * Variance of a sum of parts. The excess comes from users, who are the same in every part, so its standard deviations add
 * up. The rest is independent. This is an upper bound, because not all users are in the same arm in every part.
 */
export function varianceOfParts(parts: readonly Part[]): number {
  let [independent, shared] = [0, 0];
  for (const part of parts) {
    independent += part.independent;
    shared += Math.sqrt(part.independent * part.excess);
  }
  return independent + shared * shared;
}

type PairOfTotals = Record<'baseline' | 'candidate', { n: number; sum: number; users?: UserSums }>;

/**
 * Variance over mean of the events of both arms, at least 1. A span counts by its information, as in the count test: the
 * product of the arms' shares of the requests.
 */
export function dispersionOfCounts(spans: readonly PairOfTotals[]): number {
  const parts = spans.flatMap(({ baseline, candidate }) => {
    const n = baseline.n + candidate.n;
    const information = n === 0 ? 0 : (baseline.n * candidate.n) / (n * n);
    const events = baseline.sum + candidate.sum;
    const shared = [baseline, candidate].reduce(
      (sum, { users, ...arm }) => sum + (users ? arm.sum * excessOf({ ...arm, users }, arm.sum) : 0),
      0,
    );
    return information * events > 0 ? [{ independent: information * events, excess: shared / events }] : [];
  });
  const independent = parts.reduce((sum, part) => sum + part.independent, 0);
  return independent === 0 ? 1 : varianceOfParts(parts) / independent;
}
