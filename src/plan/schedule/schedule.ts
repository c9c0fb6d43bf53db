/**
 * Earliest and latest time of every step of a plan, counted from its start. Pure, without Node built-ins, because
 * workflows use it. Pauses and external changes are not counted.
 */
import { instanceHoursOf, type InstanceHours } from './instance-hours.js';
import type { Plan } from '../compiled/plan.js';
import { segmentsOf, type SegmentKind } from './segments.js';

/** Seconds since the start of the rollout. */
export interface ScheduleRow {
  kind: SegmentKind;
  /** For people, e.g. `step 2 of 5: 5%, watched for 30m`. */
  label: string;
  /** Null except for steps. */
  stage: number | null;
  /** The candidate's share in percent. Null except for steps. */
  share: number | null;
  earliestStartSeconds: number;
  earliestEndSeconds: number;
  /** Null: this row or an earlier one has no time limit. The `notes` of that row give the reason. */
  latestEndSeconds: number | null;
  /** For people. */
  notes: string[];
}

export interface Schedule {
  rows: ScheduleRow[];
  earliestEndSeconds: number;
  latestEndSeconds: number | null;
  instanceHours: InstanceHours;
}

/** Number of stages: the shares that the candidate is moved to. */
export function stagesOf(plan: Plan): number {
  return Math.max(0, ...plan.steps.map((step) => step.stage));
}

export function scheduleOf(plan: Plan): Schedule {
  const segments = segmentsOf(plan);
  const rows: ScheduleRow[] = [];
  let earliest = 0;
  let latest: number | null = 0;
  for (const { minSeconds, maxSeconds, ...row } of segments) {
    const earliestStartSeconds = earliest;
    earliest += minSeconds;
    latest = add(latest, maxSeconds);
    rows.push({ ...row, earliestStartSeconds, earliestEndSeconds: earliest, latestEndSeconds: latest });
  }
  return {
    rows,
    earliestEndSeconds: earliest,
    latestEndSeconds: latest,
    instanceHours: instanceHoursOf(plan, segments),
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
