import {
  type OperationModel,
  type Reference,
  type ServiceModel,
  shapeOf,
} from '../../service-model/model.js';
import type { Protocol, RequestHead, Target, WireRequest, WireResponse } from '../protocol.js';
import type { Service } from '../operation.js';
import type { ServiceError } from '../service-error.js';
import { parseJsonBody } from './aws-json.js';
import { errorFactsOf } from './error-facts.js';
import { readJsonScalar, readTextScalar, writeJsonScalar, writeTextScalar } from './scalars.js';
import { malformedInput, readStructureValue, writeStructureValue } from './structures.js';
import { element, escape } from './xml.js';

/** restJson1: members in the path, in headers and in the body. Accepts all requests of no other protocol. */
export function restJson(services: Service[]): Protocol {
  const [service] = services.filter(({ model }) => model.metadata.protocols.includes('rest-json'));
  if (!service) throw new Error('no service uses restJson1');
  const routes = Object.entries(service.model.operations).map(([name, { http }]) => ({
    name,
    method: http.method,
    path: pathPattern(http.requestUri),
  }));
  return {
    accepts: () => true,
    serviceOf: () => service,
    operationOf({ method, url }) {
      const route = routes.find((each) => each.method === method && each.path.test(url.pathname));
      return route?.name ?? `${method} ${url.pathname}`;
    },
    read: (request, { model }, operation) => readInput(model, operation, request),
    writeOk({ service, model }, output) {
      if (!model?.output) return { status: 200, headers: {}, body: '' };
      return { status: model.http.responseCode ?? 200, ...writeOutput(service.model, model.output, output) };
    },
    writeError(target, error) {
      // Clients of S3, an absent service, read only XML.
      if (target.service.name === 's3') return writeXmlError(target, error);
      const { shapeName, status, members } = errorFactsOf(target, error);
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': shapeName };
      return { status, headers, body: JSON.stringify(members) };
    },
  };
}

function writeXmlError({ requestId }: Target, { code, message, status }: ServiceError): WireResponse {
  const content =
    element('Code', escape(code)) + element('Message', escape(message)) + element('RequestId', requestId);
  return { status, headers: { 'content-type': 'application/xml' }, body: element('Error', content) };
}

function pathPattern(requestUri: string): RegExp {
  return new RegExp(`^${requestUri.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function readInput(model: ServiceModel, operation: OperationModel, request: WireRequest): unknown {
  const shape = shapeOf(model, { shape: operation.input });
  const inPath = pathPattern(operation.http.requestUri).exec(request.url.pathname)?.groups ?? {};
  const input: Record<string, unknown> = {};
  for (const [name, reference] of Object.entries(shape.members ?? {})) {
    const text = textOf(request, inPath, name, reference);
    if (text !== undefined) input[name] = readTextScalar(text, shapeOf(model, reference));
  }
  const payload = shape.payload === undefined ? undefined : shape.members?.[shape.payload];
  if (payload && shape.payload !== undefined && shapeOf(model, payload).type === 'blob') {
    return { ...input, [shape.payload]: request.body };
  }
  const inBody = parseJsonBody(request.body.toString('utf8'));
  return {
    ...(readStructureValue(model, { shape: operation.input }, inBody, readJsonScalar) as object),
    ...input,
  };
}

function textOf(
  { headers, url }: RequestHead,
  inPath: Record<string, string>,
  name: string,
  { location, locationName = name }: Reference,
): string | undefined {
  switch (location) {
    case 'uri':
      return decode(inPath[locationName] ?? '');
    case 'querystring':
      return url.searchParams.get(locationName) ?? undefined;
    case 'header':
      return headers[locationName.toLowerCase()]?.toString();
    case 'statusCode':
    case undefined:
      return undefined;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformedInput(`malformed path: ${part}`);
  }
}

function writeOutput(model: ServiceModel, name: string, output: object) {
  const shape = shapeOf(model, { shape: name });
  const headers: Record<string, string> = {};
  for (const [member, reference] of Object.entries(shape.members ?? {})) {
    const value: unknown = Reflect.get(output, member);
    if (reference.location !== 'header' || value === undefined) continue;
    headers[(reference.locationName ?? member).toLowerCase()] = writeTextScalar(
      value,
      shapeOf(model, reference),
    );
  }
  if (shape.payload !== undefined) return { headers, body: Reflect.get(output, shape.payload) as Uint8Array };
  const body = JSON.stringify(writeStructureValue(model, { shape: name }, output, writeJsonScalar));
  return { headers: { 'content-type': 'application/json', ...headers }, body };
}
