/**
 * Failures that keep a rollout from progress, and that can come and go: one of several workers has bad credentials, or AWS
 * throttles now and then. Operators are notified of an obstacle once, and paged while it recurs. Pure.
 */

/** Plain JSON: continue-as-new passes it on. Times in milliseconds, workflow time. */
export interface Obstacle extends ObstacleId {
  firstAt: number;
  lastAt: number;
  /** The first failure after the last success. Null: a success has followed. */
  unbrokenSince: number | null;
  /** Null: not paged yet. */
  pagedAt: number | null;
}

export interface ObstacleId {
  /** The work that fails. Only its own success counts. */
  work: 'change' | 'watch';
  /** A change has the type of its failure, a watch `unreadable` or a deleted alarm. */
  cause: string;
}

/** A failed attempt can take an hour. Milliseconds, workflow time. */
export interface FailureTimes {
  beganMs: number;
  nowMs: number;
}

const pageAfterMs = 600_000;
const pageEveryMs = 21_600_000;
/** After a page and a success: the next failures can have another cause, which must not wait for hours. */
const pageAgainAfterMs = 1_800_000;
/** An obstacle without a failure for this time is over. A later failure is a new one. */
const quietMs = 3_600_000;

/** `isNew`: operators do not know of the obstacle. `isPageDue`: it has lasted too long. */
export function recordFailure(
  known: readonly Obstacle[],
  { work, cause }: ObstacleId,
  { beganMs, nowMs }: FailureTimes,
): { obstacles: Obstacle[]; isNew: boolean; isPageDue: boolean } {
  const isSame = (each: Obstacle) => each.work === work && each.cause === cause;
  const before = known.find((each) => isSame(each) && beganMs - each.lastAt <= quietMs);
  const { firstAt, unbrokenSince, pagedAt } = before ?? {
    firstAt: nowMs,
    unbrokenSince: null,
    pagedAt: null,
  };
  const obstacle = { work, cause, firstAt, lastAt: nowMs, unbrokenSince: unbrokenSince ?? nowMs, pagedAt };
  const isPageDue = nowMs >= pageDueAt(obstacle);
  if (isPageDue) obstacle.pagedAt = nowMs;
  const others = known.filter((each) => !isSame(each));
  return { obstacles: [...others, obstacle], isNew: before === undefined, isPageDue };
}

/** A success does not end an obstacle, because the next attempt can fail again. */
export function recordSuccess(known: readonly Obstacle[], work: Obstacle['work']): Obstacle[] {
  return known.map((each) => (each.work === work ? { ...each, unbrokenSince: null } : each));
}

/** Whether the work has failed so recently that a failure now is no new obstacle. */
export function hasObstacle(known: readonly Obstacle[], work: Obstacle['work'], nowMs: number): boolean {
  return known.some((each) => each.work === work && nowMs - each.lastAt <= quietMs);
}

function pageDueAt({
  firstAt,
  unbrokenSince,
  pagedAt,
}: Pick<Obstacle, 'firstAt' | 'pagedAt'> & { unbrokenSince: number }): number {
  if (pagedAt === null) return firstAt + pageAfterMs;
  const isSamePeriod = unbrokenSince <= pagedAt;
  return isSamePeriod
    ? pagedAt + pageEveryMs
    : Math.min(pagedAt + pageEveryMs, unbrokenSince + pageAgainAfterMs);
}
