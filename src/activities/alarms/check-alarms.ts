import { judgeAlarm } from '../../analysis/verdicts/judge-alarm.js';
import { judgeCandidateAlarm } from '../../analysis/verdicts/judge-candidate-alarm.js';
import type { AlarmGuardrail, CandidateAlarmGuardrail } from '../../plan/compiled/guardrail.js';
import { resourceNamesOf } from '../../plan/compiled/names.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { variantNamesOf } from '../../plan/compiled/variant-names.js';
import type { InitialEndpoint } from '../interface/endpoint.js';
import { pinnedVariants } from './alarm-metrics.js';
import type { AlarmDescription, AlarmReader } from './alarm-reader.js';
import { ruleForCandidate } from './candidate-alarms.js';
import type { CandidateVariant } from './candidate-rule.js';
import { retryableFailure } from '../temporal/failures.js';

type AlarmPlan = Pick<Plan, 'rolloutId' | 'endpoint' | 'topology' | 'models' | 'serve' | 'guardrails'>;

/**
 * Checks that each alarm exists, that none fires, and that each can see the candidate. A transient read error is retried, as
 * for every other read here.
 */
export async function checkAlarms(
  alarms: AlarmReader,
  plan: AlarmPlan,
  starting: InitialEndpoint,
): Promise<string[]> {
  const candidate = candidateOf(plan, starting);
  const findings = await Promise.all(
    plan.guardrails.map(async (guardrail) => {
      if (guardrail.kind !== 'alarm' && guardrail.kind !== 'candidateAlarm') return [];
      const description = await alarms.describeAlarm(guardrail.alarmName);
      const { reading } = description;
      if (reading.kind === 'failed' && reading.isTransient)
        throw retryableFailure(
          'Unavailable',
          `alarm ${guardrail.alarmName} cannot be read (${reading.reason})`,
        );
      return guardrail.kind === 'alarm'
        ? checkAlarm(guardrail, description, { plan, candidate })
        : checkCandidateAlarm(guardrail, description, candidate);
    }),
  );
  return findings.flat();
}

interface Sight {
  plan: AlarmPlan;
  candidate: CandidateVariant;
}

/** Insufficient data is no obstacle, because a new endpoint has no data. */
function checkAlarm(guardrail: AlarmGuardrail, description: AlarmDescription, sight: Sight): string[] {
  const { result, reason, message } = judgeAlarm(guardrail, description.reading);
  const state = result !== 'pass' && reason !== 'alarmInsufficientData' ? [message] : [];
  return [...state, ...(guardrail.asDefined === true ? [] : findBlindness(description, sight))];
}

/** SageMaker publishes the metrics of an endpoint per variant, so most alarms on them name one: the baseline's. */
function findBlindness(description: AlarmDescription, { plan, candidate }: Sight): string[] {
  if (description.kind !== 'metric') return [];
  const { alarm } = description;
  const pinned = pinnedVariants(alarm, plan.endpoint);
  if (pinned === null) return [];
  if (candidate.endpoint === plan.endpoint && pinned.includes(candidate.variant)) return [];
  const name = alarm.AlarmName ?? '';
  return [
    `alarm ${name} sees only variant ${pinned.join(' and ')}, not the candidate; write { alarm: ${name}, for: candidate }, or for: asDefined to keep it as it is`,
  ];
}

/** The candidate has no data yet, and the alarm's own state is that of another variant. */
function checkCandidateAlarm(
  guardrail: CandidateAlarmGuardrail,
  description: AlarmDescription,
  candidate: CandidateVariant,
): string[] {
  const reading =
    description.kind === 'unread'
      ? description.reading
      : ruleForCandidate(description, guardrail.endpoint, candidate);
  if (reading.kind === 'rule') return [];
  return [judgeCandidateAlarm(guardrail, reading, { sinceMs: 0, servesSinceMs: 0, dataDelayMs: 0 }).message];
}

function candidateOf(plan: AlarmPlan, starting: InitialEndpoint): CandidateVariant {
  const live = starting.kind === 'live' ? starting.variantName : null;
  return {
    endpoint:
      plan.topology === 'endpoints' ? resourceNamesOf(plan.rolloutId).candidateEndpoint : plan.endpoint,
    variant: variantNamesOf(plan, live).candidate,
  };
}
