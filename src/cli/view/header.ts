/** The upper part of the view: the state of the rollout, and its reason. */
import type { LiveStatus } from '../../client.js';
import { ageOf, formatRelativeTime } from './relative-time.js';
import type { Colours } from './colours.js';
import { mirroredPercent } from './mirror.js';
import { iconOfRollout, paintIcon, weightsAgree } from './icons.js';
import { formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';
import { gateText, rollbackWindowText, watchText } from './wait-text.js';

export function renderHeader(status: LiveStatus, now: number, colours: Colours): string[] {
  const title = [
    paintIcon(iconOfRollout(status), colours),
    colours.strong(status.endpoint),
    status.strategy ?? 'strategy not known yet',
    status.outcome ?? status.phase,
  ].join('  ');
  const fields = alignColumns(
    fieldsOf(status, now, colours).map(([label, value]) => [
      { text: `  ${label}`, paint: colours.quiet },
      value,
    ]),
  );
  return [title, ...fields];
}

function fieldsOf(status: LiveStatus, now: number, colours: Colours): [string, Cell][] {
  return [
    ['Phase', { text: `${status.phase} for ${ageOf(status.phaseSince, now)}: ${status.reason}` }],
    ...stepFields(status),
    ...weightField(status, colours),
    ...waitingFields(status, now, colours),
    ...watchField(status, now, colours),
    ...(status.paused ? [field('Paused', pausedText(status), colours.warning)] : []),
    ...status.warnings.map((message) => field('Warning', message, colours.warning)),
    ...outcomeField(status, colours),
    [
      'Started',
      { text: `${ageOf(status.startedAt, now)} ago by ${status.startedBy} (${status.workflowId})` },
    ],
  ];
}

function pausedText({ endpoint }: LiveStatus): string {
  return `by an operator; \`penstock resume ${endpoint}\` continues the rollout`;
}

function stepFields({ step }: LiveStatus): [string, Cell][] {
  return step.of === 0 ? [] : [field('Step', `${step.n} of ${step.of}`)];
}

function weightField(status: LiveStatus, colours: Colours): [string, Cell][] {
  const candidate = status.variants.find(({ role }) => role === 'candidate');
  if (candidate === undefined || candidate.setWeight === null) return [];
  const copies = mirroredPercent(status, candidate);
  if (copies !== null)
    return [
      field(
        'Shadow',
        `the candidate gets copies of ${formatShare(copies)} of the requests; users do not get its responses`,
      ),
    ];
  const text = `candidate set ${formatShare(candidate.setWeight)}, actual ${formatShare(candidate.actualWeight)}`;
  return [field('Weight', text, weightsAgree(candidate) ? undefined : colours.warning)];
}

/** A hold, a gate and an open rollback window are also what the rollout waits for. Each is shown once. */
function waitingFields(status: LiveStatus, now: number, colours: Colours): [string, Cell][] {
  const { waitingFor, hold } = status;
  const until = waitingFor?.until ?? null;
  const suffix = until === null ? '' : `, until ${until} (${formatRelativeTime(until, now)})`;
  const awaited = hold === null ? suffix : '';
  const gate = gateText(status, awaited);
  const rollbackWindow = rollbackWindowText(status, awaited);
  return [
    ...(gate === null ? [] : [field('Gate', gate, colours.warning)]),
    ...(rollbackWindow === null ? [] : [field('Rollback window', rollbackWindow)]),
    ...(hold === null ? [] : [field('Holding', hold.message + suffix, colours.warning)]),
    ...(waitingFor === null || (gate ?? rollbackWindow ?? hold) !== null
      ? []
      : [field('Waiting', waitingFor.what + suffix)]),
  ];
}

function watchField({ watch }: LiveStatus, now: number, colours: Colours): [string, Cell][] {
  if (watch === null) return [];
  return [field('Watch', watchText(watch, now), watch.mode === 'overdue' ? colours.warning : undefined)];
}

function outcomeField({ execution, outcome }: LiveStatus, colours: Colours): [string, Cell][] {
  if (execution === 'terminated') {
    const text = 'none: the workflow ended abnormally, and nothing was rolled back; check the endpoint';
    return [field('Outcome', text, colours.bad)];
  }
  if (outcome === null) return [];
  return [field('Outcome', outcome, outcome === 'promoted' ? colours.good : colours.bad)];
}

function field(label: string, text: string, paint?: Cell['paint']): [string, Cell] {
  return [label, paint === undefined ? { text } : { text, paint }];
}
