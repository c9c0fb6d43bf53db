/** What both models did in the same window, and the tally of windows that a comparison rests on. Plain JSON. */
import type { Role } from '../../plan/compiled/names.js';
import { addMeans, type WindowMeans } from './advisory-score.js';
import { exclude, noExclusions, type ExclusionReason, type Exclusions } from './excluded-windows.js';

/** Null: not known. Known to be none is 0. */
export interface ArmCounts {
  requests: number | null;
  /** Errors, slow requests, conversions: what the rule counts, at most one per request. Null for rules of means. */
  events: number | null;
  /** Of one value per request. */
  sum?: number | null;
  sumSquares?: number | null;
}

/** Keyed by its end; complete, and never changed once judged. */
export interface ComparisonWindow {
  /** ISO 8601, UTC. */
  from: string;
  to: string;
  stage: number;
  /** Planned, in percent; null where none was planned for the whole window. */
  candidateShare: number | null;
  arms: Record<Role, ArmCounts>;
}

export interface ComparisonTally {
  from: string | null;
  to: string | null;
  /** Of the latest window. */
  stage: number | null;
  windows: number;
  excludedWindows: number;
  /** Which these were, and why; absent: none were. */
  exclusions?: Exclusions;
  /** Of the latest windows that are not excluded; absent: none yet. */
  recent?: WindowMeans[];
  /** In windows that are not excluded. */
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
 * `arms: null`: the window is excluded, for `reason`. Windows of one format of time, so that texts sort as times do.
 */
export function tallyWindow(
  tally: ComparisonTally,
  window: ComparisonWindow,
  arms: ComparisonTally['arms'] | null,
  reason: ExclusionReason = reasonOf(window),
): ComparisonTally {
  const isLatest = tally.to === null || window.to > tally.to;
  const { from, to } = window;
  const means = arms === null ? null : meansOf(window);
  const recent = means === null ? tally.recent : addMeans(tally.recent ?? [], means);
  const exclusions =
    arms === null
      ? exclude(tally.exclusions ?? noExclusions, { from, to, reason, windows: 1 })
      : tally.exclusions;
  return {
    ...(exclusions && { exclusions }),
    ...(recent && { recent }),
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

/** Events or the value, per request; null where a model has no requests, or nothing was counted among them. */
function meansOf({ arms }: ComparisonWindow): WindowMeans | null {
  const meanOf = ({ requests, events, sum = null }: ArmCounts) =>
    requests === null || requests === 0 ? null : divide(events ?? sum, requests);
  const [baseline, candidate] = [meanOf(arms.baseline), meanOf(arms.candidate)];
  return baseline === null || candidate === null ? null : { baseline, candidate };
}

function divide(value: number | null, requests: number): number | null {
  const mean = value === null ? NaN : value / requests;
  return Number.isFinite(mean) ? mean : null;
}

function reasonOf({ arms, candidateShare }: ComparisonWindow): ExclusionReason {
  if (candidateShare === null) return 'weightsChanging';
  const isMissing = ({ requests, events, sum = null }: ArmCounts) =>
    requests === null || (events === null && sum === null && requests > 0);
  return isMissing(arms.baseline) || isMissing(arms.candidate) ? 'missing' : 'impossible';
}

type TallyCounts = ComparisonTally['arms'][Role];

function addCounts(a: TallyCounts, b: TallyCounts): TallyCounts {
  const events = a.events === null || b.events === null ? null : a.events + b.events;
  return { requests: a.requests + b.requests, events };
}

/** Known, not negative, and no greater than counting goes. */
export function isCount(value: number | null | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Both arms' requests and events, or null where they are not known or contradict themselves. */
export function readCounts({
  arms,
}: ComparisonWindow): Record<Role, { requests: number; events: number }> | null {
  const [baseline, candidate] = [readArm(arms.baseline), readArm(arms.candidate)];
  return baseline === null || candidate === null ? null : { baseline, candidate };
}

function readArm({ requests, events }: ArmCounts): { requests: number; events: number } | null {
  return isCount(requests) && isCount(events) && events <= requests ? { requests, events } : null;
}
