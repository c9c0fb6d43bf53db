import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultFileSchema, faultSchema } from '../control/fault-schema.js';
import { parseControlDocument } from '../control/problems.js';
import { behaviourSchema, scenarioFileSchema, trafficSchema } from '../control/scenario-schema.js';
import { applySageMakerEvent, sageMakerEvent } from '../sagemaker/events.js';
import { metricsOutages } from '../account/outages.js';
import type { AccountState } from '../account/account-state.js';
import type { Regions } from '../account/regions.js';

const withheld = z.strictObject({ endpoint: z.string(), variant: z.string(), on: z.boolean() });
const released = z.strictObject({ id: z.int().exactOptional() });

/** Returns the response, or undefined for an empty one. `id`: the part of the path after the name of the route. */
type Route = (account: AccountState, body: unknown, id: number | undefined) => unknown;

const routes: Record<string, Route> = {
  'POST behaviours'(account, body) {
    account.catchUpTraffic();
    account.behaviours.set(parseControlDocument(behaviourSchema, body));
  },
  'POST traffic'(account, body) {
    account.catchUpTraffic();
    account.traffic.set(parseControlDocument(trafficSchema, body));
  },
  'POST scenario'(account, body) {
    const { models, traffic } = parseControlDocument(scenarioFileSchema, body);
    account.catchUpTraffic();
    for (const each of models) account.behaviours.set(each);
    for (const each of traffic) account.traffic.set(each);
  },
  'GET faults': (account) => account.faults.list(),
  'POST faults': (account, body) => ({ ids: readFaults(body).map((fault) => account.faults.add(fault)) }),
  'DELETE faults': (account, _, id) => ({ cleared: account.faults.clear(id) }),
  'GET held': (account) => account.heldRequests.list(),
  'POST release': (account, body) => ({
    released: account.heldRequests.release(parseControlDocument(released, body).id),
  }),
  'POST metrics-outage'(account, body) {
    const schema = z.strictObject({ outage: z.enum(metricsOutages).nullable() });
    account.outages.metrics = parseControlDocument(schema, body).outage;
  },
  'POST partial-metrics'(account, body) {
    const schema = z.strictObject({ share: z.number().gt(0).lt(1), restAfterMs: z.number().min(0) });
    const wrapper = z.strictObject({ partial: schema.nullable() });
    account.metrics.partial = parseControlDocument(wrapper, body).partial;
  },
  'POST withheld-metrics'(account, body) {
    const { endpoint, variant, on } = parseControlDocument(withheld, body);
    account.outages.withhold(endpoint, variant, on);
  },
  'POST events': (account, body) => applySageMakerEvent(account, parseControlDocument(sageMakerEvent, body)),
  'GET calls': (account) => [...account.calls],
  'GET summary': (account) => account.calls.summarize(),
};

/** A fault, or the content of a fault file. */
function readFaults(body: unknown) {
  const isFile = typeof body === 'object' && body !== null && 'faults' in body;
  return isFile
    ? parseControlDocument(faultFileSchema, body).faults
    : [parseControlDocument(faultSchema, body)];
}

/**
 * The control API, for operators and programs in other languages. `?region=` names another region than the home region.
 * False if the request is for another route.
 */
export async function handleAdmin(
  regions: Regions,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<boolean> {
  const [path = '', query] = (request.url ?? '').split('?');
  const [, name, id] = /^\/_emulator\/([a-z-]+)(?:\/(\d+))?$/.exec(path) ?? [];
  if (name === undefined) return false;
  const account = regions.of(new URLSearchParams(query).get('region'));
  const route = routes[`${request.method} ${name}`];
  if (!route) {
    sendJson(response, 404, { message: `Unknown route; expected one of ${Object.keys(routes).join(', ')}` });
    return true;
  }
  try {
    const content = await account.advanceToNow(() =>
      route(account, JSON.parse(body.toString('utf8') || '{}'), id === undefined ? undefined : Number(id)),
    );
    sendJson(response, 200, content ?? {});
  } catch (error) {
    sendJson(response, 400, { message: error instanceof Error ? error.message : String(error) });
  }
  return true;
}

function sendJson(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(content));
}
