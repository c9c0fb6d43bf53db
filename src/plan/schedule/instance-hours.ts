/** Instance-hours of a rollout, by the shares of the traffic. Pure. */
import type { Plan } from '../compiled/plan.js';
import type { Role } from '../compiled/names.js';
import { startsSecondFleet } from '../compiled/second-fleet.js';
import type { ScheduleSegment } from './segments.js';

/** Null values: the live baseline decides the instance count, or the duration has no limit. */
export interface InstanceHours {
  /** Null: the instance type of the live baseline. */
  instanceType: string | null;
  /** Instances for all of the traffic. Null: as many as the live baseline has. */
  count: number | null;
  /** Hours that the candidate runs. */
  upHours: Range;
  /** Instance-hours of the candidate. */
  candidate: Range;
  /** Instance-hours of both models. */
  both: Range;
}

export interface Range {
  earliest: number | null;
  latest: number | null;
}

export function instanceHoursOf(plan: Plan, segments: ScheduleSegment[]): InstanceHours {
  const { instanceType, count } = plan.serve;
  const up = segments.slice(segments.findIndex(({ kind }) => kind === 'deploying' || kind === 'step'));
  const rangeOf = (instances: (segment: ScheduleSegment) => number): Range => ({
    earliest: sum(up.map((segment) => (segment.minSeconds / 3_600) * instances(segment))),
    latest: sum(up.map((segment) => segment.maxSeconds && (segment.maxSeconds / 3_600) * instances(segment))),
  });
  const unknown: Range = { earliest: null, latest: null };
  return {
    instanceType,
    count,
    upHours: rangeOf(() => 1),
    candidate: count === null ? unknown : rangeOf((segment) => instancesIn(plan, segment, count).candidate),
    both:
      count === null
        ? unknown
        : rangeOf((segment) => {
            const { baseline, candidate } = instancesIn(plan, segment, count);
            return baseline + candidate;
          }),
  };
}

/** The same counts as in the workflow. A running model has at least one instance. */
function instancesIn(plan: Plan, segment: ScheduleSegment, count: number): Record<Role, number> {
  const { capacity } = plan.serve;
  const share = shareIn(plan, segment);
  const needed = (percent: number) => Math.max(1, Math.ceil((count * percent) / 100));
  const fleets = segment.kind === 'promotion' && startsSecondFleet(plan) ? 2 : 1;
  return {
    baseline: baselineIn(plan, segment, capacity === 'scaleBoth' ? needed(100 - usersIn(segment)) : count),
    candidate: fleets * (capacity === 'full' ? count : needed(share)),
  };
}

function baselineIn({ models, rollbackWindow }: Plan, { kind }: ScheduleSegment, count: number): number {
  if (models.baseline.kind === 'none') return 0;
  const isAfterSteps = kind === 'rollbackWindow' || kind === 'promotion';
  return isAfterSteps && rollbackWindow?.baseline === 'scaledIn' ? 1 : count;
}

/** Percent of the requests that the candidate gets, copies included. */
function shareIn({ steps }: Plan, segment: ScheduleSegment): number {
  const copies = steps.flatMap((step) =>
    step.kind === 'deploy' && step.stage === segment.stage && step.arrangement.kind === 'shadow'
      ? [step.arrangement.mirrorPercent]
      : [],
  );
  return Math.max(usersIn(segment), ...copies);
}

/** Percent of the users that the candidate serves. */
function usersIn({ kind, share }: ScheduleSegment): number {
  if (kind === 'rollbackWindow' || kind === 'promotion') return 100;
  return share ?? 0;
}

function sum(numbers: (number | null)[]): number | null {
  return numbers.reduce<number | null>((total, n) => (total === null || n === null ? null : total + n), 0);
}
