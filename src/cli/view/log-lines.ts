/** A status as log lines by subject, and the lines that changed since the last status. */
import type { LiveStatus } from '../../client.js';
import { mirroredPercent } from './mirror.js';
import { iconOfVerdict, isFailing } from './icons.js';
import { formatShare } from './numbers.js';
import { gateText } from './wait-text.js';

export type Facts = ReadonlyMap<string, string>;

export function logLinesOf(status: LiveStatus): Facts {
  const facts = new Map<string, string>();
  facts.set('phase', `${status.phase}: ${status.reason}`);
  if (status.step.n > 0) facts.set('step', `step ${status.step.n} of ${status.step.of}`);
  const candidate = status.variants.find(({ role }) => role === 'candidate');
  if (candidate !== undefined && candidate.setWeight !== null) {
    const { setWeight, actualWeight } = candidate;
    const copies = mirroredPercent(status, candidate);
    facts.set(
      'weight',
      copies === null
        ? `candidate set ${formatShare(setWeight)}, actual ${formatShare(actualWeight)}`
        : `candidate gets copies of ${formatShare(copies)}`,
    );
  }
  const gate = gateText(status, '');
  if (gate !== null) facts.set('gate', `gate ${gate}`);
  if (status.paused) facts.set('paused', 'paused');
  if (status.hold !== null) facts.set('holding', `holding: ${status.hold.message}`);
  // A hold or a gate is also what the rollout waits for.
  else if (status.waitingFor !== null && gate === null)
    facts.set('waiting', describeWaiting(status.waitingFor));
  for (const message of status.warnings) facts.set(`warning ${message}`, `⚠ ${message}`);
  for (const { jobName, state, message } of status.jobs)
    facts.set(jobName, `${jobName} ${state}: ${message}`);
  for (const verdict of status.verdicts) {
    const { guardrail, message } = verdict;
    facts.set(`guardrail ${guardrail}`, `${iconOfVerdict(verdict)} ${guardrail}: ${message}`);
  }
  for (const { activity, failureType, message } of status.pending.filter(isFailing)) {
    facts.set(`failing ${activity}`, `⚠ ${activity} is retried after ${failureType}: ${message}`);
  }
  return facts;
}

/** New and changed lines, and the end of a pause or a hold. */
export function changedFacts(before: Facts, after: Facts): string[] {
  const changed = [...after].filter(([subject, message]) => before.get(subject) !== message);
  const lifted = ['paused', 'holding'].filter((subject) => before.has(subject) && !after.has(subject));
  return [
    ...lifted.map((subject) => `no longer ${before.get(subject)}`),
    ...changed.map(([, message]) => message),
  ];
}

function describeWaiting({ what, until }: NonNullable<LiveStatus['waitingFor']>): string {
  return `waiting for ${what}${until === null ? '' : `, until ${until}`}`;
}
