import assert from 'node:assert/strict';
import { ServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { RolloutNotFound, TemporalRejected, TemporalUnreachable } from '../../../src/client.js';
import { explainFailure, grpcCode } from '../../../src/client/temporal/temporal-failures.js';

const server = { address: '127.0.0.1:7233', namespace: 'default' };

/** As @grpc/grpc-js has it: a code, details and metadata. */
function grpcError(code: number, details: string): Error {
  return Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} });
}

function explain(code: number, details: string): unknown {
  return explainFailure(new ServiceError('Failed to do it', { cause: grpcError(code, details) }), server);
}

describe('explainFailure', () => {
  it('takes a server that is away, or too slow, for unreachable', () => {
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
    it(`says what to do about "${details}"`, () => {
      const error = explain(code, details);
      assert.ok(error instanceof TemporalRejected);
      assert.match(error.message, advice);
      assert.ok(error.message.includes(details));
    });
  }

  it('names the namespace that does not exist', () => {
    const error = explainFailure(new NamespaceNotFoundError('default'), server);
    assert.ok(error instanceof TemporalRejected);
    assert.match(error.message, /namespace default, rejected the request: the namespace does not exist/);
  });

  it('leaves alone what is explained already, and what is none of its business', () => {
    for (const error of [new RolloutNotFound('digits'), new TypeError('a bug')]) {
      assert.equal(explainFailure(error, server), error);
    }
  });
});
