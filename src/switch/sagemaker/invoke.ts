/** A call's way in: whether it may be made, who makes it, and which arm it gets. */
import { randomUUID } from 'node:crypto';
import { assign } from '../assignment/assignment.js';
import type { InvocationRequest } from './call.js';
import type { SwitchConfig } from '../config-schema.js';
import { targetVariantHeader } from '../http/headers.js';
import { Invocation, type SwitchParts } from './invocation.js';
import { HttpError } from '../http/http-error.js';
import type { SwitchResponse } from '../http/switch-response.js';
import { findUser, valueOf, writeCookie } from '../assignment/user-identity.js';

/** Rejects, with a Refusal or something unforeseen, where the client has no answer yet. */
export async function invoke(
  parts: SwitchParts,
  call: InvocationRequest,
  reply: SwitchResponse,
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
  await new Invocation(parts, call, { split, user, assignment, setCookie }, reply).run();
}

/** Who has no id gets one, in a cookie, where the configuration knows one. */
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
    'The switch chooses the variant; TargetVariant is allowed where its allowTargetVariant is true.';
  return new HttpError(400, 'ValidationError', message);
}
