/**
 * When a plan is where, at the earliest and at the latest, counted from its start. Pure, and free of built-ins: workflows
 * use it. Not counted: pauses, and what someone else changes on the way.
 */
import { instanceHoursOf, type InstanceHours } from './instance-hours.js';
import type { Plan } from '../compiled/plan.js';
import { segmentsOf, type SegmentKind } from './segments.js';

/** Seconds since the start of the rollout. */
export interface ScheduleRow {
  kind: SegmentKind;
  /** For people, e.g. `step 2 of 5: 5%, watched for 30m`. */
  label: string;
  /** Null but for steps. */
  stage: number | null;
  /** The candidate's share in percent; null but for steps. */
  share: number | null;
  earliestStartSeconds: number;
  earliestEndSeconds: number;
  /** Null: this row, or one before it, may wait for ever; the `notes` of that one say for what. */
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

/** How many steps people count: the shares that the candidate is moved to. */
export function stagesOf(plan: Plan): number {
  return Math.max(0, ...plan.steps.map((step) => step.stage));
}

export function scheduleOf(plan: Plan): Schedule {
  const legs = segmentsOf(plan);
  const rows: ScheduleRow[] = [];
  let earliest = 0;
  let latest: number | null = 0;
  for (const { minSeconds, maxSeconds, ...row } of legs) {
    const earliestStartSeconds = earliest;
    earliest += minSeconds;
    latest = add(latest, maxSeconds);
    rows.push({ ...row, earliestStartSeconds, earliestEndSeconds: earliest, latestEndSeconds: latest });
  }
  return {
    rows,
    earliestEndSeconds: earliest,
    latestEndSeconds: latest,
    instanceHours: instanceHoursOf(plan, legs),
  };
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
