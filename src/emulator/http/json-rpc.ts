import type { IncomingMessage, ServerResponse } from 'node:http';
import { cloudWatch } from '../cloudwatch/service.js';
import { sageMaker } from '../sagemaker/service.js';
import type { World } from '../world/world.js';
import { type Answer, dispatch } from './dispatch.js';
import type { Service } from './operation.js';
import type { ServiceError } from './service-error.js';

/** awsJson 1.0 and 1.1: the operation is named in the header X-Amz-Target. */
const targets: Record<string, { service: Service; contentType: string }> = {
  SageMaker: { service: sageMaker, contentType: 'application/x-amz-json-1.1' },
  GraniteServiceVersion20100801: { service: cloudWatch, contentType: 'application/x-amz-json-1.0' },
};

/** Handles the request if it is of this protocol. */
export async function handleJsonRpc(
  world: World,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<boolean> {
  const [prefix, name] = String(request.headers['x-amz-target'] ?? '').split('.');
  const target = targets[prefix ?? ''];
  if (!target || !name) return false;
  const readInput = (): unknown => JSON.parse(body.toString('utf8') || '{}');
  const answer = await dispatch(world, target.service, name, readInput);
  const queryMode = request.headers['x-amzn-query-mode'] === 'true';
  writeAnswer(response, answer, target.contentType, queryMode);
  return true;
}

function writeAnswer(
  response: ServerResponse,
  answer: Answer,
  contentType: string,
  queryMode: boolean,
): void {
  switch (answer.kind) {
    case 'lost':
      response.socket?.destroy();
      return;
    case 'ok':
      response.writeHead(200, { 'content-type': contentType });
      response.end(JSON.stringify(withEpochSeconds(answer.output)));
      return;
    case 'error':
      response.writeHead(answer.error.status, {
        'content-type': contentType,
        ...(queryMode ? queryErrorHeader(answer.error) : {}),
      });
      response.end(JSON.stringify(errorBody(answer.error)));
  }
}

function errorBody(error: ServiceError): object {
  return { __type: error.code, message: error.message, ...error.members };
}

/** Clients that once spoke the query protocol take the error's name from here. */
function queryErrorHeader(error: ServiceError): Record<string, string> {
  return { 'x-amzn-query-error': `${error.code};${error.status < 500 ? 'Sender' : 'Receiver'}` };
}

/** JSON protocols carry times as epoch seconds, and numbers that JSON does not have as text. */
function withEpochSeconds(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withEpochSeconds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withEpochSeconds(member)]));
}
