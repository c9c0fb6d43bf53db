import type { AccountState } from '../../account/account-state.js';
import type { Endpoint, Variant } from './endpoint-state.js';
import { startRescaling } from './rescaling.js';
import type { ScalingRule } from './scaling-rule.js';
import { requireWithinLimits } from '../service-limits.js';
import { ServiceError } from '../../http/service-error.js';

const defaultCooldownSeconds = 300;
const defaultPeriodSeconds = 60;
const minuteMs = 60_000;

export function scalingKey(endpoint: string, variant: string): string {
  return `${endpoint.toLowerCase()}/${variant}`;
}

/** Starts the rules of the emulator's options. */
export function startScalingRules(account: AccountState): void {
  for (const rule of account.sageMaker.options.scaling ?? []) setScalingRule(account, rule);
}

/** From now on, the rule changes the instance count of its variant, like Application Auto Scaling. */
export function setScalingRule(account: AccountState, rule: ScalingRule): void {
  const entry = { rule, dueAt: account.time + periodMs(rule), scaledAt: -Infinity };
  account.sageMaker.scaling.set(scalingKey(rule.endpoint, rule.variant), entry);
  resumeScalingRule(account, entry);
}

export function resumeScalingRule(
  account: AccountState,
  entry: { rule: ScalingRule; dueAt: number; scaledAt: number },
): void {
  const { rule } = entry;
  const key = scalingKey(rule.endpoint, rule.variant);
  account.after(Math.max(0, entry.dueAt - account.time), null, () => {
    if (account.sageMaker.scaling.get(key) !== entry) return;
    if (applyScalingRule(account, rule, entry.scaledAt)) entry.scaledAt = account.time;
    entry.dueAt = account.time + periodMs(rule);
    resumeScalingRule(account, entry);
  });
}

/** Changes the count if traffic requires it, no other change is in progress and the cooldown is over. */
function applyScalingRule(account: AccountState, rule: ScalingRule, scaledAt: number): boolean {
  const endpoint = account.endpoints.get(rule.endpoint.toLowerCase());
  const variant = endpoint?.variants.find((each) => each.name === rule.variant);
  if (!endpoint || !variant || endpoint.status !== 'InService') return false;
  if (account.time - scaledAt < (rule.cooldownSeconds ?? defaultCooldownSeconds) * 1000) return false;
  const invocations = invocationsPerMinute(account, endpoint, variant);
  if (invocations === null) return false;
  const wanted = Math.ceil(invocations / rule.targetInvocationsPerInstance);
  const count = Math.min(rule.maxCount, Math.max(rule.minCount, wanted));
  if (count === variant.desiredCount || !isAllowed(account, variant, count)) return false;
  startRescaling(account, endpoint, [{ variant, weight: undefined, count }], null);
  return true;
}

/** Invocations in the newest minute that CloudWatch has, or null. */
function invocationsPerMinute(account: AccountState, endpoint: Endpoint, variant: Variant): number | null {
  const id = {
    namespace: 'AWS/SageMaker',
    name: 'Invocations',
    dimensions: { EndpointName: endpoint.name, VariantName: variant.name },
  };
  const since = account.time - 3 * minuteMs;
  const points = [...account.metrics.read(id, since, account.time, account.time).values()].flat();
  const newest = points.at(-1);
  if (!newest) return null;
  const from = newest.start - minuteMs;
  return points.filter((point) => point.start > from).reduce((sum, point) => sum + point.values.sum, 0);
}

/** Autoscaling beyond an instance limit fails without a notification. */
function isAllowed(account: AccountState, variant: Variant, count: number): boolean {
  if (variant.instanceType === undefined) return false;
  try {
    requireWithinLimits(
      account,
      'endpoint usage',
      new Map([[variant.instanceType, count - variant.desiredCount]]),
    );
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

function periodMs({ everySeconds = defaultPeriodSeconds }: ScalingRule): number {
  return everySeconds * 1000;
}
