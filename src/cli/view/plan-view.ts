/** `penstock plan`: what would happen, when at the earliest and at the latest, and what it would take. */
import { formatDuration } from '../../plan/durations.js';
import type { InstanceHours, Range } from '../../plan/instance-hours.js';
import type { Plan } from '../../plan/plan.js';
import type { Schedule, ScheduleRow } from '../../plan/schedule.js';
import { formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';

/** Times are counted from the start of the rollout. */
export function renderPlan(plan: Plan, schedule: Schedule): string[] {
  const { rows, earliestEndSeconds, latestEndSeconds, instanceHours } = schedule;
  return [
    `${plan.endpoint}: ${plan.strategy}, ${plan.guardrails.length} guardrails, if inconclusive: ${plan.onInconclusive}`,
    '',
    ...alignColumns([
      ['WHAT', 'SHARE', 'BEGINS', 'ENDS', 'AT THE LATEST', 'NOTE'].map(cell),
      ...rows.map(cellsOf),
    ]),
    '',
    `In all: ${formatDuration(earliestEndSeconds)} at the earliest, ${latestOf(latestEndSeconds)} at the latest; ` +
      'pauses not counted.',
    hoursLine(instanceHours),
  ];
}

function cellsOf(row: ScheduleRow): Cell[] {
  return [
    row.label,
    row.share === null ? '' : formatShare(row.share),
    formatDuration(row.earliestStartSeconds),
    formatDuration(row.earliestEndSeconds),
    latestOf(row.latestEndSeconds),
    row.note ?? '',
  ].map(cell);
}

function latestOf(seconds: number | null): string {
  return seconds === null ? 'open' : formatDuration(seconds);
}

function hoursLine({ instanceType, count, extra, both, bothUpHours }: InstanceHours): string {
  if (count === null) {
    const up = rangeOf(bothUpHours, 'h');
    return `Both variants are up for ${up}, each with as many instances as the live baseline has.`;
  }
  const instances = `${count} × ${instanceType ?? 'as the live baseline has'}`;
  const hours =
    `${rangeOf(both, 'instance-hours')}, of which the candidate's ${rangeOf(extra, '')}`.trimEnd();
  return `Both variants, ${instances} each: ${hours}.`;
}

function rangeOf({ earliest, latest }: Range, unit: string): string {
  const least = (earliest ?? 0).toFixed(1);
  if (latest === null) return `at least ${least} ${unit}`;
  return `${least} to ${latest.toFixed(1)} ${unit}`;
}

function cell(text: string): Cell {
  return { text };
}
