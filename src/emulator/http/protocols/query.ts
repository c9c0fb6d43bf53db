import { type Reference, type ServiceModel, shapeOf } from '../../service-model/model.js';
import type { Protocol, RequestHead, Target, WireResponse, WireRequest } from '../protocol.js';
import type { Service } from '../operation.js';
import { ServiceError } from '../service-error.js';
import { signingScopeOf } from '../signature.js';
import { errorFactsOf } from './error-facts.js';
import { readTextScalar } from './scalars.js';
import { malformedInput } from './structures.js';
import { element, escape, writeXml } from './xml.js';

const formType = 'application/x-www-form-urlencoded';
const listMember = /^member\.([1-9]\d{0,5})(?:\.|$)/;
const mapEntry = /^entry\.([1-9]\d{0,5})\./;

/** The AWS query protocol: a form with the operation as `Action` and members by dotted path. Responses are XML. */
export function query(services: Service[]): Protocol {
  const ofQuery = services.filter(({ model }) => model.metadata.protocols.includes('query'));
  const [first] = ofQuery;
  if (!first) throw new Error('no service uses the query protocol');
  return {
    accepts: isQuery,
    serviceOf(head) {
      const signed = signingScopeOf(head)?.service;
      return ofQuery.find(({ model }) => model.metadata.signingName === signed) ?? first;
    },
    operationOf: (request) => formOf(request).get('Action') ?? '',
    read(request, { model }, { input }) {
      const form = formOf(request);
      requireVersion(form, model);
      return readMembers(model, { shape: input }, form);
    },
    writeOk(target, output) {
      const { service, model, operation, requestId } = target;
      const result = model?.output
        ? element(`${operation}Result`, writeXml(service.model, { shape: model.output }, output))
        : '';
      const metadata = element('ResponseMetadata', element('RequestId', requestId));
      return respond(200, target, `${operation}Response`, result + metadata);
    },
    writeError(target, error) {
      const { queryCode, status, senderFault } = errorFactsOf(target, error);
      const type = element('Type', senderFault ? 'Sender' : 'Receiver');
      const about = element('Code', escape(queryCode)) + element('Message', escape(error.message));
      const content = element('Error', type + about) + element('RequestId', target.requestId);
      return respond(status, target, 'ErrorResponse', content);
    },
  };
}

function isQuery({ url, method, headers }: RequestHead): boolean {
  if (url.pathname !== '/') return false;
  return method === 'GET'
    ? url.searchParams.has('Action')
    : Boolean(headers['content-type']?.startsWith(formType));
}

function formOf(request: WireRequest): URLSearchParams {
  return request.method === 'GET'
    ? request.url.searchParams
    : new URLSearchParams(request.body.toString('utf8'));
}

function requireVersion(form: URLSearchParams, { metadata }: ServiceModel): void {
  if (form.get('Version') === metadata.apiVersion) return;
  const message = `Could not find operation ${form.get('Action')} for version ${form.get('Version') ?? 'NO_VERSION_SPECIFIED'}`;
  throw new ServiceError('InvalidAction', message);
}

function respond(status: number, { service }: Target, root: string, content: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<${root} xmlns="${service.model.metadata.xmlNamespace}">${content}</${root}>`,
  };
}

/** Text by path below a value. The text of the value itself has the empty path. */
type QueryFields = Iterable<[string, string]>;

function readMembers(
  model: ServiceModel,
  reference: Reference,
  fields: QueryFields,
): Record<string, unknown> {
  const members = shapeOf(model, reference).members ?? {};
  const groups = groupBy(fields, /^([^.]+)(?:\.|$)/);
  return Object.fromEntries(
    [...groups].flatMap(([name, inside]) => {
      const to = Object.hasOwn(members, name) ? members[name] : undefined;
      return to ? [[name, readValue(model, to, inside)]] : [];
    }),
  );
}

function readValue(model: ServiceModel, reference: Reference, fields: [string, string][]): unknown {
  const shape = shapeOf(model, reference);
  const own = fields.find(([path]) => path === '')?.[1];
  if (shape.type === 'structure') {
    return readMembers(model, reference, fields);
  }
  if (shape.type === 'list') {
    return inOrder(groupBy(fields, listMember)).map(
      (item) => shape.member && readValue(model, shape.member, item),
    );
  }
  if (shape.type === 'map') {
    return Object.fromEntries(
      inOrder(groupBy(fields, mapEntry)).map((entry) => {
        const { key, value } = Object.fromEntries(entry);
        return [key, shape.value && readValue(model, shape.value, [['', value ?? '']])];
      }),
    );
  }
  if (own === undefined) throw malformedInput('Start of structure or map found where not expected.');
  return readTextScalar(own, shape);
}

/** Groups by the first group of the pattern at the start of a path, and removes it. Other paths are left out. */
function groupBy(fields: QueryFields, pattern: RegExp): Map<string, [string, string][]> {
  const groups = new Map<string, [string, string][]>();
  for (const [path, text] of fields) {
    const match = pattern.exec(path);
    if (!match?.[1]) continue;
    const group = groups.get(match[1]) ?? [];
    group.push([path.slice(match[0].length), text]);
    groups.set(match[1], group);
  }
  return groups;
}

function inOrder<Value>(groups: Map<string, Value>): Value[] {
  return [...groups].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}
