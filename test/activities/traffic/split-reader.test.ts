import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readPublishedSplit } from '../../../src/activities/traffic/split-reader.js';
import { splitMemoKey } from '../../../src/plan/split/split.js';
import { splitAt } from './splits.js';
import { failureOf } from '../activity-environment.js';

/** As far as the reader uses it. */
function clientOf(describe: () => Promise<{ memo?: Record<string, unknown> }>): Client {
  const client = {
    workflow: { getHandle: () => ({ describe }) },
    withAbortSignal: (_signal: AbortSignal, call: () => Promise<unknown>) => call(),
  };
  return client as unknown as Client;
}

function read(describe: () => Promise<{ memo?: Record<string, unknown> }>) {
  const environment = new MockActivityEnvironment({}, { client: clientOf(describe) });
  return environment.run(readPublishedSplit, 'rollout:digits');
}

describe('reading the published split', () => {
  it('finds it in the workflow’s memo', async () => {
    assert.deepEqual(await read(() => Promise.resolve({ memo: { [splitMemoKey]: splitAt(5) } })), splitAt(5));
  });

  it('says that none has been published', async () => {
    assert.equal(await read(() => Promise.resolve({ memo: {} })), null);
    assert.equal(await read(() => Promise.resolve({})), null);
  });

  it('is tried again where Temporal does not answer', async () => {
    await assert.rejects(
      read(() => Promise.reject(new Error('no connection'))),
      failureOf('Unavailable', /cannot read the split of rollout:digits: no connection/),
    );
  });
});
