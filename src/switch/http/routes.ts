/** What the switch answers, whoever carries the request: SageMaker Runtime's calls, outcomes, health and metrics. */
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
  /** Rejects with a Refusal where it is too large or broken. */
  readBody: (maxBytes: number) => Promise<Buffer>;
}

/** Answers to `POST /outcomes`. */
const outcomeStatus = { counted: 200, alreadyCounted: 200, notCounted: 200, unknown: 404 } as const;
const outcomeBytes = 64 * 2 ** 10;

/** Rejects, with a Refusal or something unforeseen, where `reply` has nothing yet. */
export async function handleRequest(
  parts: RoutingParts,
  request: SwitchRequest,
  reply: SwitchResponse,
  isStopping: boolean,
): Promise<void> {
  const path = readPath(request.url);
  if (path !== null) return answerCall(parts, path, request, reply);
  switch (`${request.method} ${request.url}`) {
    case 'GET /healthz':
      return sendJson(reply, 200, { live: true });
    case 'GET /readyz':
      return sendJson(reply, isStopping ? 503 : 200, readiness(parts, isStopping));
    case 'GET /metrics': {
      const { registry } = parts.metrics;
      return send(reply, 200, registry.contentType, await registry.metrics());
    }
    case 'POST /outcomes':
      return answerOutcome(parts, request, reply);
    default:
      throw new HttpError(
        404,
        'UnknownOperationException',
        'The switch knows POST /endpoints/NAME/invocations.',
      );
  }
}

/** Answers in place of `answer` where that rejects. */
export function answerFailure({ metrics, log }: RoutingParts, reply: SwitchResponse, error: unknown): void {
  const refusal =
    error instanceof HttpError ? error : new HttpError(500, 'InternalFailure', 'The switch failed.', error);
  if (error instanceof HookFailure) metrics.hookFailed(error.hook);
  if (refusal.cause !== null) log('warn', `${refusal.message} ${refusal.detail}`);
  metrics.refused(refusal.status);
  reply.refuse(refusal);
}

async function answerCall(
  parts: RoutingParts,
  { endpoint, operation }: { endpoint: string; operation: string },
  { method, headers, readBody }: SwitchRequest,
  reply: SwitchResponse,
): Promise<void> {
  if (!isOperation(operation))
    throw new HttpError(404, 'UnknownOperationException', `The switch does not pass on ${operation}.`);
  if (method !== 'POST')
    throw new HttpError(405, 'UnknownOperationException', `${method} is not a call of SageMaker Runtime.`);
  if (!endpointPattern.test(endpoint))
    throw new HttpError(400, 'ValidationError', `The endpoint's name must match ${endpointPattern.source}.`);
  const body = await readBody(parts.config.limits.body);
  return invoke(parts, { endpoint, operation, headers, body }, reply);
}

async function answerOutcome(
  { recorder, metrics }: RoutingParts,
  { readBody }: SwitchRequest,
  reply: SwitchResponse,
): Promise<void> {
  if (recorder === null)
    throw new HttpError(
      404,
      'UnknownOperationException',
      'This switch records nothing; see `records` in docs/switch.md.',
    );
  const outcome = readOutcome(await readBody(outcomeBytes));
  const result = await recorder.recordOutcome(outcome, Date.now());
  metrics.concluded(result);
  sendJson(reply, outcomeStatus[result], {
    inferenceId: outcome.inferenceId,
    counted: result === 'counted',
    ...(result === 'counted' ? {} : { [result]: true }),
  });
}

/** Without Temporal the switch goes on with what it knows, so that does not make it unready. */
function readiness({ follower }: RoutingParts, isStopping: boolean): object {
  const endpoints = follower.states().map(({ endpoint, split, trouble }) => ({
    endpoint,
    rolloutId: split?.rolloutId ?? null,
    sequence: split?.sequence ?? null,
    candidateShare: split?.candidateShare ?? null,
    trouble,
  }));
  return { ready: !isStopping, endpoints };
}

function sendJson(reply: SwitchResponse, status: number, document: object): void {
  send(reply, status, 'application/json', JSON.stringify(document));
}

function send(reply: SwitchResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  reply.start(status, ['content-type', contentType, 'content-length', String(body.length)]);
  reply.write(body);
  reply.end();
}
