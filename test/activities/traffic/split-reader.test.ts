import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readPublishedSplit } from '../../../src/activities/traffic/split-reader.js';
import { splitMemoKey } from '../../../src/plan/split/split.js';
import { splitAt } from './splits.js';
import { failureOf } from '../activity-environment.js';

/** A client with the parts that the reader uses. */
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

describe('readPublishedSplit', () => {
  it('readPublishedSplit: split in the memo -> returns it', async () => {
    assert.deepEqual(await read(() => Promise.resolve({ memo: { [splitMemoKey]: splitAt(5) } })), splitAt(5));
  });

  it('readPublishedSplit: no split published -> null', async () => {
    assert.equal(await read(() => Promise.resolve({ memo: {} })), null);
    assert.equal(await read(() => Promise.resolve({})), null);
  });

  it('readPublishedSplit: Temporal does not answer -> Unavailable', async () => {
    await assert.rejects(
      read(() => Promise.reject(new Error('no connection'))),
      failureOf('Unavailable', /cannot read the split of rollout:digits: no connection/),
    );
  });
});
