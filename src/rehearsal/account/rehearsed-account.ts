/** The account that a rehearsal plays in: derived from the spec, read from AWS, and changed by the scenario. */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { replacedVariantOf } from '../../plan/compiled/model-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { AccountChanges, AssumedAlarm, ModelProfile, TrafficChanges } from '../scenario/scenario.js';
import { ownValue } from '../../plan/units/own-value.js';

export interface RehearsedAccount {
  source: 'defaults' | 'aws';
  /** The endpoint before the rollout. Null: it does not exist. */
  endpoint: { variantName: string; instanceType: string; instances: number } | null;
  traffic: TrafficChanges & { requestsPerSecond: number; users: number };
  overloadAbove: number | null;
  baseline: ModelProfile;
  /** The alarms that the spec names. */
  alarms: RehearsedAlarm[];
  /** Sentences on what the rehearsal assumes. */
  assumptions: string[];
}

/**
 * - `assumed`: on the failed requests of the endpoint, or of one variant if it is evaluated for the candidate.
 * - `real`: a copy of the account's alarm.
 * - `quiet`: an alarm whose metric the rehearsal does not have. It stays OK until an event of the scenario fires it.
 */
export type RehearsedAlarm = { name: string } & (
  | ({ kind: 'assumed' } & AssumedAlarm)
  | { kind: 'real'; definition: PutMetricAlarmCommandInput }
  | { kind: 'quiet' }
);

const defaults = { instances: 4, instanceType: 'ml.m5.large', requestsPerSecond: 20 };
const requestsPerUserAndDay = 10;
const secondsPerDay = 86_400;
export const defaultAlarm: AssumedAlarm = { failedRequestsAbove: 0.01 };
export const defaultBaseline: ModelProfile = { errorRate: 0.001, latencyMs: { p50: 20, p99: 60 } };

export function alarmNamesOf({ guardrails }: Pick<Plan, 'guardrails'>): string[] {
  return [...new Set(guardrails.flatMap((rule) => ('alarmName' in rule ? [rule.alarmName] : [])))];
}

/** Whether the rollout evaluates the alarm for the candidate. */
export function isForCandidate({ guardrails }: Pick<Plan, 'guardrails'>, alarmName: string): boolean {
  return guardrails.some((rule) => rule.kind === 'candidateAlarm' && rule.alarmName === alarmName);
}

/** An account that the spec would run in. */
export function defaultAccountFor(plan: Plan): RehearsedAccount {
  const { requestsPerSecond } = defaults;
  const isLive = plan.models.baseline.kind === 'live';
  const { instanceType, count } = plan.serve;
  return {
    source: 'defaults',
    endpoint: isLive
      ? {
          variantName: replacedVariantOf(plan.models.baseline) ?? 'AllTraffic',
          instanceType: instanceType ?? defaults.instanceType,
          instances: count ?? defaults.instances,
        }
      : null,
    traffic: { requestsPerSecond, users: usersAt(requestsPerSecond) },
    overloadAbove: null,
    baseline: defaultBaseline,
    alarms: alarmNamesOf(plan).map((name) => ({ name, kind: 'assumed', ...defaultAlarm })),
    assumptions: [],
  };
}

export function usersAt(requestsPerSecond: number): number {
  return Math.max(1, Math.round((requestsPerSecond * secondsPerDay) / requestsPerUserAndDay));
}

/** The account with the changes of a scenario. */
export function withChanges(account: RehearsedAccount, changes: AccountChanges): RehearsedAccount {
  const { instances, instanceType, overloadAbove, traffic = {}, baseline = {}, alarms = {} } = changes;
  const { requestsPerSecond, users } = traffic;
  const derivedUsers =
    requestsPerSecond === undefined || users !== undefined ? {} : { users: usersAt(requestsPerSecond) };
  return {
    ...account,
    endpoint: account.endpoint && {
      ...account.endpoint,
      ...(instances === undefined ? {} : { instances }),
      ...(instanceType === undefined ? {} : { instanceType }),
    },
    traffic: { ...account.traffic, ...derivedUsers, ...traffic },
    overloadAbove: overloadAbove ?? account.overloadAbove,
    baseline: profileOver(account.baseline, baseline),
    alarms: account.alarms.map((alarm) => {
      const changed = ownValue(alarms, alarm.name);
      return changed === undefined ? alarm : { name: alarm.name, kind: 'assumed', ...changed };
    }),
  };
}

/** The profile with the fields of another one over it. */
export function profileOver(below: ModelProfile, above: ModelProfile): ModelProfile {
  return {
    ...below,
    ...above,
    goals: { ...below.goals, ...above.goals },
    metrics: { ...below.metrics, ...above.metrics },
  };
}
