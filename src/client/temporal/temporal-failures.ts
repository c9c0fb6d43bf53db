/** Converts gRPC failures of Temporal to errors of the client. */
import { isGrpcServiceError, type Client, Connection, ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { RolloutError, TemporalRejected, TemporalUnreachable } from '../errors.js';

/** Source: https://grpc.io/docs/guides/status-codes/ */
export const grpcCode = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  failedPrecondition: 9,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** Codes for an unanswered query. The server has the caller's deadline, and may end the call first. */
export const unansweredCodes: ReadonlySet<number> = new Set([
  grpcCode.cancelled,
  grpcCode.deadlineExceeded,
  grpcCode.failedPrecondition,
]);

export interface Server {
  address: string;
  namespace: string;
}

export function serverOf(client: Client): Server {
  const { connection, options } = client;
  return {
    address: connection instanceof Connection ? connection.options.address : 'the given connection',
    namespace: options.namespace,
  };
}

/** The gRPC failure of an error or of its causes. Null if there is none. */
export function grpcFailureOf(error: unknown): { code: number; details: string } | null {
  if (isGrpcServiceError(error)) return { code: error.code, details: error.details };
  if (error instanceof Error && error.cause !== undefined) return grpcFailureOf(error.cause);
  return null;
}

/** True if the server cannot answer because the workflow task keeps failing on the workers. */
export function workersFail({ code, details }: { code: number; details: string }): boolean {
  return code === grpcCode.failedPrecondition && /workflow task in failed state/i.test(details);
}

/** For calls that need only the server. Unknown errors are returned unchanged. */
export function explainFailure(error: unknown, server: Server): unknown {
  if (error instanceof RolloutError) return error;
  const { address, namespace } = server;
  if (error instanceof NamespaceNotFoundError) {
    const advice = 'Check TEMPORAL_NAMESPACE or --namespace.';
    return new TemporalRejected(address, namespace, 'the namespace does not exist', advice, error);
  }
  const failure = grpcFailureOf(error);
  if (failure === null) return error;
  const advice = adviceOn(failure);
  if (advice !== null) return new TemporalRejected(address, namespace, failure.details, advice, error);
  switch (failure.code) {
    case grpcCode.unavailable:
    case grpcCode.cancelled:
    case grpcCode.deadlineExceeded:
      return new TemporalUnreachable(address, failure.details, error);
    default:
      return error instanceof ServiceError
        ? new TemporalRejected(address, namespace, failure.details, `(${error.message})`, error)
        : error;
  }
}

function adviceOn({ code, details }: { code: number; details: string }): string | null {
  if (code === grpcCode.unauthenticated || code === grpcCode.permissionDenied) {
    return 'Check TEMPORAL_API_KEY or the mTLS certificates, and their permissions in this namespace.';
  }
  if (code === grpcCode.invalidArgument && /search attribute/i.test(details)) {
    return 'Run `penstock setup` once for this namespace.';
  }
  return null;
}
