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

/** The rules that the emulator was started with. */
export function startScalingRules(world: AccountState): void {
  for (const rule of world.sageMaker.options.scaling ?? []) setScalingRule(world, rule);
}

/** From now on the rule changes its variant's instance count, as Application Auto Scaling would. */
export function setScalingRule(world: AccountState, rule: ScalingRule): void {
  const entry = { rule, dueAt: world.time + periodMs(rule), scaledAt: -Infinity };
  world.sageMaker.scaling.set(scalingKey(rule.endpoint, rule.variant), entry);
  resumeScalingRule(world, entry);
}

export function resumeScalingRule(
  world: AccountState,
  entry: { rule: ScalingRule; dueAt: number; scaledAt: number },
): void {
  const { rule } = entry;
  const key = scalingKey(rule.endpoint, rule.variant);
  world.after(Math.max(0, entry.dueAt - world.time), null, () => {
    if (world.sageMaker.scaling.get(key) !== entry) return;
    if (look(world, rule, entry.scaledAt)) entry.scaledAt = world.time;
    entry.dueAt = world.time + periodMs(rule);
    resumeScalingRule(world, entry);
  });
}

/** Changes the count where the last minutes ask for it, nothing else is under way and the last change is long enough ago. */
function look(world: AccountState, rule: ScalingRule, scaledAt: number): boolean {
  const endpoint = world.endpoints.get(rule.endpoint.toLowerCase());
  const variant = endpoint?.variants.find((each) => each.name === rule.variant);
  if (!endpoint || !variant || endpoint.status !== 'InService') return false;
  if (world.time - scaledAt < (rule.cooldownSeconds ?? defaultCooldownSeconds) * 1000) return false;
  const invocations = invocationsAMinute(world, endpoint, variant);
  if (invocations === null) return false;
  const wanted = Math.ceil(invocations / rule.targetInvocationsPerInstance);
  const count = Math.min(rule.maxCount, Math.max(rule.minCount, wanted));
  if (count === variant.desiredCount || !isAllowed(world, variant, count)) return false;
  startRescaling(world, endpoint, [{ variant, weight: undefined, count }], null);
  return true;
}

/** Of the newest minute that CloudWatch has; null where it has none. */
function invocationsAMinute(world: AccountState, endpoint: Endpoint, variant: Variant): number | null {
  const id = {
    namespace: 'AWS/SageMaker',
    name: 'Invocations',
    dimensions: { EndpointName: endpoint.name, VariantName: variant.name },
  };
  const since = world.time - 3 * minuteMs;
  const points = [...world.metrics.read(id, since, world.time, world.time).values()].flat();
  const newest = points.at(-1);
  if (!newest) return null;
  const from = newest.start - minuteMs;
  return points.filter((point) => point.start > from).reduce((sum, point) => sum + point.values.sum, 0);
}

/** Autoscaling beyond an instance limit fails, and nobody is told. */
function isAllowed(world: AccountState, variant: Variant, count: number): boolean {
  if (variant.instanceType === undefined) return false;
  try {
    requireWithinLimits(
      world,
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
