/** The switch over HTTP: SageMaker Runtime's calls, outcomes, health and metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isOperation, readPath } from './call.js';
import { endpointPattern } from './endpoint-names.js';
import { HttpReply } from './http-reply.js';
import { invoke, type SwitchParts } from './invocation.js';
import { readOutcome } from './outcome-body.js';
import type { RecordKeeper } from './records.js';
import { Refusal } from './refusal.js';
import { readBody } from './request-body.js';

export interface ServerParts extends SwitchParts {
  recorder: RecordKeeper | null;
}

export interface RunningServer {
  host: string;
  port: number;
  /** Takes no new connection, answers what is under way, and settles when the last has ended or after `drainMs`. */
  stop(drainMs: number): Promise<void>;
}

/** Answers to `POST /outcomes`. */
const outcomeStatus = { counted: 200, alreadyCounted: 200, notCounted: 200, unknown: 404 } as const;
const outcomeBytes = 64 * 2 ** 10;

/** For a request to arrive whole. */
const requestMs = 65_000;

/** Rejects where the port is taken. */
export async function listen(parts: ServerParts): Promise<RunningServer> {
  const { listen: address } = parts.config;
  const state = { isStopping: false };
  const server = createServer(
    // A client that sends slowly is no reason to keep a connection for ever.
    {
      requestTimeout: requestMs,
      headersTimeout: 10_000,
      keepAliveTimeout: 75_000,
      maxHeaderSize: 32 * 2 ** 10,
    },
    (request, response) => {
      if (state.isStopping) response.setHeader('connection', 'close');
      handle(parts, state, request, response).catch((error: unknown) =>
        answerRefusal(parts, request, response, error),
      );
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: address.host,
    port,
    stop: (drainMs) => {
      state.isStopping = true;
      return drain(server, drainMs);
    },
  };
}

async function handle(
  parts: ServerParts,
  state: { isStopping: boolean },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? '';
  const path = readPath(url);
  if (path !== null) return handleCall(parts, path, request, response);
  switch (`${request.method} ${url}`) {
    case 'GET /healthz':
      return send(response, 200, { live: true });
    case 'GET /readyz':
      return send(response, state.isStopping ? 503 : 200, readiness(parts, state));
    case 'GET /metrics': {
      const { registry } = parts.metrics;
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
      return;
    }
    case 'POST /outcomes':
      return handleOutcome(parts, request, response);
    default:
      throw new Refusal(
        404,
        'UnknownOperationException',
        'The switch knows POST /endpoints/NAME/invocations.',
      );
  }
}

async function handleCall(
  parts: ServerParts,
  { endpoint, operation }: { endpoint: string; operation: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOperation(operation))
    throw new Refusal(404, 'UnknownOperationException', `The switch does not pass on ${operation}.`);
  if (request.method !== 'POST')
    throw new Refusal(
      405,
      'UnknownOperationException',
      `${request.method} is not a call of SageMaker Runtime.`,
    );
  if (!endpointPattern.test(endpoint))
    throw new Refusal(400, 'ValidationError', `The endpoint's name must match ${endpointPattern.source}.`);
  const body = await readBody(request, parts.config.limits.body);
  const call = { endpoint, operation, headers: request.headers, body };
  return invoke(parts, call, new HttpReply(response));
}

async function handleOutcome(
  { recorder, metrics }: ServerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (recorder === null)
    throw new Refusal(
      404,
      'UnknownOperationException',
      'This switch records nothing; see `records` of its file.',
    );
  const outcome = readOutcome(await readBody(request, outcomeBytes));
  const result = await recorder.conclude(outcome, Date.now());
  metrics.concluded(result);
  send(response, outcomeStatus[result], {
    inferenceId: outcome.inferenceId,
    counted: result === 'counted',
    ...(result === 'counted' ? {} : { [result]: true }),
  });
}

function readiness({ follower }: ServerParts, { isStopping }: { isStopping: boolean }): object {
  const endpoints = follower.states().map(({ endpoint, split, trouble }) => ({
    endpoint,
    rolloutId: split?.rolloutId ?? null,
    sequence: split?.sequence ?? null,
    candidateShare: split?.candidateShare ?? null,
    trouble,
  }));
  // Without Temporal it goes on with what it knows, so that does not make it unready.
  return { ready: !isStopping, endpoints };
}

function send(response: ServerResponse, status: number, document: object): void {
  const body = JSON.stringify(document);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The rest of a body that nobody reads would stand before the next request on the connection. */
function answerRefusal(
  { metrics, log }: ServerParts,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const refusal =
    error instanceof Refusal ? error : new Refusal(500, 'InternalFailure', 'The switch failed.');
  if (refusal !== error) log('warn', `unforeseen: ${error instanceof Error ? error.stack : String(error)}`);
  metrics.refused(refusal.status);
  if (!request.complete) response.setHeader('connection', 'close');
  new HttpReply(response).refuse(refusal);
  if (!request.complete) request.resume();
}

async function drain(server: Server, drainMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(timer);
}
