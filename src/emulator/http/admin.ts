import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultFileSchema, faultSchema } from '../control/fault-schema.js';
import { parseControlDocument } from '../control/problems.js';
import { behaviourSchema, scenarioFileSchema, trafficSchema } from '../control/scenario-schema.js';
import { applySageMakerEvent, sageMakerEvent } from '../sagemaker/events.js';
import { metricsOutages } from '../account/outages.js';
import type { AccountState } from '../account/account-state.js';

const withheld = z.strictObject({ endpoint: z.string(), variant: z.string(), on: z.boolean() });
const released = z.strictObject({ id: z.int().exactOptional() });

/** Answers with what there is to say; null for nothing. `id`: the part of the path behind the route's name. */
type Route = (world: AccountState, body: unknown, id: number | undefined) => unknown;

const routes: Record<string, Route> = {
  'POST behaviours'(world, body) {
    world.catchUpTraffic();
    world.behaviours.set(parseControlDocument(behaviourSchema, body));
  },
  'POST traffic'(world, body) {
    world.catchUpTraffic();
    world.traffic.set(parseControlDocument(trafficSchema, body));
  },
  'POST scenario'(world, body) {
    const { models, traffic } = parseControlDocument(scenarioFileSchema, body);
    world.catchUpTraffic();
    for (const each of models) world.behaviours.set(each);
    for (const each of traffic) world.traffic.set(each);
  },
  'GET faults': (world) => world.faults.list(),
  'POST faults': (world, body) => ({ ids: readFaults(body).map((fault) => world.faults.add(fault)) }),
  'DELETE faults': (world, _, id) => ({ cleared: world.faults.clear(id) }),
  'GET held': (world) => world.holds.list(),
  'POST release': (world, body) => ({
    released: world.holds.release(parseControlDocument(released, body).id),
  }),
  'POST metrics-outage'(world, body) {
    const schema = z.strictObject({ outage: z.enum(metricsOutages).nullable() });
    world.outages.metrics = parseControlDocument(schema, body).outage;
  },
  'POST partial-metrics'(world, body) {
    const schema = z.strictObject({ share: z.number().gt(0).lt(1), restAfterMs: z.number().min(0) });
    const wrapper = z.strictObject({ partial: schema.nullable() });
    world.metrics.partial = parseControlDocument(wrapper, body).partial;
  },
  'POST withheld-metrics'(world, body) {
    const { endpoint, variant, on } = parseControlDocument(withheld, body);
    world.outages.withhold(endpoint, variant, on);
  },
  'POST events': (world, body) => applySageMakerEvent(world, parseControlDocument(sageMakerEvent, body)),
  'GET calls': (world) => [...world.calls],
  'GET summary': (world) => world.calls.summarize(),
};

/** One fault, or the content of a fault file. */
function readFaults(body: unknown) {
  const isFile = typeof body === 'object' && body !== null && 'faults' in body;
  return isFile
    ? parseControlDocument(faultFileSchema, body).faults
    : [parseControlDocument(faultSchema, body)];
}

/** The emulator's own routes, for operators and programs in other languages. Handles the request if its own. */
export async function handleAdmin(
  world: AccountState,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<boolean> {
  const [, name, id] = /^\/_emulator\/([a-z-]+)(?:\/(\d+))?$/.exec(request.url ?? '') ?? [];
  if (name === undefined) return false;
  const route = routes[`${request.method} ${name}`];
  if (!route) {
    answer(response, 404, { message: `No such route; there are ${Object.keys(routes).join(', ')}` });
    return true;
  }
  try {
    const content = await world.advanceToNow(() =>
      route(world, JSON.parse(body.toString('utf8') || '{}'), id === undefined ? undefined : Number(id)),
    );
    answer(response, 200, content ?? {});
  } catch (error) {
    answer(response, 400, { message: error instanceof Error ? error.message : String(error) });
  }
  return true;
}

function answer(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(content));
}
