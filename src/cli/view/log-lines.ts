/** What is worth a line in a log: a status as sentences by subject, and those that have changed since the last. */
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
  // While something holds the rollout, or a gate, that is also what it waits for.
  else if (status.waitingFor !== null && gate === null)
    facts.set('waiting', describeWaiting(status.waitingFor));
  for (const { jobName, state, message } of status.jobs)
    facts.set(jobName, `${jobName} ${state}: ${message}`);
  for (const verdict of status.verdicts) {
    const { guardrail, message } = verdict;
    facts.set(`guardrail ${guardrail}`, `${iconOfVerdict(verdict)} ${guardrail}: ${message}`);
  }
  for (const work of status.pending.filter(isFailing)) {
    const { activity, failureType, message } = work;
    facts.set(`trouble ${activity}`, `⚠ ${activity} is retried after ${failureType}: ${message}`);
  }
  return facts;
}

/** Sentences that are new or different, and what no longer holds the rollout back. */
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
