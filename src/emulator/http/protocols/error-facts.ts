import type { Shape } from '../../service-model/model.js';
import type { Target } from '../protocol.js';
import type { ServiceError } from '../service-error.js';

export interface ErrorFacts {
  /** The name of the error's shape, as newer protocols give it. */
  shapeName: string;
  /** The name that the query protocol gives, and SDKs that once spoke it show. */
  queryCode: string;
  status: number;
  senderFault: boolean;
  /** All of the error's members, with the message under the name that the shape has for it. */
  members: Record<string, unknown>;
}

/** Errors of the service framework, by shape; the query protocol has names of its own for them. */
const frameworkCodes: Record<string, string> = {
  SerializationException: 'MalformedInput',
  UnknownOperationException: 'InvalidAction',
  ThrottlingException: 'Throttling',
  AccessDeniedException: 'AccessDenied',
};
const frameworkShapes = Object.fromEntries(
  Object.entries(frameworkCodes).map(([shape, code]) => [code, shape]),
);

/** What the service model says of an error, found by its name or by its code in the query protocol. */
export function errorFactsOf({ service, model }: Target, error: ServiceError): ErrorFacts {
  const { code } = error;
  const shapes = Object.entries(service.model.shapes).filter(([, shape]) => shape.exception);
  const listed = shapes.filter(([name]) => model?.errors.includes(name));
  const [name, shape] =
    [...shapes.filter(([each]) => each === code), ...listed, ...shapes].find(
      ([each, { error: facts }]) => each === code || facts?.code === code,
    ) ?? [];
  const hasQuery = service.model.metadata.protocols.includes('query');
  const status = shape?.error?.httpStatusCode ?? error.status;
  return {
    shapeName: name ?? (hasQuery ? frameworkShapes[code] : undefined) ?? code,
    queryCode: shape?.error?.code ?? frameworkCodes[code] ?? code,
    status,
    senderFault: shape?.error?.senderFault ?? status < 500,
    members: { [messageName(shape)]: error.message, ...error.members },
  };
}

function messageName(shape: Shape | undefined): string {
  return shape?.members?.['Message'] ? 'Message' : 'message';
}

/** For clients that once spoke the query protocol: they take the error's name from here. */
export function queryErrorHeader(target: Target, facts: ErrorFacts): Record<string, string> {
  if (target.request.headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${facts.queryCode};${facts.senderFault ? 'Sender' : 'Receiver'}` };
}
