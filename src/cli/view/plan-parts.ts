/** The parts of a plan after its steps: gates, goals, rollback window, freezes and notifications. */
import { environmentNames, type AwsMembers } from '../../plan/compiled/aws-members.js';
import { formatDuration } from '../../plan/units/durations.js';
import { type ReceiverAddress, notificationEvents, type Channel } from '../../plan/compiled/notifications.js';
import type { Gate } from '../../plan/compiled/gate.js';
import { defaultCap, type CapRule, type Goal } from '../../plan/compiled/goal.js';
import { isMade, replacedVariantOf, type LifeCycleStage } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Step } from '../../plan/compiled/step.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import { calendarText } from './calendar-text.js';
import { formatShare } from './numbers.js';
import { alignColumns } from './table.js';

/** Each part with its title. Empty parts are omitted. */
export function renderParts(plan: Plan): string[] {
  return [
    ...part('Model registry', registryCells(plan)),
    ...part('Gates', plan.steps.flatMap(gateCells)),
    ...part('Decision of the experiment', experimentCells(plan)),
    ...part('Settings of SageMaker', settingsCells(plan)),
    ...part('Rollback window', windowCells(plan)),
    ...part('Replaced variant', replacedCells(plan)),
    ...part("Name of the candidate's variant", [
      [plan.serve.variantNames?.kind ?? 'perRollout', nameText(plan)],
    ]),
    ...part(
      'Freeze windows (rollbacks are always allowed)',
      plan.freeze.map((rule) => [calendarText(rule)]),
    ),
    ...part(
      'Notifications',
      plan.notify.map((channel) => [eventsText(channel), channelText(channel)]),
    ),
  ];
}

function part(title: string, rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => row.map((text, i) => ({ text: i === 0 ? `  ${text}` : text })));
  return ['', title, ...alignColumns(cells)];
}

function registryCells({ models: { candidate }, writeBack }: Plan): string[][] {
  if (writeBack === null) return [];
  const { promoted, rolledBack, rejectRolledBack } = writeBack;
  const chosen =
    candidate.kind === 'group'
      ? [['candidate', `the newest approved version of ${candidate.group}, chosen once, at the start`]]
      : [];
  const rejected = rejectRolledBack ? ['approval status Rejected'] : [];
  return [
    ...chosen,
    ['if promoted', ['marks of the rollout', ...stageText(promoted)].join(', ')],
    ['if rolled back', ['marks of the rollout', ...stageText(rolledBack), ...rejected].join(', ')],
  ];
}

function stageText(stage: LifeCycleStage | null): string[] {
  return stage === null ? [] : [`stage ${stage.stage}: ${stage.status}`];
}

function gateCells(step: Step): string[][] {
  if (step.kind !== 'gate') return [];
  const { id, withinSeconds } = step.gate;
  const within =
    withinSeconds === null
      ? 'no time limit'
      : `rolls back as inconclusive after ${formatDuration(withinSeconds)}`;
  return [[id, openedBy(step.gate), within]];
}

function openedBy(gate: Gate): string {
  switch (gate.kind) {
    case 'manual':
      return 'an operator promotes';
    case 'approval': {
      const people = gate.people === 1 ? 'one person approves' : `${gate.people} different people approve`;
      return `${people}${gate.allowStarter ? '' : ', not the starter'}${gate.verified ? ', with verified signatures' : ''}`;
    }
    case 'webhook':
      return `${addressText(gate.address)} answers yes, polled every ${formatDuration(gate.everySeconds)}`;
    case 'hours':
      return gate.open.map(calendarText).join('; ');
  }
}

function experimentCells({ goals, steps, onInconclusive }: Plan): string[][] {
  const rows = goals.map((goal) => [goal.label, goalText(goal)]);
  const adapting = steps.flatMap((step) => (step.kind === 'experiment' && step.adapt ? [step.adapt] : []));
  const splits = adapting.map(({ everySeconds, floor, cap, maxStep }) => [
    'split',
    `chosen every ${formatDuration(everySeconds)}: ${formatShare(floor)} to ${formatShare(cap)} for the candidate, max change ${formatShare(maxStep)}`,
  ]);
  const undecided = rows.length === 0 ? [] : [['if undecided at the end', undecidedText(onInconclusive)]];
  return [...rows, ...splits, ...undecided];
}

