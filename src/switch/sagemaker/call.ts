import type { IncomingHttpHeaders } from 'node:http';

/** One call of a client, read to its end. */
export interface InvocationRequest {
  /** As the client wrote it. */
  endpoint: string;
  operation: InvocationOperation;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The last part of the path. */
export type InvocationOperation = 'invocations' | 'invocations-response-stream';

const pathPattern = /^\/endpoints\/([^/?]*)\/([a-z-]+)$/;

/** The endpoint and the operation of a path; null if the path is not a call of SageMaker Runtime. */
export function readPath(url: string): { endpoint: string; operation: string } | null {
  const query = url.indexOf('?');
  const found = pathPattern.exec(query < 0 ? url : url.slice(0, query));
  return found === null ? null : { endpoint: found[1] ?? '', operation: found[2] ?? '' };
}

export function isOperation(text: string): text is InvocationOperation {
  return text === 'invocations' || text === 'invocations-response-stream';
}
