/** `penstock plan`: what would happen, when at the earliest and at the latest, and what it would take. */
import { formatDuration } from '../../plan/units/durations.js';
import type { InstanceHours, Range } from '../../plan/schedule/instance-hours.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Schedule, ScheduleRow } from '../../plan/schedule/schedule.js';
import { formatCountOf, formatShare } from './numbers.js';
import { renderParts } from './plan-parts.js';
import { alignColumns, type Cell } from './table.js';

/** Times are counted from the start of the rollout. */
export function renderPlan(plan: Plan, schedule: Schedule): string[] {
  const { rows, earliestEndSeconds, latestEndSeconds, instanceHours } = schedule;
  const notes = [...new Set(rows.flatMap((row) => row.notes))];
  return [
    titleOf(plan),
    '',
    ...alignColumns([
      ['WHAT', 'SHARE', 'BEGINS', 'ENDS', 'AT THE LATEST', 'NOTE'].map(cell),
      ...rows.map((row) => cellsOf(row, notes)),
    ]),
    ...notes.map((note, i) => `${mark(i)} ${note}`),
    ...renderParts(plan),
    '',
    `In all: ${formatDuration(earliestEndSeconds)} at the earliest, ${latestOf(latestEndSeconds)} at the latest; ` +
      'pauses and freezes not counted.',
    hoursLine(plan, instanceHours),
  ];
}

function titleOf({ endpoint, strategy, topology, guardrails, onInconclusive }: Plan): string {
  const where = topology === 'endpoints' ? ', an endpoint for each model, divided by the switch' : '';
  const guarded = `${formatCountOf(guardrails.length, 'guardrail')}, if inconclusive: ${onInconclusive}`;
  return `${endpoint}: ${strategy}${where}, ${guarded}`;
}

/** The same note at every step would hide what differs. */
function cellsOf(row: ScheduleRow, notes: string[]): Cell[] {
  return [
    row.label,
    row.share === null ? '' : formatShare(row.share),
    formatDuration(row.earliestStartSeconds),
    formatDuration(row.earliestEndSeconds),
    latestOf(row.latestEndSeconds),
    row.notes.map((note) => mark(notes.indexOf(note))).join(' '),
  ].map(cell);
}

function mark(index: number): string {
  return `(${index + 1})`;
}

function latestOf(seconds: number | null): string {
  return seconds === null ? 'open' : formatDuration(seconds);
}

function hoursLine({ models, serve }: Plan, hours: InstanceHours): string {
  const { instanceType, count, candidate, both, upHours } = hours;
  if (count === null) {
    const up = rangeOf(upHours, 'h');
    const instances = `as many instances as the live baseline has${serve.capacity === 'full' ? '' : ', by its share'}`;
    return `The candidate is up for ${up}, on ${instances}.`;
  }
  const instances = `Up to ${count} × ${instanceType ?? "the live baseline's type"}`;
  if (models.baseline.kind === 'none') return `${instances}: ${rangeOf(candidate, 'instance-hours')}.`;
  const ofBoth = rangeOf(both, 'instance-hours');
  return (
    `${instances} for each model: ${ofBoth}, of which the candidate's ${rangeOf(candidate, '')}`.trimEnd() +
    '.'
  );
}

function rangeOf({ earliest, latest }: Range, unit: string): string {
  const least = (earliest ?? 0).toFixed(1);
  if (latest === null) return `at least ${least} ${unit}`;
  return `${least} to ${latest.toFixed(1)} ${unit}`;
}

function cell(text: string): Cell {
  return { text };
}
