/** Checks a call, finds its user, and assigns its arm. */
import { randomUUID } from 'node:crypto';
import { assign } from '../assignment/assignment.js';
import type { InvocationRequest } from './call.js';
import type { SwitchConfig } from '../config-schema.js';
import { targetVariantHeader } from '../http/headers.js';
import { Invocation, type SwitchParts } from './invocation.js';
import { HttpError } from '../http/http-error.js';
import type { SwitchResponse } from '../http/switch-response.js';
import { findUser, valueOf, writeCookie } from '../assignment/user-identity.js';

/** Rejects with HttpError or an unexpected error. The caller must then send an error response. */
export async function invoke(
  parts: SwitchParts,
  call: InvocationRequest,
  response: SwitchResponse,
): Promise<void> {
  const { config, follower } = parts;
  const key = call.endpoint.toLowerCase();
  if (config.unlistedEndpoints === 'reject' && !config.endpoints.includes(key))
    throw notListed(call.endpoint);
  const namedVariant = valueOf(call.headers, targetVariantHeader);
  if (namedVariant !== null && !config.allowTargetVariant) throw variantNotAllowed();
  const wait = follower.refreshIfStale(key);
  if (wait !== null) await wait;
  const split = follower.splitOf(key);
  const { user, setCookie } = identify(config, call);
  const { endpoint, headers } = call;
  const assignment = assign(config, { endpoint, split, user, headers, namedVariant });
  await new Invocation(parts, call, { split, user, assignment, setCookie }, response).run();
}

/** Finds the user id. A user without an id gets a new one in a cookie, if the configuration has a cookie. */
function identify(
  config: SwitchConfig,
  { headers, body }: InvocationRequest,
): { user: string | null; setCookie: string | null } {
  const user = findUser(config.user, headers, body);
  const cookie = config.user.find((source) => source.cookie !== undefined)?.cookie;
  if (user !== null || cookie === undefined) return { user, setCookie: null };
  const id = randomUUID();
  return { user: id, setCookie: writeCookie(cookie, id, config.cookie) };
}

function notListed(endpoint: string): HttpError {
  const message = `Cannot invoke ${endpoint}: the switch serves only the endpoints of its configuration; add it there.`;
  return new HttpError(400, 'ValidationError', message);
}

function variantNotAllowed(): HttpError {
  const message =
    'Cannot use TargetVariant: the switch chooses the variant; omit it, or set allowTargetVariant of the switch.';
  return new HttpError(400, 'ValidationError', message);
}
