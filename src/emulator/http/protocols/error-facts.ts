import type { Shape } from '../../service-model/model.js';
import type { Target } from '../protocol.js';
import type { ServiceError } from '../service-error.js';

export interface ErrorFacts {
  /** Name of the error shape, which newer protocols use. */
  shapeName: string;
  /** Name in the query protocol. SDKs that used this protocol before still show it. */
  queryCode: string;
  status: number;
  senderFault: boolean;
  /** All members of the error. The message has the name that the shape defines. */
  members: Record<string, unknown>;
}

/** Errors of the service framework by shape, with their names in the query protocol. */
const frameworkCodes: Record<string, string> = {
  SerializationException: 'MalformedInput',
  UnknownOperationException: 'InvalidAction',
  ThrottlingException: 'Throttling',
  AccessDeniedException: 'AccessDenied',
};
const frameworkShapes = Object.fromEntries(
  Object.entries(frameworkCodes).map(([shape, code]) => [code, shape]),
);

/** Finds an error of the service model by its name, or by its code in the query protocol. */
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

/**
 * The status in newer protocols. For services with the query protocol, the model's status is the one of that protocol and
 * of its header mode. Without that header it is only 400 or 500: LocalStack's recording
 * test_exception_serializing_with_no_shape_in_spec.
 */
export function statusInNewProtocol({ service, request }: Target, facts: ErrorFacts): number {
  const isModelled = service.model.shapes[facts.shapeName]?.error !== undefined;
  const isPlain =
    service.model.metadata.protocols.includes('query') && request.headers['x-amzn-query-mode'] !== 'true';
  if (!isModelled || !isPlain) return facts.status;
  return facts.senderFault ? 400 : 500;
}

/** Header for clients that earlier used the query protocol. They read the name of the error from it. */
export function queryErrorHeader(target: Target, facts: ErrorFacts): Record<string, string> {
  if (target.request.headers['x-amzn-query-mode'] !== 'true') return {};
  return { 'x-amzn-query-error': `${facts.queryCode};${facts.senderFault ? 'Sender' : 'Receiver'}` };
}
