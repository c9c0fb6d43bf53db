/** The lower part of the view: one row per training job, variant, guardrail and running activity. */
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { LiveStatus, PendingActivity } from '../../client.js';
import type { JobStatus, VariantStatus } from '../../workflows/messages.js';
import { ageOf, formatRelativeTime } from './relative-time.js';
import type { Colours, Paint } from './colours.js';
import { mirroredPercent } from './mirror.js';
import * as icons from './icons.js';
import { formatCountOf, formatLatency, formatShare } from './numbers.js';
import { alignColumns, type Cell } from './table.js';

interface TreeRow {
  icon: icons.Icon;
  name: string;
  kind: string;
  status: string;
  /** ISO 8601: the time of the row's data. Null if unknown. */
  since: string | null;
  info: string;
  paint?: Paint;
}

export function renderTree(status: LiveStatus, now: number, colours: Colours): string[] {
  const children = rowsOf(status, now, colours);
  const [first, ...rest] = alignColumns([
    ['NAME', 'KIND', 'STATUS', 'AGE', 'INFO'].map((text) => ({ text, paint: colours.quiet })),
    cellsOf(rootRow(status), '', now, colours),
    ...children.map((row, i) => cellsOf(row, i === children.length - 1 ? '└─ ' : '├─ ', now, colours)),
  ]);
  return [first ?? '', ...rest];
}

function rowsOf(status: LiveStatus, now: number, colours: Colours): TreeRow[] {
  return [
    ...status.jobs.map((job) => jobRow(job)),
    ...status.variants.map((variant) => variantRow(variant, status, colours)),
    ...status.verdicts.map((verdict) => guardrailRow(verdict)),
    ...status.pending.map((each) => activityRow(each, now)),
  ];
}

function rootRow(status: LiveStatus): TreeRow {
  return {
    icon: icons.iconOfRollout(status),
    name: status.endpoint,
    kind: 'rollout',
    status: status.outcome ?? status.phase,
    since: status.startedAt,
    info: status.rolloutId ?? '',
  };
}

function jobRow(job: JobStatus): TreeRow {
  const { jobName, role, state, message } = job;
  return {
    icon: icons.iconOfJob(job),
    name: jobName,
    kind: 'training',
    status: state,
    since: null,
    info: `${role}: ${message}`,
  };
}

function variantRow(variant: VariantStatus, status: LiveStatus, colours: Colours): TreeRow {
  const { role, name } = variant;
  return {
    icon: icons.weightsAgree(variant) ? '✔' : '◌',
    name,
    kind: 'variant',
    status: role,
    since: status.observation?.at ?? null,
    info: variantInfo(variant, mirroredPercent(status, variant)),
    paint: role === 'baseline' ? colours.stable : colours.candidate,
  };
}

function variantInfo(variant: VariantStatus, copies: number | null): string {
  const { setWeight, actualWeight, count, requests, errors, p99Ms, modelName, version } = variant;
  const facts = [
    copies === null
      ? `set ${formatShare(setWeight)}, actual ${formatShare(actualWeight)}`
      : `copies of ${formatShare(copies)}`,
  ];
  if (count !== null) facts.push(formatCountOf(count, 'instance'));
  if (requests !== null) facts.push(formatCountOf(requests, 'request'));
  if (errors !== null) facts.push(formatCountOf(errors, 'error'));
  if (p99Ms !== null) facts.push(`p99 ${formatLatency(p99Ms)}`);
  if (modelName !== null) facts.push(`model ${modelName}`);
  if (version !== null) facts.push(`version ${versionName(version)}`);
  return facts.join(', ');
}

/** `GROUP/VERSION`: an ARN ends with both. */
function versionName(arn: string): string {
  return arn.slice(arn.indexOf('/') + 1);
}

function guardrailRow(verdict: Verdict): TreeRow {
  const { guardrail, result, message, evidence } = verdict;
  return {
    icon: icons.iconOfVerdict(verdict),
    name: guardrail,
    kind: guardrail.startsWith('goal:') ? 'goal' : 'guardrail',
    status: result,
    since: evidence.to,
    info: [message, ...notesOn(verdict)].join('; '),
  };
}

/** Exclusions for other reasons occur at every change of the share, so they are not noted. */
const words = { missing: 'without data', impossible: 'with contradicting data', drift: 'during drift' };
const notedReasons = Object.keys(words) as (keyof typeof words)[];

/** Notes after the message of a comparison: the excluded windows. */
export function notesOn({ evidence: { comparison } }: Verdict): string[] {
  if (comparison === undefined) return [];
  const { exclusions } = comparison;
  const counts = notedReasons.flatMap((reason) => {
    const windows = exclusions?.counts[reason] ?? 0;
    return windows === 0 ? [] : [`${windows} ${words[reason]}`];
  });
  return counts.length === 0 ? [] : [`excluded windows: ${counts.join(', ')}`];
}

function activityRow(pending: PendingActivity, now: number): TreeRow {
  const { activity, attempt, message, nextTryAt, failureType, isRepeated } = pending;
  const failure = icons.isFailing(pending) ? `${failureType}: ` : '';
  const next = nextTryAt === null ? 'running now' : `next attempt ${formatRelativeTime(nextTryAt, now)}`;
  return {
    icon: icons.iconOfActivity(pending),
    name: activity,
    kind: 'activity',
    status: `attempt ${attempt}`,
    since: null,
    // A repeated message is shown in the rows of its jobs or verdicts.
    info: message === null || isRepeated ? next : `${failure}${message}; ${next}`,
  };
}

function cellsOf(row: TreeRow, branch: string, now: number, colours: Colours): Cell[] {
  const { icon, name, kind, status, since, info, paint } = row;
  const nameText = `${branch}${icon} ${name}`;
  const painted = `${branch}${icons.paintIcon(icon, colours)} ${paint === undefined ? name : paint(name)}`;
  return [
    { text: nameText, paint: () => painted },
    { text: kind },
    { text: status },
    { text: since === null ? '' : ageOf(since, now) },
    { text: info },
  ];
}
