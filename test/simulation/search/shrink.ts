/** Reduces a scenario that violates an invariant to one that still violates it, with less in it. */
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import type { SpecJson } from '../../../src/client/start-options.js';
import type { Account, Scenario } from './scenario.js';

export type Fails = (scenario: Scenario) => Promise<boolean>;

/** Parts of a spec that a rollout does not need. */
const optionalFields = [
  'validate',
  'judging',
  'notify',
  'freeze',
  'gates',
  'rollbackWindow',
  'drift',
  'onInconclusive',
  'guardrails',
] as const;

const plainAccount: Partial<Account> = {
  ...{ staleReadsMs: 0, scaling: null, dataCapture: false, latencyMs: 0, lateMs: 20_000, count: 2 },
  others: [],
  ...{ requestsPerSecond: 20, candidate: { errorRate: 0, p50Ms: 10, conversionRate: 0.1 } },
};

/** Tries at most `maxTries` smaller scenarios, until nothing more can go. */
export async function shrink(scenario: Scenario, fails: Fails, maxTries = 120): Promise<Scenario> {
  let smallest = scenario;
  let tries = 0;
  for (let hasShrunk = true; hasShrunk;) {
    hasShrunk = false;
    for (const smaller of smallerThan(smallest)) {
      if (tries >= maxTries) return smallest;
      tries++;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(scenario: Scenario): Generator<Scenario> {
  const { events } = scenario;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < events.length; at += size)
      yield { ...scenario, events: [...events.slice(0, at), ...events.slice(at + size)] };
  for (const spec of smallerSpecs(scenario.spec)) yield { ...scenario, spec };
  for (const [field, value] of Object.entries(plainAccount))
    if (JSON.stringify(scenario.account[field as keyof Account]) !== JSON.stringify(value))
      yield { ...scenario, account: { ...scenario.account, [field]: value } };
}

function* smallerSpecs(spec: SpecJson): Generator<SpecJson> {
  for (const field of optionalFields)
    if (spec[field] !== undefined)
      yield* valid(Object.fromEntries(Object.entries(spec).filter(([key]) => key !== field)));
  for (const field of ['guardrails', 'gates', 'notify', 'strategy']) {
    const list: unknown = spec[field];
    if (Array.isArray(list) && list.length > 1)
      for (const left of list.keys()) yield* valid({ ...spec, [field]: list.filter((_, i) => i !== left) });
  }
  const serve = spec.serve as Record<string, unknown> | undefined;
  for (const field of Object.keys(serve ?? {}))
    yield* valid({
      ...spec,
      serve: Object.fromEntries(Object.entries(serve ?? {}).filter(([key]) => key !== field)),
    });
  const canary = (spec.strategy as { canary?: { steps: unknown[] } }).canary;
  if (canary && canary.steps.length > 1)
    for (const left of canary.steps.keys())
      yield* valid({
        ...spec,
        strategy: { canary: { ...canary, steps: canary.steps.filter((_, i) => i !== left) } },
      });
}

function* valid(json: Record<string, unknown>): Generator<SpecJson> {
  try {
    validateSpec(json);
  } catch (error) {
    if (error instanceof SpecError) return;
    throw error;
  }
  yield json as SpecJson;
}
