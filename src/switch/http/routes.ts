/** The routes of the switch, over HTTP and as a Lambda function: invocations, outcomes, health and metrics. */
import type { IncomingHttpHeaders } from 'node:http';
import { isOperation, readPath } from '../sagemaker/call.js';
import { endpointPattern } from '../assignment/endpoint-names.js';
import { HookFailure } from '../sagemaker/hooks.js';
import type { SwitchParts } from '../sagemaker/invocation.js';
import { invoke } from '../sagemaker/invoke.js';
import { readOutcome } from '../records/outcome-body.js';
import type { RecordKeeper } from '../records/records.js';
import { HttpError } from './http-error.js';
import type { SwitchResponse } from './switch-response.js';

export interface RoutingParts extends SwitchParts {
  recorder: RecordKeeper | null;
}

export interface SwitchRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Rejects with HttpError if the body is too large or incomplete. */
  readBody: (maxBytes: number) => Promise<Buffer>;
}

/** Statuses of `POST /outcomes`. */
const outcomeStatus = { counted: 200, alreadyCounted: 200, notCounted: 200, unknown: 404 } as const;
const outcomeBytes = 64 * 2 ** 10;

/** Rejects with HttpError or an unexpected error. The caller must then send an error response. */
export async function handleRequest(
  parts: RoutingParts,
  request: SwitchRequest,
  response: SwitchResponse,
  isStopping: boolean,
): Promise<void> {
  const path = readPath(request.url);
  if (path !== null) return handleInvocation(parts, path, request, response);
  switch (`${request.method} ${request.url}`) {
    case 'GET /healthz':
      return sendJson(response, 200, { live: true });
    case 'GET /readyz':
      return sendJson(response, isStopping ? 503 : 200, readiness(parts, isStopping));
    case 'GET /metrics': {
      const { registry } = parts.metrics;
      return send(response, 200, registry.contentType, await registry.metrics());
    }
    case 'POST /outcomes':
      return handleOutcome(parts, request, response);
    default:
      throw new HttpError(
        404,
        'UnknownOperationException',
        'Unknown path; call POST /endpoints/NAME/invocations.',
      );
  }
}

/** Sends the error with which `handleRequest` rejected. */
export function sendFailure({ metrics, log }: RoutingParts, response: SwitchResponse, error: unknown): void {
  const httpError =
    error instanceof HttpError
      ? error
      : new HttpError(500, 'InternalFailure', 'The switch failed; see the log of the switch.', error);
  if (error instanceof HookFailure) metrics.hookFailed(error.hook);
  if (httpError.cause !== null) log('warn', `${httpError.message} ${httpError.detail}`);
  metrics.rejected(httpError.status);
  response.sendError(httpError);
}

async function handleInvocation(
  parts: RoutingParts,
  { endpoint, operation }: { endpoint: string; operation: string },
  { method, headers, readBody }: SwitchRequest,
  response: SwitchResponse,
): Promise<void> {
  if (!isOperation(operation))
    throw new HttpError(
      404,
      'UnknownOperationException',
      `The switch does not support ${operation}; call SageMaker Runtime directly.`,
    );
  if (method !== 'POST')
    throw new HttpError(405, 'UnknownOperationException', `Expected POST, got ${method}.`);
  if (!endpointPattern.test(endpoint))
    throw new HttpError(
      400,
      'ValidationError',
      `Expected an endpoint name that matches ${endpointPattern.source}.`,
    );
  const body = await readBody(parts.config.limits.body);
  return invoke(parts, { endpoint, operation, headers, body }, response);
}

async function handleOutcome(
  { recorder, metrics }: RoutingParts,
  { readBody }: SwitchRequest,
  response: SwitchResponse,
): Promise<void> {
  if (recorder === null)
    throw new HttpError(
      404,
      'UnknownOperationException',
      'Cannot record the outcome: this switch keeps no records; set `records` in its configuration.',
    );
  const outcome = readOutcome(await readBody(outcomeBytes));
  const result = await recorder.recordOutcome(outcome, Date.now());
  metrics.outcomeRecorded(result);
  sendJson(response, outcomeStatus[result], {
    inferenceId: outcome.inferenceId,
    counted: result === 'counted',
    ...(result === 'counted' ? {} : { [result]: true }),
  });
}

/** If Temporal is unavailable, the switch continues with the last known splits, so it stays ready. */
function readiness({ follower }: RoutingParts, isStopping: boolean): object {
  const endpoints = follower.states().map(({ endpoint, split, failure }) => ({
    endpoint,
    rolloutId: split?.rolloutId ?? null,
    sequence: split?.sequence ?? null,
    candidateShare: split?.candidateShare ?? null,
    failure,
  }));
  return { ready: !isStopping, endpoints };
}

function sendJson(response: SwitchResponse, status: number, document: object): void {
  send(response, status, 'application/json', JSON.stringify(document));
}

function send(response: SwitchResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  response.start(status, ['content-type', contentType, 'content-length', String(body.length)]);
  response.write(body);
  response.end();
}
