import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { applicationAutoScaling } from '../application-auto-scaling/service.js';
import { cloudWatch } from '../cloudwatch/service.js';
import { cloudWatchLogs } from '../logs/service.js';
import { iam } from '../identity/iam.js';
import { sts } from '../identity/sts.js';
import { sageMakerRuntime } from '../runtime/service.js';
import { sageMaker } from '../sagemaker/service.js';
import { serviceQuotas } from '../service-quotas/service.js';
import type { Regions } from '../account/regions.js';
import { absentServiceOf } from './absent-service.js';
import { type DispatchResult, dispatch } from './dispatch.js';
import type { Protocol, RequestHead, Target, WireResponse } from './protocol.js';
import { awsJson } from './protocols/aws-json.js';
import { query } from './protocols/query.js';
import { restJson } from './protocols/rest-json.js';
import { rpcCbor } from './protocols/rpc-cbor.js';
import { ServiceError } from './service-error.js';
import { requireSignature, signingScopeOf } from './signature.js';

const services = [
  ...[sageMaker, sageMakerRuntime, cloudWatchLogs, cloudWatch, applicationAutoScaling],
  ...[serviceQuotas, iam, sts],
];
/** The first protocol that recognizes a request handles it. The last one accepts all others. */
const protocols: Protocol[] = [rpcCbor, awsJson, query, restJson].map((protocol) => protocol(services));

/** A request as it arrives. `body`: the decompressed body, or the error from reading it. */
export interface ArrivedRequest extends RequestHead {
  body: Buffer | ServiceError;
}

/** Responds over HTTP to a call of one of the services. */
export async function respondToCall(
  regions: Regions,
  request: IncomingMessage,
  body: Buffer | ServiceError,
  response: ServerResponse,
): Promise<void> {
  const { method = '', headers } = request;
  const answer = await answerCall(regions, { method, url: urlOf(request), headers, body });
  if (answer === null) {
    response.socket?.destroy();
    return;
  }
  const { status, headers: answerHeaders, body: content } = answer;
  // Node's Date header has the real time, whatever the emulator's clock is. SDKs use it and run in real time.
  response.writeHead(status, { 'content-length': Buffer.byteLength(content), ...answerHeaders });
  response.end(content);
}

/** Answers a call of one of the services, in the region that it is signed for. Null: the connection closes without a response. */
export async function answerCall(
  regions: Regions,
  { body, ...head }: ArrivedRequest,
): Promise<WireResponse | null> {
  const account = regions.of(signingScopeOf(head)?.region ?? null);
  const protocol = protocolOf(head);
  const service = absentServiceOf(head) ?? protocol.serviceOf(head);
  const wire = { ...head, body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) };
  const operation = protocol.operationOf(wire, service);
  const model = Object.hasOwn(service.model.operations, operation)
    ? service.model.operations[operation]
    : undefined;
  const result = await dispatch(account, service, operation, () => {
    requireSignature(head);
    if (body instanceof ServiceError) throw body;
    return model ? protocol.read(wire, service, model) : {};
  });
  if (result.kind === 'lost') return null;
  const target = { service, operation, model, request: head, requestId: randomUUID() };
  const { headers, ...written } = write(protocol, target, result);
  return { ...written, headers: { 'x-amzn-requestid': target.requestId, ...headers } };
}

const base = 'http://127.0.0.1';

/** No operation has the root path or a path that cannot be decoded. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  return new URL(URL.canParse(url, base) ? url : '/', base);
}

function protocolOf(head: RequestHead): Protocol {
  const protocol = protocols.find((each) => each.accepts(head));
  if (!protocol) throw new Error('the last protocol must accept every request');
  return protocol;
}

function write(
  protocol: Protocol,
  target: Target,
  result: Exclude<DispatchResult, { kind: 'lost' }>,
): WireResponse {
  if (result.kind === 'error') return protocol.writeError(target, result.error);
  try {
    return protocol.writeOk(target, result.output);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = `The emulator's response does not match the service model: ${text}`;
    return protocol.writeError(target, new ServiceError('InternalFailure', message, 500));
  }
}
