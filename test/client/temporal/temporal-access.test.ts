import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { TemporalAccess } from '../../../src/client/temporal/temporal-access.js';

/** Waits like the SDK: one request after another. Each leaves a listener on the signal. */
function clientOf(requests: number, then: (signal: AbortSignal) => Promise<unknown>): Client {
  let current = new AbortController().signal;
  const client = {
    options: { namespace: 'default' },
    withAbortSignal: (signal: AbortSignal, call: () => Promise<unknown>) => {
      current = signal;
      return call();
    },
    workflow: {
      result() {
        for (let n = 0; n < requests; n++) current.addEventListener('abort', () => undefined);
        return then(current);
      },
    },
  };
  return client as unknown as Client;
}

describe('TemporalAccess', () => {
  it('TemporalAccess: wait with many requests -> no warning about too many listeners', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const access = new TemporalAccess(
      clientOf(30, () => Promise.resolve('ended')),
      5,
    );
    assert.equal(await access.result('digits', undefined), 'ended');
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });

  it('TemporalAccess: close -> calls in progress are cancelled', async () => {
    const hang = (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cancelled'))));
    const access = new TemporalAccess(clientOf(1, hang), 5);
    const waiting = assert.rejects(access.result('digits', undefined), /cancelled/);
    access.close();
    await waiting;
  });
});
