import { decode, encode, Token, Type } from 'cborg';
import type { Shape } from '../../service-model/model.js';
import type { Protocol } from '../protocol.js';
import type { Service } from '../operation.js';
import { absentService } from '../absent-service.js';
import { errorFactsOf, queryErrorHeader, statusInNewProtocol } from './error-facts.js';
import { readPlainScalar, requireDate, requireType, toDate } from './scalars.js';
import { malformedInput, readStructureValue, writeStructureValue } from './structures.js';

const path = /^\/service\/([^/]+)\/operation\/([^/]+)$/;
const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
/** CBOR's tag for epoch seconds. */
const epochTag = 1;

/** Smithy RPC v2 CBOR: the path has the service and the operation. Both bodies are CBOR. */
export function rpcCbor(services: Service[]): Protocol {
  const byName = new Map(
    services
      .filter(({ model }) => model.metadata.protocols.includes('smithy-rpc-v2-cbor'))
      .map((service) => [service.model.metadata.targetPrefix, service]),
  );
  return {
    accepts: ({ headers, url }) => headers['smithy-protocol'] === 'rpc-v2-cbor' && path.test(url.pathname),
    serviceOf(head) {
      const name = path.exec(head.url.pathname)?.[1] ?? '';
      return byName.get(name) ?? absentService(name);
    },
    operationOf: (request) => path.exec(request.url.pathname)?.[2] ?? '',
    read: ({ body }, { model }, { input }) =>
      readStructureValue(model, { shape: input }, parse(body), readScalar),
    writeOk({ service, model }, output) {
      if (!model?.output) return { status: 200, headers: withoutContent(), body: '' };
      const value = writeStructureValue(service.model, { shape: model.output }, output, writeScalar);
      return { status: 200, headers, body: write(value) };
    },
    writeError(target, error) {
      const facts = errorFactsOf(target, error);
      return {
        status: statusInNewProtocol(target, facts),
        headers: { ...headers, ...queryErrorHeader(target, facts) },
        body: write({ __type: facts.shapeName, ...facts.members }),
      };
    },
  };
}

function withoutContent(): Record<string, string> {
  return { 'smithy-protocol': headers['smithy-protocol'] };
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return decode(body, { tags: { [epochTag]: (content) => requireDate(Number(content()) * 1000) } });
  } catch (error) {
    throw malformedInput(error instanceof Error ? error.message : String(error));
  }
}

function write(value: unknown): Uint8Array {
  return encode(value, {
    float64: true,
    typeEncoders: {
      Date: (date: Date) => [new Token(Type.tag, epochTag), new Token(Type.float, date.getTime() / 1000)],
      Float64Array: ([number]: Float64Array) => new Token(Type.float, number),
    },
  });
}

function readScalar(raw: unknown, shape: Shape): unknown {
  if (shape.type === 'timestamp' && raw instanceof Date) return raw;
  if (shape.type === 'blob' && raw instanceof Uint8Array) return Buffer.from(raw);
  return readPlainScalar(raw, shape);
}

function writeScalar(value: unknown, shape: Shape): unknown {
  if (shape.type === 'timestamp') return toDate(value);
  if (shape.type === 'blob') return value;
  // JavaScript has one number type. A typed array of one number marks a double.
  if (shape.type === 'double' || shape.type === 'float') {
    return Float64Array.of(requireType(value, shape) as number);
  }
  return requireType(value, shape);
}
