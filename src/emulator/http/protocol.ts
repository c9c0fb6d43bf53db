import type { IncomingHttpHeaders } from 'node:http';
import type { OperationModel } from '../service-model/model.js';
import type { Service } from './operation.js';
import type { ServiceError } from './service-error.js';

/** What is known of a request before its body. */
export interface RequestHead {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
}

export interface WireRequest extends RequestHead {
  /** As it was before a compression for the way. */
  body: Buffer;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** What an answer is about. */
export interface Target {
  service: Service;
  operation: string;
  /** Undefined where the service has no such operation. */
  model: OperationModel | undefined;
  request: RequestHead;
  requestId: string;
}

/** A wire protocol: how requests, answers and errors are written down. The service model says what is in them. */
export interface Protocol {
  /** The service that a request of this protocol is for; null where it is of another protocol. */
  serviceOf(head: RequestHead): Service | null;
  operationOf(request: WireRequest, service: Service): string;
  /** The operation's input. Throws `ServiceError` where the body is no such thing. */
  read(request: WireRequest, service: Service, model: OperationModel): unknown;
  writeOk(target: Target, output: object): WireAnswer;
  writeError(target: Target, error: ServiceError): WireAnswer;
}
