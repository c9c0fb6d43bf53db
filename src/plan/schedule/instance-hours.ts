/** What a rollout costs in instances, by the shares that they have to carry. Pure. */
import type { Plan } from '../compiled/plan.js';
import type { Role } from '../compiled/names.js';
import type { ScheduleSegment } from './segments.js';

/** Hours by the number of instances; null where the live baseline decides the number, or the end is open. */
export interface InstanceHours {
  /** Null: the live baseline's. */
  instanceType: string | null;
  /** Instances for all of the traffic; null: as many as the live baseline has. */
  count: number | null;
  /** How long the candidate is up, in hours. */
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

export function instanceHoursOf(plan: Plan, legs: ScheduleSegment[]): InstanceHours {
  const { instanceType, count } = plan.serve;
  const up = legs.slice(legs.findIndex(({ kind }) => kind === 'deploying' || kind === 'step'));
  const hoursOf = (instances: (leg: ScheduleSegment) => number): Range => ({
    earliest: sum(up.map((leg) => (leg.minSeconds / 3_600) * instances(leg))),
    latest: sum(up.map((leg) => leg.maxSeconds && (leg.maxSeconds / 3_600) * instances(leg))),
  });
  const unknown: Range = { earliest: null, latest: null };
  return {
    instanceType,
    count,
    upHours: hoursOf(() => 1),
    candidate: count === null ? unknown : hoursOf((leg) => instancesIn(plan, leg, count).candidate),
    both:
      count === null
        ? unknown
        : hoursOf((leg) => {
            const { baseline, candidate } = instancesIn(plan, leg, count);
            return baseline + candidate;
          }),
  };
}

/** As the workflow asks for them; nobody who is up has less than one. */
function instancesIn(plan: Plan, leg: ScheduleSegment, count: number): Record<Role, number> {
  const { capacity } = plan.serve;
  const share = shareIn(plan, leg);
  const needed = (percent: number) => Math.max(1, Math.ceil((count * percent) / 100));
  return {
    baseline: baselineIn(plan, leg, capacity === 'scaleBoth' ? needed(100 - usersIn(leg)) : count),
    candidate: capacity === 'full' ? count : needed(share),
  };
}

function baselineIn({ models, rollbackWindow }: Plan, { kind }: ScheduleSegment, count: number): number {
  if (models.baseline.kind === 'none') return 0;
  return kind === 'rollbackWindow' && rollbackWindow?.baseline === 'scaledIn' ? 1 : count;
}

/** Percent of the requests that the candidate gets, copies among them. */
function shareIn({ steps }: Plan, leg: ScheduleSegment): number {
  const copies = steps.flatMap((step) =>
    step.kind === 'deploy' && step.stage === leg.stage && step.arrangement.kind === 'shadow'
      ? [step.arrangement.mirrorPercent]
      : [],
  );
  return Math.max(usersIn(leg), ...copies);
}

/** Percent of the users who meet the candidate. */
function usersIn({ kind, share }: ScheduleSegment): number {
  if (kind === 'rollbackWindow' || kind === 'promotion') return 100;
  return share ?? 0;
}

function sum(numbers: (number | null)[]): number | null {
  return numbers.reduce<number | null>((total, n) => (total === null || n === null ? null : total + n), 0);
}
