/** The spec of a rollout back to the model that served before a plan's rollout. Pure. */
import { formatDuration } from '../units/durations.js';
import { type ReceiverAddress, type Channel, notificationEvents } from '../compiled/notifications.js';
import { isWindowed, type Guardrail } from '../compiled/guardrail.js';
import type { VariantNaming } from '../compiled/model-plan.js';
import type { Plan } from '../compiled/plan.js';
import { defaultNamingOf } from '../compiled/variant-names.js';
import { formatPercent } from '../units/percents.js';
import { defaultJudging } from '../compiled/goal.js';
import { reverseGuardrails } from './reverse-guardrails.js';

/** The model that served before the rollout. */
export interface PreviousModel {
  modelName: string;
  /** Null: the plan did not change the instances. */
  instances: { type: string; count: number } | null;
  /** The variant that serves since the promotion, beside others. Null: it is the only one. */
  replaces: string | null;
}

export const reverseStrategies = ['standard', 'canary'] as const;
export type ReverseStrategy = (typeof reverseStrategies)[number];

/** Enough to check that the previous model still responds. Its responses are known from its time in service. */
const maxSmokeRequests = 3;
const minBakeSeconds = 600;

/**
 * Spec JSON that validates. Omitted on purpose: gates and freezes, because they delay the rollback; goals and golden
 * responses, because they belong to the other model.
 */
export function reverseSpec(plan: Plan, previous: PreviousModel, strategy: ReverseStrategy): object {
  const serve = reverseServe(plan, previous);
  const smoke = smokeRequestsOf(plan);
  return {
    apiVersion: 'penstock/v1',
    endpoint: plan.endpoint,
    models: { baseline: baselineOf(previous), candidate: { model: previous.modelName } },
    ...(Object.keys(serve).length > 0 && { serve }),
    ...(smoke.length > 0 && { validate: { smoke } }),
    strategy: strategyOf(strategy, formatDuration(bakeSecondsFor(plan.guardrails))),
    guardrails: reverseGuardrails(plan),
    ...reverseJudging(plan),
    onInconclusive: onInconclusiveOf(plan),
    ...(plan.onBlocked.kind === 'rollBack' && {
      onBlocked: { rollBack: { after: formatDuration(plan.onBlocked.afterSeconds) } },
    }),
    ...(plan.drift !== 'hold' && { drift: plan.drift }),
    ...(plan.notify.length > 0 && { notify: plan.notify.map(writeChannel) }),
  };
}

function baselineOf({ replaces }: PreviousModel): 'live' | { variant: string } {
  return replaces === null ? 'live' : { variant: replaces };
}

/** As many instances as are live now. If the instance type differs, the previous type and count. */
function reverseServe(plan: Plan, { instances, replaces }: PreviousModel): object {
  const { instanceType, metricPeriodSeconds, capacity, variantNames = { kind: 'perRollout' } } = plan.serve;
  const differs = instances !== null && instanceType !== null && instances.type !== instanceType;
  return {
    ...(differs && { instance: instances.type, count: instances.count }),
    ...(plan.topology !== 'variants' && { topology: plan.topology }),
    ...(capacity !== 'scaleCandidate' && { capacity }),
    ...(variantNames.kind !== defaultNamingOf(replaces).kind && { variantNames: writeNaming(variantNames) }),
    ...(metricPeriodSeconds !== 60 && { metricsEvery: formatDuration(metricPeriodSeconds) }),
  };
}

function writeNaming(naming: VariantNaming): string | object {
  return naming.kind === 'alternate' ? { alternate: naming.names } : naming.kind;
}

function smokeRequestsOf({ validation }: Plan): object[] {
  const requests = [...(validation?.smoke?.requests ?? []), ...(validation?.golden?.records ?? [])];
  return requests.slice(0, maxSmokeRequests).map(({ body, contentType, targetModel }) => ({
    ...{ body, contentType },
    ...(targetModel === undefined ? {} : { targetModel }),
  }));
}

/** A bake has room for the window of every guardrail. */
function bakeSecondsFor(guardrails: Guardrail[]): number {
  const windows = guardrails.map((rule) => (isWindowed(rule) ? rule.windowSeconds : 0));
  return Math.max(minBakeSeconds, ...windows);
}

function strategyOf(name: ReverseStrategy, bake: string): object {
  switch (name) {
    case 'standard':
      return { standard: { bake } };
    case 'canary':
      return { canary: { steps: ['10%', '50%'], bake } };
  }
}

/** The reverse spec has no goals, so it keeps only the false-alarm rate. */
function reverseJudging({ judging = defaultJudging }: Plan): object {
  const { falseAlarmPercent } = judging;
  if (falseAlarmPercent === defaultJudging.falseAlarmPercent) return {};
  return { judging: { falseAlarms: formatPercent(falseAlarmPercent) } };
}

/** `promote` is allowed only with an experiment, so it becomes `hold`. */
function onInconclusiveOf({ onInconclusive, limits }: Plan): string | object {
  return onInconclusive === 'rollBack' ? { rollBack: { after: formatDuration(limits.holdSeconds) } } : 'hold';
}

function writeChannel(channel: Channel): object {
  const events = channel.notificationEvents;
  return { ...writeReceiver(channel), ...(events.length < notificationEvents.length && { on: events }) };
}

function writeReceiver(channel: Channel): object {
  switch (channel.kind) {
    case 'sns':
      return { sns: channel.topicArn };
    case 'slack':
      return { slack: writeAddress(channel.address) };
    case 'webhook': {
      const { address, secretEnv } = channel;
      return { webhook: { ...writeAddress(address), ...(secretEnv !== null && { secretEnv }) } };
    }
  }
}

function writeAddress(address: ReceiverAddress): object {
  return 'url' in address ? { url: address.url } : { urlEnv: address.env };
}
