import type { IncomingHttpHeaders } from 'node:http';
import type { OperationModel } from '../service-model/model.js';
import type { Service } from './operation.js';
import type { ServiceError } from './service-error.js';

/** The head of a request. */
export interface RequestHead {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
}

export interface WireRequest extends RequestHead {
  /** The decompressed body. */
  body: Buffer;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** The call that a response belongs to. */
export interface Target {
  service: Service;
  operation: string;
  /** Undefined if the service has no such operation. */
  model: OperationModel | undefined;
  request: RequestHead;
  requestId: string;
}

/** A wire protocol: the format of requests, responses and errors. The service model defines their content. */
export interface Protocol {
  /** Whether the request is of this protocol. */
  accepts(head: RequestHead): boolean;
  /** The service of the request, also if the emulator does not have it. */
  serviceOf(head: RequestHead): Service;
  operationOf(request: WireRequest, service: Service): string;
  /** The input of the operation. Throws ServiceError if the body is invalid. */
  read(request: WireRequest, service: Service, model: OperationModel): unknown;
  writeOk(target: Target, output: object): WireResponse;
  writeError(target: Target, error: ServiceError): WireResponse;
}