function goalText({ kind, higherIsBetter, trials, cap = defaultCap }: Goal): string {
  const measure = kind === 'mean' ? 'mean of a value' : 'rate';
  const capped = kind === 'mean' ? `, ${capText(cap)}` : '';
  return `${higherIsBetter ? 'higher' : 'lower'} is better; ${measure} over ${trials.name}${capped}`;
}

function capText(cap: CapRule): string {
  return cap.kind === 'value'
    ? `values capped at ${cap.value}`
    : `values capped at the percentile ${cap.percent} % of the first day`;
}

function undecidedText(onInconclusive: Plan['onInconclusive']): string {
  switch (onInconclusive) {
    case 'hold':
      return 'holds until an operator decides';
    case 'rollBack':
      return 'rolls back';
    case 'promote':
      return 'promotes';
  }
}

/** Names only: values of environment variables can be secrets. */
function settingsCells({ models, serve }: Plan): string[][] {
  const ofModels = (['baseline', 'candidate'] as const).flatMap((role) => {
    const model = models[role];
    const training = model.kind === 'train' ? model.training.settings : undefined;
    const created = isMade(model) ? model.settings : undefined;
    return [
      [`training of the ${role}`, training],
      [`model of the ${role}`, created],
    ] as const;
  });
  return [...ofModels, ['new variants', serve.variant] as const].flatMap(([what, settings]) =>
    settings === undefined ? [] : [[what, [...Object.keys(settings), ...variablesText(settings)].join(', ')]],
  );
}

/** The values of the variables can be secret. */
function variablesText(settings: AwsMembers): string[] {
  const names = environmentNames(settings);
  return names.length === 0 ? [] : [`environment: ${names.join(', ')}`];
}

function windowCells({ rollbackWindow }: Plan): string[][] {
  if (!rollbackWindow) return [];
  const { seconds, baseline } = rollbackWindow;
  const kept =
    baseline === 'warm' ? 'all its instances, undo is immediate' : 'one instance, undo first scales it out';
  return [[`${formatDuration(seconds)} for penstock undo; the baseline keeps ${kept}`]];
}

function replacedCells({ models }: Plan): string[][] {
  const replaced = replacedVariantOf(models.baseline);
  if (replaced === null) return [];
  return [
    [`${replaced}; shares are percentages of its traffic, and other variants of the endpoint keep theirs`],
  ];
}

/** The name of a live baseline is not known here, unless the spec names the variant to replace. */
function nameText(plan: Plan): string {
  const { variantNames } = plan.serve;
  const ofRollout = 'b- and the last 8 digits of the rollout id';
  if (variantNames?.kind === 'stable' && plan.models.baseline.kind !== 'none')
    return plan.topology === 'endpoints'
      ? "the baseline's; a promotion keeps it"
      : `${ofRollout}; a promotion gives it the baseline's`;
  if (variantNames?.kind !== 'alternate') return `${ofRollout}; a promotion keeps it`;
  const replaced = replacedVariantOf(plan.models.baseline);
  if (plan.models.baseline.kind !== 'live' || replaced !== null)
    return `${variantNamesOf(plan, replaced).candidate}; a promotion keeps it`;
  const [first, second] = variantNames.names;
  return `${first}, or ${second} if the baseline is ${first}; a promotion keeps it`;
}

function eventsText({ notificationEvents: chosen }: Channel): string {
  return chosen.length === notificationEvents.length ? 'all events' : chosen.join(', ');
}

function channelText(channel: Channel): string {
  if (channel.kind === 'sns') return `sns ${channel.topicArn}`;
  return `${channel.kind} ${addressText(channel.address)}`;
}

/** Only the host: the path or query of a URL may contain a secret. */
function addressText(address: ReceiverAddress): string {
  return 'env' in address ? `at $${address.env}` : new URL(address.url).host;
}
