/** The assumptions of a rehearsal about the account and its people, as sentences. */
import type { Role } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { formatDuration } from '../../plan/units/durations.js';
import {
  isForCandidate,
  profileOver,
  type RehearsedAccount,
  type RehearsedAlarm,
} from '../account/rehearsed-account.js';
import { ruleMetricsOf } from '../account/rule-metrics.js';
import type { PeopleSetting, Scenario } from '../scenario/scenario.js';

export function assumptionsOf({
  account,
  plan,
  scenario,
}: {
  account: RehearsedAccount;
  plan: Plan;
  scenario: Scenario;
}): string[] {
  const profiles: Record<Role, typeof account.baseline> = {
    baseline: account.baseline,
    candidate: profileOver(account.baseline, scenario.candidate),
  };
  const metrics = (['baseline', 'candidate'] as const).flatMap(
    (role) => ruleMetricsOf(plan, role, profiles[role], plan.rolloutId).assumptions,
  );
  return [
    ...new Set([
      endpointText(account),
      ...account.assumptions,
      ...account.alarms.flatMap((alarm) => alarmText(alarm, plan)),
      ...metrics,
      ...peopleTexts(plan, scenario.people),
    ]),
  ];
}

function endpointText({ source, endpoint, traffic }: RehearsedAccount): string {
  const { requestsPerSecond, users } = traffic;
  const instances =
    endpoint === null
      ? 'does not exist yet'
      : `${endpoint.instances} ${endpoint.instanceType}${source === 'aws' ? ', as in AWS' : ''}`;
  const rate = Number(requestsPerSecond.toPrecision(3)).toLocaleString('en-US');
  return `endpoint: ${instances}; ${rate} requests a second of ${users.toLocaleString('en-US')} users`;
}

function alarmText(alarm: RehearsedAlarm, plan: Plan): string[] {
  if (alarm.kind === 'real') return [];
  if (alarm.kind === 'quiet')
    return [`alarm ${alarm.name}: stays OK, because the rehearsal does not have its metric`];
  const percent = Number((100 * alarm.failedRequestsAbove).toFixed(4));
  const requests = isForCandidate(plan, alarm.name) ? "the candidate's requests" : 'all requests';
  return [`alarm ${alarm.name}: fires if more than ${percent} % of ${requests} fail in 2 of 3 minutes`];
}

function peopleTexts({ steps, registration }: Plan, people: PeopleSetting): string[] {
  const gates = steps.flatMap((step) => (step.kind === 'gate' ? [step.gate.kind] : []));
  const needsPeople =
    gates.includes('manual') || gates.includes('approval') || registration?.approval === 'manual';
  const { approveAfter, webhookAnswer, webhookAfter } = people;
  const approval = approveAfter === null ? 'never approve' : `approve after ${formatDuration(approveAfter)}`;
  return [
    ...(needsPeople ? [`people: ${approval}`] : []),
    ...(gates.includes('webhook')
      ? [`webhook gates: answer ${webhookAnswer} ${formatDuration(webhookAfter)} after the first request`]
      : []),
  ];
}
