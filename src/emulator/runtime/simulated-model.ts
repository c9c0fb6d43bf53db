import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerResponse, responseLimitMs, timedOut } from '../programs/model-server.js';
import type { Endpoint, Variant } from '../sagemaker/endpoints/endpoint-state.js';
import { type Behaviour, type BehaviourProfile, profileFor } from '../traffic/behaviours.js';
import { drawLatency } from '../traffic/latency.js';
import type { Random } from '../account/random.js';
import type { AccountState } from '../account/account-state.js';

/** The response of a simulated model, after its drawn latency if the clock is the system's. */
export async function simulate(
  account: AccountState,
  endpoint: Endpoint,
  variant: Variant,
  { sessionId, body }: { sessionId: string | undefined; body: string },
): Promise<ContainerResponse> {
  const behaviour = account.behaviours.of(variant.model);
  const { time: now, startedAt, random } = account;
  const load = endpoint.meter?.loadOf(variant.name) ?? 0;
  const user = sessionId === undefined ? random.uniform() : placeOf(sessionId);
  const profile = profileFor(behaviour, { now, startedAt, load }, user);
  const latencyMs = profile.latencyMs ? drawLatency(random, profile.latencyMs) : 0;
  const status = drawStatus(random, profile);
  if (account.options.realTime) await sleep(Math.min(latencyMs, responseLimitMs));
  if (latencyMs > responseLimitMs) return timedOut(responseLimitMs);
  const content = status === 200 ? answerOf(behaviour, body) : { error: 'simulated error' };
  return { status, body: Buffer.from(JSON.stringify(content)), contentType: 'application/json', latencyMs };
}

function answerOf(
  { answers = [], response = { ok: true } }: Omit<Behaviour, 'model'>,
  body: string,
): unknown {
  const known = answers.find((each) => each.body === body);
  return known === undefined ? response : known.response;
}

/** The position of a session among all users, from 0 to 1. Always the same for one session. */
function placeOf(sessionId: string): number {
  return createHash('sha256').update(sessionId).digest().readUInt32BE() / 2 ** 32;
}

function drawStatus(
  random: Random,
  { errorRate = 0, clientErrorRate = 0, modelErrorRate = 0 }: BehaviourProfile,
): number | null {
  const drawn = random.uniform();
  if (drawn < errorRate) return 500;
  if (drawn < errorRate + clientErrorRate) return 400;
  return drawn < errorRate + clientErrorRate + modelErrorRate ? null : 200;
}
