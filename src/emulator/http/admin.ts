import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { World } from '../world/world.js';

const rate = z.number().min(0).max(1).optional();

/** What may be changed at run time, one route each: `POST /_emulator/NAME` with a JSON body. */
const routes: Record<string, (world: World, body: unknown) => void> = {
  behaviours(world, body) {
    world.catchUpTraffic();
    world.behaviours.set(behaviour.parse(body));
  },
  traffic(world, body) {
    world.catchUpTraffic();
    world.traffic.set(z.object({ endpoint: z.string(), requestsPerSecond: z.number().min(0) }).parse(body));
  },
  faults(world, body) {
    world.faults.add(fault.parse(body));
  },
  'metrics-outage'(world, body) {
    world.outages.metrics = z.object({ outage: z.enum(['error', 'partial']).nullable() }).parse(body).outage;
  },
  'withheld-metrics'(world, body) {
    const given = z.object({ endpoint: z.string(), variant: z.string(), on: z.boolean() }).parse(body);
    world.outages.withhold(given.endpoint, given.variant, given.on);
  },
};

const behaviour = z
  .strictObject({
    model: z.string().min(1),
    errorRate: rate,
    clientErrorRate: rate,
    modelErrorRate: rate,
    latencyMs: z.object({ p50: z.number().positive(), p99: z.number().positive() }).optional(),
    response: z.unknown().optional(),
  })
  .transform((given) => given as ExactlyOptional<typeof given>);

const fault = z
  .strictObject({
    operation: z.string(),
    kind: z.enum(['lostResponse', 'throttle', 'error500', 'accessDenied', 'revert', 'fail']),
    nth: z.int().min(1).optional(),
    count: z.int().min(1).optional(),
    about: z.string().min(1).optional(),
  })
  .transform((given) => given as ExactlyOptional<typeof given>);

/** JSON has no undefined: an optional member is there or not. */
type ExactlyOptional<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The emulator's own routes, for operators and programs in other languages. Handles the request if its own. */
export async function handleAdmin(
  world: World,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<boolean> {
  const name = /^\/_emulator\/([a-z-]+)$/.exec(request.url ?? '')?.[1];
  if (name === undefined) return false;
  if (request.method === 'GET' && name === 'calls') {
    answer(response, 200, [...world.calls]);
    return true;
  }
  const route = routes[name];
  if (!route || request.method !== 'POST') {
    answer(response, 404, {
      message: `No such route; there are ${Object.keys(routes).join(', ')} and GET calls`,
    });
    return true;
  }
  await world
    .enter(() => route(world, JSON.parse(body.toString('utf8'))))
    .then(() => answer(response, 200, {}))
    .catch((error: unknown) => answer(response, 400, { message: String(error) }));
  return true;
}

function answer(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(content));
}
