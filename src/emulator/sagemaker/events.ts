import { z } from 'zod';
import type { AccountState } from '../account/account-state.js';
import { applyScalingRule, endScalingRule } from '../application-auto-scaling/apply-scaling-rule.js';
import { setStatus } from './endpoints/changes.js';
import { findEndpoint } from './endpoints/endpoints.js';
import { rememberPrevious } from './endpoints/endpoint-view.js';
import { loseInstances } from './endpoints/instance-loss.js';
import { startSystemUpdate } from './endpoints/system-updates.js';
import { requireTrainingJob } from './training/training-jobs.js';
import { interruptTraining } from './training/training-progress.js';
import { validationError } from '../http/service-error.js';

const name = z.string().min(1);
const count = z.int().min(0);

/** Events in SageMaker without a caller, and settings that can change at run time. */
export const sageMakerEvent = z.discriminatedUnion('event', [
  /** Maintenance: the endpoint is SystemUpdating. Default duration: that of the pace. */
  z.strictObject({
    event: z.literal('systemUpdate'),
    endpoint: name,
    seconds: z.number().positive().optional(),
  }),
  /** Sets the endpoint OutOfService, or InService again. */
  z.strictObject({ event: z.literal('outOfService'), endpoint: name, on: z.boolean() }),
  /** Instances of a variant fail and are replaced. Default delay: the duration of scaling. */
  z.strictObject({
    event: z.literal('loseInstances'),
    endpoint: name,
    variant: name,
    count: z.int().min(1),
    seconds: z.number().positive().optional(),
  }),
  /** Registers a variant in Application Auto Scaling, with a target tracking policy on the invocations per instance. */
  z.strictObject({
    event: z.literal('scaling'),
    endpoint: name,
    variant: name,
    targetInvocationsPerInstance: z.number().positive(),
    minCount: count,
    maxCount: count,
    cooldownSeconds: z.int().min(0).exactOptional(),
  }),
  z.strictObject({ event: z.literal('stopScaling'), endpoint: name, variant: name }),
  /** A limit such as `ml.m5.large for endpoint usage`. Null: no limit. */
  z.strictObject({ event: z.literal('instanceLimit'), limit: name, instances: count.nullable() }),
  /** Instances that the region can still provide. Null: any number. */
  z.strictObject({ event: z.literal('capacity'), instanceType: name, instances: count.nullable() }),
  z.strictObject({ event: z.literal('staleReads'), ms: z.number().min(0) }),
  /** A spot job loses its instances. */
  z.strictObject({ event: z.literal('interruptTraining'), job: name }),
]);
export type SageMakerEvent = z.input<typeof sageMakerEvent>;

/** Throws the error of the service if the event is impossible, such as maintenance of a busy endpoint. */
export function applySageMakerEvent(account: AccountState, given: SageMakerEvent): void {
  const event = sageMakerEvent.parse(given);
  switch (event.event) {
    case 'systemUpdate':
      return startSystemUpdate(account, findEndpoint(account, event.endpoint), milliseconds(event.seconds));
    case 'outOfService':
      return setOutOfService(account, event.endpoint, event.on);
    case 'loseInstances': {
      const replacedMs = milliseconds(event.seconds) ?? account.pace.drawMs('scaling');
      return loseInstances(
        account,
        findEndpoint(account, event.endpoint),
        event.variant,
        event.count,
        replacedMs,
      );
    }
    case 'scaling':
      return applyScalingRule(account, event);
    case 'stopScaling':
      return endScalingRule(account, event);
    case 'instanceLimit':
      return set(account.sageMaker.instanceLimits, event.limit, event.instances);
    case 'capacity':
      return set(account.sageMaker.capacity, event.instanceType, event.instances);
    case 'staleReads':
      account.sageMaker.staleReads.lagMs = event.ms;
      return;
    case 'interruptTraining':
      return interruptTraining(account, requireTrainingJob(account, event.job));
  }
}

function setOutOfService(account: AccountState, endpointName: string, on: boolean): void {
  const endpoint = findEndpoint(account, endpointName);
  const [from, to] = on ? (['InService', 'OutOfService'] as const) : (['OutOfService', 'InService'] as const);
  if (endpoint.status !== from) throw validationError(`Endpoint "${endpoint.arn}" is not ${from}.`);
  endpoint.meter?.catchUp();
  rememberPrevious(account, endpoint);
  setStatus(account, endpoint, to);
}

function set(values: Map<string, number>, key: string, value: number | null): void {
  if (value === null) values.delete(key);
  else values.set(key, value);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
