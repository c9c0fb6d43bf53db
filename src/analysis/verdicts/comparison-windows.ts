/** Counts of both models in one window, and the tally of the windows of a comparison. Plain JSON. */
import type { Role } from '../../plan/compiled/names.js';
import type { ArmTotals } from '../statistics/arm-difference.js';
import type { UserSums } from '../statistics/user-dispersion.js';
import { exclude, noExclusions, type ExclusionReason, type Exclusions } from './excluded-windows.js';

/** Null: unknown. 0: known to be none. */
export interface ArmCounts {
  requests: number | null;
  /**
   * The events that the rule counts (errors, slow requests, conversions), at most one per request. Null for means.
   */
  events: number | null;
  /** Sums of one value per request. */
  sum?: number | null;
  sumSquares?: number | null;
  /** The same sums before values were capped. Absent: nothing is capped. */
  uncapped?: { sum: number; sumSquares: number };
  /** Absent: the rule does not count by user. Null: unknown. */
  users?: UserSums | null;
}

/** Identified by its end. The data is complete, and does not change after the window was judged. */
export interface ComparisonWindow {
  /** ISO 8601, UTC. */
  from: string;
  to: string;
  stage: number;
  /** Planned share in percent. Null if no single share was planned for the whole window. */
  candidateShare: number | null;
  arms: Record<Role, ArmCounts>;
}

export interface ComparisonTally {
  from: string | null;
  to: string | null;
  /** Stage of the latest window. */
  stage: number | null;
  windows: number;
  excludedWindows: number;
  /** The excluded windows and their reasons. Absent: no window was excluded. */
  exclusions?: Exclusions;
  /** Totals of the windows that are not excluded. */
  arms: Record<Role, { requests: number; events: number | null }>;
}

export const emptyTally: ComparisonTally = {
  from: null,
  to: null,
  stage: null,
  windows: 0,
  excludedWindows: 0,
  arms: { baseline: { requests: 0, events: 0 }, candidate: { requests: 0, events: 0 } },
};

/**
 * `arms: null`: the window is excluded for `reason`. All windows use the same time format, so their texts sort like
 * times.
 */
export function tallyWindow(
  tally: ComparisonTally,
  window: ComparisonWindow,
  arms: ComparisonTally['arms'] | null,
  reason: ExclusionReason = reasonOf(window),
): ComparisonTally {
  const isLatest = tally.to === null || window.to > tally.to;
  const { from, to } = window;
  const exclusions =
    arms === null
      ? exclude(tally.exclusions ?? noExclusions, { from, to, reason, windows: 1 })
      : tally.exclusions;
  return {
    ...(exclusions && { exclusions }),
    from: tally.from === null || window.from < tally.from ? window.from : tally.from,
    to: isLatest ? window.to : tally.to,
    stage: isLatest ? window.stage : tally.stage,
    windows: tally.windows + 1,
    excludedWindows: tally.excludedWindows + (arms === null ? 1 : 0),
    arms:
      arms === null
        ? tally.arms
        : {
            baseline: addCounts(tally.arms.baseline, arms.baseline),
            candidate: addCounts(tally.arms.candidate, arms.candidate),
          },
  };
}

function reasonOf({ arms, candidateShare }: ComparisonWindow): ExclusionReason {
  if (candidateShare === null) return 'weightsChanging';
  const isMissing = ({ requests, events, sum = null, users }: ArmCounts) =>
    requests === null || users === null || (events === null && sum === null && requests > 0);
  return isMissing(arms.baseline) || isMissing(arms.candidate) ? 'missing' : 'impossible';
}

type TallyCounts = ComparisonTally['arms'][Role];

function addCounts(a: TallyCounts, b: TallyCounts): TallyCounts {
  const events = a.events === null || b.events === null ? null : a.events + b.events;
  return { requests: a.requests + b.requests, events };
}

/** Whether the value is known, not negative and at most MAX_SAFE_INTEGER. */
export function isCount(value: number | null | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** `users`: absent if the rule does not count by user. */
export interface ReadCounts {
  requests: number;
  events: number;
  users?: UserSums;
}

/** Requests and events of both arms. Null if they are unknown or contradictory. */
export function readCounts({ arms }: ComparisonWindow): Record<Role, ReadCounts> | null {
  const [baseline, candidate] = [readArm(arms.baseline), readArm(arms.candidate)];
  return baseline === null || candidate === null ? null : { baseline, candidate };
}

function readArm({ requests, events, users }: ArmCounts): ReadCounts | null {
  if (!isCount(requests) || !isCount(events) || events > requests || users === null) return null;
  return users === undefined ? { requests, events } : { requests, events, users };
}

/** Each event is a value of 1. */
export function totalsOf({ requests, events, users }: ReadCounts): ArmTotals {
  return { n: requests, sum: events, sumSquares: events, ...(users && { users }) };
}
