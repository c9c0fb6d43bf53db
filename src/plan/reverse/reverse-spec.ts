/** The spec of a rollout the other way: from what a plan brought into service to what served before it. Pure. */
import { formatDuration } from '../units/durations.js';
import { type ReceiverAddress, type Channel, notificationEvents } from '../compiled/notifications.js';
import type { Guardrail } from '../compiled/guardrail.js';
import type { Plan } from '../compiled/plan.js';
import { formatPercent } from '../units/percents.js';
import { defaultJudging } from '../compiled/goal.js';
import { reverseGuardrails } from './reverse-guardrails.js';

/** What served before the rollout: its SageMaker model, and what it ran on; null where that is the plan's own choice. */
export interface PreviousModel {
  modelName: string;
  instances: { type: string; count: number } | null;
}

export const reverseStrategies = ['standard', 'canary'] as const;
export type ReverseStrategy = (typeof reverseStrategies)[number];

/** Enough to see that the former model still answers; what it answers is known from its time in service. */
const maxSmokeRequests = 3;
const minBakeSeconds = 600;

/**
 * Spec JSON that validates. Left out on purpose: gates and freezes, for they keep people waiting who want to go back;
 * goals and answers that the other model was to give.
 */
export function reverseSpec(plan: Plan, former: PreviousModel, strategy: ReverseStrategy): object {
  const serve = reverseServe(plan, former);
  const smoke = smokeRequestsOf(plan);
  return {
    apiVersion: 'penstock/v1',
    endpoint: plan.endpoint,
    models: { baseline: 'live', candidate: { model: former.modelName } },
    ...(Object.keys(serve).length > 0 && { serve }),
    ...(smoke.length > 0 && { validate: { smoke } }),
    strategy: strategyOf(strategy, formatDuration(bakeSecondsFor(plan.guardrails))),
    guardrails: reverseGuardrails(plan),
    ...reverseJudging(plan),
    onInconclusive: onInconclusiveOf(plan),
    ...(plan.drift !== 'hold' && { drift: plan.drift }),
    ...(plan.notify.length > 0 && { notify: plan.notify.map(writeChannel) }),
  };
}

/** As many instances as are live now, unless they are of another type: how many of that are enough is not known then. */
function reverseServe(plan: Plan, { instances }: PreviousModel): object {
  const { instanceType, metricPeriodSeconds, capacity } = plan.serve;
  const moved = instances !== null && instanceType !== null && instances.type !== instanceType;
  return {
    ...(moved && { instance: instances.type, count: instances.count }),
    ...(plan.topology !== 'variants' && { topology: plan.topology }),
    ...(capacity !== 'scaleCandidate' && { capacity }),
    ...(metricPeriodSeconds !== 60 && { metricsEvery: formatDuration(metricPeriodSeconds) }),
  };
}

function smokeRequestsOf({ validation }: Plan): object[] {
  const requests = [...(validation?.smoke?.requests ?? []), ...(validation?.golden?.records ?? [])];
  return requests.slice(0, maxSmokeRequests).map(({ body, contentType }) => ({ body, contentType }));
}

/** Every guardrail's window has to fit. */
function bakeSecondsFor(guardrails: Guardrail[]): number {
  const windows = guardrails.map((rule) => (rule.kind === 'alarm' ? 0 : rule.windowSeconds));
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

/** Without goals, what was allowed them says nothing. */
function reverseJudging({ judging = defaultJudging }: Plan): object {
  const { falseAlarmPercent } = judging;
  if (falseAlarmPercent === defaultJudging.falseAlarmPercent) return {};
  return { judging: { falseAlarms: formatPercent(falseAlarmPercent) } };
}

/** Only an experiment can promote without having been decided. */
function onInconclusiveOf({ onInconclusive, limits }: Plan): string | object {
  return onInconclusive === 'rollBack' ? { rollBack: { after: formatDuration(limits.holdSeconds) } } : 'hold';
}

function writeChannel(channel: Channel): object {
  const told = channel.notificationEvents;
  return { ...writeReceiver(channel), ...(told.length < notificationEvents.length && { on: told }) };
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
