import type { IncomingMessage, ServerResponse } from 'node:http';
import { sageMakerRuntime } from '../runtime/service.js';
import type { InvokeEndpointAnswer } from '../runtime/invoke-endpoint.js';
import type { World } from '../world/world.js';
import { dispatch } from './dispatch.js';
import type { ServiceError } from './service-error.js';

const invocation = /^\/endpoints\/([^/]+)\/invocations$/;

/** restJson1 of SageMaker Runtime: names in the path and in headers, the body as it is. Handles the request if its own. */
export async function handleRestJson(
  world: World,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<boolean> {
  const match = invocation.exec(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
  if (!match || request.method !== 'POST') return false;
  const answer = await dispatch(world, sageMakerRuntime, 'InvokeEndpoint', () =>
    withoutUndefined({
      EndpointName: decodeURIComponent(match[1] ?? ''),
      Body: body,
      ContentType: request.headers['content-type'],
      Accept: request.headers['accept'],
      CustomAttributes: request.headers['x-amzn-sagemaker-custom-attributes'],
      TargetVariant: request.headers['x-amzn-sagemaker-target-variant'],
      InferenceId: request.headers['x-amzn-sagemaker-inference-id'],
      SessionId: request.headers['x-amzn-sagemaker-session-id'],
    }),
  );
  if (answer.kind === 'lost') response.socket?.destroy();
  else if (answer.kind === 'error') writeError(response, answer.error);
  else writeInvocation(response, answer.output as InvokeEndpointAnswer);
  return true;
}

function writeInvocation(response: ServerResponse, answer: InvokeEndpointAnswer): void {
  response.writeHead(200, {
    'content-type': answer.ContentType,
    'x-amzn-invoked-production-variant': answer.InvokedProductionVariant,
  });
  response.end(answer.Body);
}

function writeError(response: ServerResponse, error: ServiceError): void {
  response.writeHead(error.status, { 'content-type': 'application/json', 'x-amzn-errortype': error.code });
  response.end(JSON.stringify({ Message: error.message, ...error.members }));
}

function withoutUndefined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
