import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { operation } from '../http/operation.js';
import { ServiceError } from '../http/service-error.js';
import type { ContainerAnswer } from '../programs/model-server.js';
import { type Conduct, conductTowards } from '../traffic/behaviours.js';
import { drawLatency } from '../traffic/latency.js';
import type { InvocationOutcome } from '../traffic/tally.js';
import type { Random } from '../world/random.js';
import type { Endpoint, Variant } from '../world/resources.js';
import type { World } from '../world/world.js';

const request = z.object({
  EndpointName: z.string().max(63),
  Body: z.instanceof(Buffer),
  ContentType: z.string().optional(),
  Accept: z.string().optional(),
  CustomAttributes: z.string().optional(),
  TargetVariant: z.string().optional(),
  InferenceId: z.string().max(64).optional(),
  SessionId: z.string().optional(),
});
type Invocation = z.output<typeof request>;

export interface InvokeEndpointAnswer {
  Body: Buffer;
  ContentType: string;
  InvokedProductionVariant: string;
}

export const invokeEndpoint = operation('InvokeEndpoint', request, async (invocation, { world }) => {
  const arrived = performance.now();
  const endpoint = findServingEndpoint(world, invocation.EndpointName);
  const variant = invocation.TargetVariant ? findTarget(endpoint, invocation) : drawVariant(world, endpoint);
  const answer = await (variant.serving
    ? variant.serving.invoke(invocation.Body, headersFor(invocation))
    : simulate(world, endpoint, variant, invocation.SessionId));
  const outcome = outcomeOf(answer.status);
  const overheadMs = Math.max(0.1, performance.now() - arrived - answer.latencyMs);
  await world.enter(() => endpoint.meter?.record(variant.name, outcome, answer.latencyMs, overheadMs));
  if (outcome !== 'ok') throw modelError(world, endpoint, variant, answer);
  return {
    Body: answer.body,
    ContentType: answer.contentType,
    InvokedProductionVariant: variant.name,
  } satisfies InvokeEndpointAnswer;
});

function findServingEndpoint(world: World, name: string): Endpoint {
  const endpoint = world.endpoints.get(name.toLowerCase());
  if (!endpoint || endpoint.variants.length === 0 || endpoint.status === 'Deleting') {
    throw new ServiceError(
      'ValidationError',
      `Endpoint ${name} of account ${world.options.account} not found.`,
    );
  }
  return endpoint;
}

function findTarget(endpoint: Endpoint, { TargetVariant }: Invocation): Variant {
  const variant = endpoint.variants.find((each) => each.name === TargetVariant);
  if (variant) return variant;
  throw new ServiceError(
    'ValidationError',
    `Variant ${TargetVariant} not found for endpoint ${endpoint.name}.`,
  );
}

function drawVariant(world: World, endpoint: Endpoint): Variant {
  const sum = endpoint.variants.reduce((total, variant) => total + variant.currentWeight, 0);
  let left = world.random.uniform() * sum;
  for (const variant of endpoint.variants) {
    left -= variant.currentWeight;
    if (left < 0) return variant;
  }
  throw new ServiceError('ServiceUnavailable', 'No production variant has any traffic weight.', 503);
}

function headersFor(invocation: Invocation): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': invocation.ContentType ?? 'application/octet-stream',
  };
  if (invocation.Accept !== undefined) headers['accept'] = invocation.Accept;
  if (invocation.CustomAttributes !== undefined) {
    headers['x-amzn-sagemaker-custom-attributes'] = invocation.CustomAttributes;
  }
  if (invocation.InferenceId !== undefined) headers['x-amzn-sagemaker-inference-id'] = invocation.InferenceId;
  return headers;
}

async function simulate(
  world: World,
  endpoint: Endpoint,
  variant: Variant,
  sessionId: string | undefined,
): Promise<ContainerAnswer> {
  const behaviour = world.behaviours.of(variant.model);
  const { time: now, startedAt, random } = world;
  const load = endpoint.meter?.loadOf(variant.name) ?? 0;
  const user = sessionId === undefined ? random.uniform() : placeOf(sessionId);
  const conduct = conductTowards(behaviour, { now, startedAt, load }, user);
  const latencyMs = conduct.latencyMs ? drawLatency(random, conduct.latencyMs) : 0;
  const status = drawStatus(random, conduct);
  if (world.options.realTime) await sleep(latencyMs);
  const content = status === 200 ? (behaviour.response ?? { ok: true }) : { error: 'simulated error' };
  return { status, body: Buffer.from(JSON.stringify(content)), contentType: 'application/json', latencyMs };
}

/** A session's place among all users, from 0 to 1: the same one each time. */
function placeOf(sessionId: string): number {
  return createHash('sha256').update(sessionId).digest().readUInt32BE() / 2 ** 32;
}

function drawStatus(
  random: Random,
  { errorRate = 0, clientErrorRate = 0, modelErrorRate = 0 }: Conduct,
): number | null {
  const drawn = random.uniform();
  if (drawn < errorRate) return 500;
  if (drawn < errorRate + clientErrorRate) return 400;
  return drawn < errorRate + clientErrorRate + modelErrorRate ? null : 200;
}

function outcomeOf(status: number | null): InvocationOutcome {
  if (status === null) return 'broken';
  if (status >= 500) return 'serverError';
  return status >= 400 ? 'clientError' : 'ok';
}

/** Whatever the container answers beside success, the caller gets 424 with the container's status inside. */
function modelError(
  world: World,
  endpoint: Endpoint,
  variant: Variant,
  answer: ContainerAnswer,
): ServiceError {
  const status = answer.status ?? 500;
  const kind = status >= 500 ? 'server' : 'client';
  const text = answer.body.toString('utf8').slice(0, 1024);
  const group = `/aws/sagemaker/Endpoints/${endpoint.name}`;
  return new ServiceError(
    'ModelError',
    `Received ${kind} error (${status}) from primary with message "${text}". See ${group} for more information.`,
    424,
    {
      OriginalStatusCode: status,
      OriginalMessage: text,
      LogStreamArn: `arn:aws:logs:${world.options.region}:${world.options.account}:log-group:${group}:log-stream:${variant.name}`,
    },
  );
}
