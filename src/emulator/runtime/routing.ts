import { ServiceError } from '../http/service-error.js';
import type { Endpoint, EndpointStatus, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import { servingShares } from '../sagemaker/endpoints/shares.js';
import type { AccountState } from '../account/account-state.js';

const serving: EndpointStatus[] = [
  'InService',
  'Updating',
  'SystemUpdating',
  'RollingBack',
  'UpdateRollbackFailed',
];

/** Sessions pin to an instance, and so to its variant, for as long as that serves. */
const sessions = new WeakMap<Endpoint, Map<string, Variant>>();

export function findServingEndpoint(world: AccountState, name: string): Endpoint {
  const endpoint = world.endpoints.get(name.toLowerCase());
  if (!endpoint || endpoint.variants.length === 0 || !serving.includes(endpoint.status)) {
    throw new ServiceError(
      'ValidationError',
      `Endpoint ${name} of account ${world.options.account} not found.`,
    );
  }
  return endpoint;
}

/** Who answers: the session's variant, the target, or one by weight; of two fleets, the one that the traffic's split draws. */
export function route(
  world: AccountState,
  endpoint: Endpoint,
  targetVariant: string | undefined,
  sessionId: string | undefined,
): Variant {
  const shares = servingShares(endpoint);
  const pinned = sessionId === undefined ? undefined : sessions.get(endpoint)?.get(sessionId);
  if (pinned && shares.some(({ variant }) => variant === pinned)) return pinned;
  if (targetVariant === undefined) return draw(world, shares);
  const targets = shares.filter(({ variant }) => variant.name === targetVariant);
  if (targets.length === 1 && targets[0]) return targets[0].variant;
  if (targets.some(({ share }) => share > 0)) return draw(world, targets);
  // A weight of 0 does not matter to who is asked for by name.
  const named = endpoint.variants.find(({ name }) => name === targetVariant);
  if (named) return named;
  throw new ServiceError(
    'ValidationError',
    `Variant ${targetVariant} not found for endpoint ${endpoint.name}.`,
  );
}

export function pinSession(endpoint: Endpoint, sessionId: string, variant: Variant): void {
  const pinned = sessions.get(endpoint) ?? new Map<string, Variant>();
  sessions.set(endpoint, pinned.set(sessionId, variant));
}

function draw(world: AccountState, shares: ReturnType<typeof servingShares>): Variant {
  const sum = shares.reduce((total, { share }) => total + share, 0);
  let left = world.random.uniform() * sum;
  for (const { variant, share } of shares) {
    left -= share;
    if (left < 0) return variant;
  }
  throw new ServiceError('ServiceUnavailable', 'No production variant has any traffic weight.', 503);
}
