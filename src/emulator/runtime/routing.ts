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

/** A session is pinned to an instance, and so to its variant, while that instance serves. */
const sessions = new WeakMap<Endpoint, Map<string, Variant>>();

/** botocore, CreateEndpointInput: the name is case-insensitive, but InvokeEndpoint must match its case. */
export function findServingEndpoint(account: AccountState, name: string): Endpoint {
  const endpoint = account.endpoints.get(name.toLowerCase());
  if (endpoint?.name !== name || endpoint.variants.length === 0 || !serving.includes(endpoint.status)) {
    throw new ServiceError(
      'ValidationError',
      `Endpoint ${name} of account ${account.options.account} not found.`,
    );
  }
  return endpoint;
}

/** The variant of the session, the target variant, or one drawn by weight. Two fleets are drawn by their shares. */
export function route(
  account: AccountState,
  endpoint: Endpoint,
  targetVariant: string | undefined,
  sessionId: string | undefined,
): Variant {
  const shares = servingShares(endpoint);
  const pinned = sessionId === undefined ? undefined : sessions.get(endpoint)?.get(sessionId);
  if (pinned && shares.some(({ variant }) => variant === pinned)) return pinned;
  if (targetVariant === undefined) return draw(account, shares);
  const targets = shares.filter(({ variant }) => variant.name === targetVariant);
  if (targets.length === 1 && targets[0]) return targets[0].variant;
  if (targets.some(({ share }) => share > 0)) return draw(account, targets);
  // A target variant is invoked even if its weight is 0.
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

function draw(account: AccountState, shares: ReturnType<typeof servingShares>): Variant {
  const sum = shares.reduce((total, { share }) => total + share, 0);
  let left = account.random.uniform() * sum;
  for (const { variant, share } of shares) {
    left -= share;
    if (left < 0) return variant;
  }
  throw new ServiceError('ServiceUnavailable', 'No production variant has any traffic weight.', 503);
}
