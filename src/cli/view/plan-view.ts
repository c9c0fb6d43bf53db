/** The output of `penstock plan`: the steps, their earliest and latest times, and the instance-hours. */
import { formatDuration } from '../../plan/units/durations.js';
import type { InstanceHours, Range } from '../../plan/schedule/instance-hours.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Schedule, ScheduleRow } from '../../plan/schedule/schedule.js';
import { formatCountOf, formatShare } from './numbers.js';
import { renderParts } from './plan-parts.js';
import { alignColumns, type Cell } from './table.js';

/** Times are relative to the start of the rollout. */
export function renderPlan(plan: Plan, schedule: Schedule): string[] {
  const { rows, earliestEndSeconds, latestEndSeconds, instanceHours } = schedule;
  const notes = [...new Set(rows.flatMap((row) => row.notes))];
  return [
    titleOf(plan),
    '',
    ...alignColumns([
      ['STEP', 'SHARE', 'STARTS', 'ENDS', 'LATEST END', 'NOTE'].map(cell),
      ...rows.map((row) => cellsOf(row, notes)),
    ]),
    ...notes.map((note, i) => `${mark(i)} ${note}`),
    ...renderParts(plan),
    '',
    `Total time without pauses and freezes: at least ${formatDuration(earliestEndSeconds)}, ${latestEndSeconds === null ? 'no upper limit' : `at most ${formatDuration(latestEndSeconds)}`}.`,
    hoursLine(plan, instanceHours),
  ];
}

function titleOf({ endpoint, strategy, topology, guardrails, onInconclusive }: Plan): string {
  const layout = topology === 'endpoints' ? ', one endpoint per model, split by the switch' : '';
  const guarded = `${formatCountOf(guardrails.length, 'guardrail')}, if inconclusive: ${onInconclusive}`;
  return `${endpoint}: ${strategy}${layout}, ${guarded}`;
}

/** Notes are marks: the same text at every step would hide the differences. */
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
  return seconds === null ? 'no limit' : formatDuration(seconds);
}

function hoursLine({ models, serve }: Plan, hours: InstanceHours): string {
  const { instanceType, count, candidate, both, upHours } = hours;
  if (count === null) {
    const up = rangeOf(upHours, 'h');
    const instances = `as many instances as the live baseline${serve.capacity === 'full' ? '' : ', scaled by its share'}`;
    return `The candidate runs for ${up}, on ${instances}.`;
  }
  const instances = `Up to ${count} × ${instanceType ?? "the live baseline's type"}`;
  if (models.baseline.kind === 'none') return `${instances}: ${rangeOf(candidate, 'instance-hours')}.`;
  const ofBoth = rangeOf(both, 'instance-hours');
  return `${instances} for each model: ${ofBoth} in total, ${rangeOf(candidate, 'instance-hours')} of the candidate.`;
}

function rangeOf({ earliest, latest }: Range, unit: string): string {
  const least = (earliest ?? 0).toFixed(1);
  if (latest === null) return `at least ${least} ${unit}`;
  return `${least} to ${latest.toFixed(1)} ${unit}`;
}

function cell(text: string): Cell {
  return { text };
}
