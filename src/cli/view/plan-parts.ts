/** What a plan has besides its steps: gates, goals, the way back, freezes, and who is told. */
import { formatDuration } from '../../plan/units/durations.js';
import { type ReceiverAddress, notificationEvents, type Channel } from '../../plan/compiled/notifications.js';
import type { Gate } from '../../plan/compiled/gate.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Step } from '../../plan/compiled/step.js';
import { calendarText } from './calendar-text.js';
import { formatShare } from './numbers.js';
import { alignColumns } from './table.js';

/** Each part with its title; what a plan does not have is left out. */
export function renderParts(plan: Plan): string[] {
  return [
    ...part('Gates', plan.steps.flatMap(gateCells)),
    ...part('The experiment is decided by', experimentCells(plan)),
    ...part('The way back after the promotion', windowCells(plan)),
    ...part(
      'Nothing advances (a way back always may)',
      plan.freeze.map((rule) => [calendarText(rule)]),
    ),
    ...part(
      'Notifications',
      plan.notify.map((channel) => [occasionsText(channel), channelText(channel)]),
    ),
  ];
}

function part(title: string, rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })));
  return ['', title, ...alignColumns(cells)];
}

function gateCells(step: Step): string[][] {
  if (step.kind !== 'gate') return [];
  const { id, withinSeconds } = step.gate;
  const within =
    withinSeconds === null
      ? 'waits as long as it takes'
      : `rolls back as inconclusive after ${formatDuration(withinSeconds)}`;
  return [[id, openedBy(step.gate), within]];
}

function openedBy(gate: Gate): string {
  switch (gate.kind) {
    case 'manual':
      return 'somebody promotes';
    case 'approval': {
      const people = gate.people === 1 ? 'one person approves' : `${gate.people} different people approve`;
      return `${people}${gate.allowStarter ? '' : ', not the one who started it'}${gate.verified ? ', with their signatures' : ''}`;
    }
    case 'webhook':
      return `${addressText(gate.address)} says yes, asked every ${formatDuration(gate.everySeconds)}`;
    case 'hours':
      return gate.open.map(calendarText).join('; ');
  }
}

function experimentCells({ goals, steps, onInconclusive }: Plan): string[][] {
  const rows = goals.map((goal) => [goal.label, goalText(goal)]);
  const adapting = steps.flatMap((step) => (step.kind === 'experiment' && step.adapt ? [step.adapt] : []));
  const splits = adapting.map(({ everySeconds, floor, cap, maxStep }) => [
    'split',
    `chosen every ${formatDuration(everySeconds)}, ${formatShare(floor)} to ${formatShare(cap)} for the candidate, by ${formatShare(maxStep)} at most`,
  ]);
  const undecided = rows.length === 0 ? [] : [['undecided at the end', undecidedText(onInconclusive)]];
  return [...rows, ...splits, ...undecided];
}

function goalText({ kind, higherIsBetter, trials }: Goal): string {
  const what = kind === 'mean' ? 'mean of a value' : 'rate';
  return `${higherIsBetter ? 'higher' : 'lower'} is better; ${what}, counted among ${trials.name}`;
}

function undecidedText(onInconclusive: Plan['onInconclusive']): string {
  switch (onInconclusive) {
    case 'hold':
      return 'holds until somebody decides';
    case 'rollBack':
      return 'rolls back';
    case 'promote':
      return 'promotes';
  }
}

function windowCells({ rollbackWindow }: Plan): string[][] {
  if (!rollbackWindow) return [];
  const { seconds, baseline } = rollbackWindow;
  const kept = baseline === 'warm' ? 'warm, undo is immediate' : 'on one instance, undo waits for more';
  return [[`penstock undo, for ${formatDuration(seconds)}; the baseline is kept ${kept}`]];
}

function occasionsText({ notificationEvents: told }: Channel): string {
  return told.length === notificationEvents.length ? 'everything' : told.join(', ');
}

function channelText(channel: Channel): string {
  if (channel.kind === 'sns') return `sns ${channel.topicArn}`;
  return `${channel.kind} ${addressText(channel.address)}`;
}

/** A URL may hold a secret in its path or query: its host says enough. */
function addressText(address: ReceiverAddress): string {
  return 'env' in address ? `at $${address.env}` : new URL(address.url).host;
}
