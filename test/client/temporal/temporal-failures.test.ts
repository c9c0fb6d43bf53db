import assert from 'node:assert/strict';
import { ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { RolloutNotFound, TemporalRejected, TemporalUnreachable } from '../../../src/client.js';
import { explainFailure, grpcCode } from '../../../src/client/temporal/temporal-failures.js';

const server = { address: '127.0.0.1:7233', namespace: 'default' };

/** An error in the form of @grpc/grpc-js: code, details and metadata. */
function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
}

function explain(code: number, details: string): unknown {
  return explainFailure(new ServiceError('Failed to do it', { cause: grpcError(code, details) }), server);
}

describe('explainFailure', () => {
  it('explainFailure: unavailable or deadline exceeded -> TemporalUnreachable', () => {
    for (const code of [grpcCode.unavailable, grpcCode.deadlineExceeded]) {
      const error = explain(code, 'no connection established');
      assert.ok(error instanceof TemporalUnreachable);
      assert.match(error.message, /127\.0\.0\.1:7233 \(no connection established\)/);
    }
  });

  const advices = [
    { code: grpcCode.unauthenticated, details: 'invalid api key', advice: /TEMPORAL_API_KEY/ },
    { code: grpcCode.permissionDenied, details: 'not allowed', advice: /TEMPORAL_API_KEY/ },
    {
      code: grpcCode.invalidArgument,
      details: 'no mapping defined for search attribute RolloutEndpoint',
      advice: /penstock setup/,
    },
    { code: grpcCode.invalidArgument, details: 'blob size exceeds limit', advice: /Failed to do it/ },
  ];
  for (const { code, details, advice } of advices) {
    it(`explainFailure: "${details}" -> TemporalRejected with the next step`, () => {
      const error = explain(code, details);
      assert.ok(error instanceof TemporalRejected);
      assert.match(error.message, advice);
      assert.ok(error.message.includes(details));
    });
  }

  it('explainFailure: unknown namespace -> TemporalRejected with its name', () => {
    const error = explainFailure(new NamespaceNotFoundError('default'), server);
    assert.ok(error instanceof TemporalRejected);
    assert.match(error.message, /namespace default, rejected the request: the namespace does not exist/);
  });

  it('explainFailure: explained or unknown error -> unchanged', () => {
    for (const error of [new RolloutNotFound('digits'), new TypeError('a bug')]) {
      assert.equal(explainFailure(error, server), error);
    }
  });
});
