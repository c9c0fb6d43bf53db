import type { AccountState } from '../../account/account-state.js';
import type { EndpointConfig } from '../../account/resources.js';
import type { EndpointConfigRequest } from '../kept-requests.js';
import type { EmulatedDeployment, Endpoint, Fleet, Variant } from './endpoint-state.js';
import { requireModel } from '../registry/models.js';
import { type InstanceCounts, instancesOf } from '../service-limits.js';

type VariantRequest = EndpointConfigRequest['ProductionVariants'][number];

/** The initial variants of the config, before any program has started. */
export function newFleet(account: AccountState, config: EndpointConfig): Fleet {
  const { ProductionVariants, ShadowProductionVariants = [] } = config.request;
  const begin = (given: VariantRequest) => newVariant(given, requireModel(account, given.ModelName));
  return {
    config,
    variants: ProductionVariants.map(begin),
    shadows: ShadowProductionVariants.map(begin),
  };
}

/** Starts the programs of real models. */
export function startServing(account: AccountState, fleet: Fleet): void {
  for (const variant of everyVariant(fleet)) variant.serving = account.options.programs.serve(variant.model);
}

export function everyVariant(fleet: Fleet): Variant[] {
  return [...fleet.variants, ...fleet.shadows];
}

/** RetainAllVariantProperties: copies the values of live variants of the same names, except excluded ones. */
export function retainProperties(live: Endpoint, fleet: Fleet, excluded: string[]): void {
  const previous = everyVariant(live);
  for (const variant of everyVariant(fleet)) {
    const same = previous.find((each) => each.name === variant.name);
    if (same && !excluded.includes('DesiredWeight')) {
      variant.currentWeight = variant.desiredWeight = same.desiredWeight;
    }
    if (same && !excluded.includes('DesiredInstanceCount') && !variant.serverless) {
      variant.currentCount = variant.desiredCount = same.desiredCount;
    }
  }
}

/** Additional instances of a deployment: a whole fleet, or one batch of a rolling deployment. */
export function instancesAdded(
  fleet: Fleet,
  guardrails: Pick<NonNullable<EmulatedDeployment['guardrails']>, 'rolling' | 'shares'> | null,
): InstanceCounts {
  const all = instancesOf(everyVariant(fleet));
  const part = guardrails?.rolling ? (guardrails.shares[0] ?? 1) : 1;
  return new Map([...all].map(([type, count]) => [type, Math.ceil(count * part)]));
}

/** The first variant whose process does not respond to /ping, or null. Null at once if there is no process. */
export function firstUnhealthy(fleet: Fleet): Promise<string | null> | null {
  const served = everyVariant(fleet).filter((variant) => variant.serving);
  if (served.length === 0) return null;
  return Promise.all(
    served.map(async (variant) => ((await variant.serving?.ready) === false ? variant.name : null)),
  ).then((names) => names.find(Boolean) ?? null);
}

function newVariant(given: VariantRequest, model: Variant['model']): Variant {
  const weight = given.InitialVariantWeight ?? 1;
  const count = given.ServerlessConfig ? 0 : (given.InitialInstanceCount ?? 0);
  return {
    name: given.VariantName,
    model,
    instanceType: given.InstanceType,
    serverless: given.ServerlessConfig,
    currentWeight: weight,
    desiredWeight: weight,
    currentCount: count,
    desiredCount: count,
    serving: null,
  };
}
