import type { Protocol, RequestHead } from '../protocol.js';
import type { Service } from '../operation.js';
import { absentService } from '../absent-service.js';
import { errorFactsOf, queryErrorHeader, statusInNewProtocol } from './error-facts.js';
import { readJsonScalar, writeJsonScalar } from './scalars.js';
import { malformedInput, readStructureValue, writeStructureValue } from './structures.js';

/** awsJson 1.0 and 1.1: `POST /`. The header X-Amz-Target has the service and the operation. */
export function awsJson(services: Service[]): Protocol {
  const byPrefix = new Map(
    services
      .filter(({ model }) => model.metadata.protocols.includes('json'))
      .map((service) => [service.model.metadata.targetPrefix, service]),
  );
  return {
    accepts: ({ headers }) => headers['x-amz-target'] !== undefined,
    serviceOf(head) {
      const { prefix } = targetOf(head);
      return byPrefix.get(prefix) ?? absentService(prefix);
    },
    operationOf: (request) => targetOf(request).operation,
    read: ({ body }, { model }, { input }) =>
      readStructureValue(model, { shape: input }, parseJsonBody(body.toString('utf8')), readJsonScalar),
    writeOk: ({ service, model }, output) => ({
      status: 200,
      headers: contentType(service),
      body: model?.output
        ? JSON.stringify(writeStructureValue(service.model, { shape: model.output }, output, writeJsonScalar))
        : '',
    }),
    writeError(target, error) {
      const facts = errorFactsOf(target, error);
      return {
        status: statusInNewProtocol(target, facts),
        headers: { ...contentType(target.service), ...queryErrorHeader(target, facts) },
        body: JSON.stringify({ __type: facts.shapeName, ...facts.members }),
      };
    },
  };
}

export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch (error) {
    throw malformedInput(error instanceof Error ? error.message : String(error));
  }
}

function targetOf({ headers }: RequestHead): { prefix: string; operation: string } {
  const [prefix = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  return { prefix, operation };
}

function contentType({ model }: Service): Record<string, string> {
  return { 'content-type': `application/x-amz-json-${model.metadata.jsonVersion ?? '1.1'}` };
}
