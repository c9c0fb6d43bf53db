import type { ServePlan } from './plan.js';

/** Hours by the number of instances; null where the live baseline decides the number, or the end is open. */
export interface InstanceHours {
  /** Null: the live baseline's. */
  instanceType: string | null;
  /** Instances of each variant; null: as many as the live baseline has. */
  count: number | null;
  /** How long both variants are up, in hours. */
  bothUpHours: Range;
  /** Instance-hours of the variant that a rollout adds. */
  extra: Range;
  /** Instance-hours of both variants. */
  both: Range;
}

export interface Range {
  earliest: number | null;
  latest: number | null;
}

export function instanceHoursOf(
  { instanceType, count }: ServePlan,
  bothUpSeconds: { earliest: number; latest: number | null },
): InstanceHours {
  const hours: Range = {
    earliest: bothUpSeconds.earliest / 3_600,
    latest: bothUpSeconds.latest === null ? null : bothUpSeconds.latest / 3_600,
  };
  const instances = (factor: number | null): Range => ({
    earliest: times(hours.earliest, factor),
    latest: times(hours.latest, factor),
  });
  return {
    instanceType,
    count,
    bothUpHours: hours,
    extra: instances(count),
    both: instances(count === null ? null : 2 * count),
  };
}

function times(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a * b;
}
