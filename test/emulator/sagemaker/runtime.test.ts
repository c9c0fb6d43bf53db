import assert from 'node:assert/strict';
import type { FaultKind } from '../../../src/emulator/account/faults.js';
import { type Account, createShop, openAccount } from '../aws-account.js';

const serviceErrors: [FaultKind, name: string, status: number, attempts: number][] = [
  ['modelNotReady', 'ModelNotReadyException', 429, 3],
  ['internalDependency', 'InternalDependencyException', 530, 3],
  ['serviceUnavailable', 'ServiceUnavailable', 503, 3],
];

describe('failing emulated runtime', () => {
  let account: Account;
  before(async () => {
    account = await openAccount({
      behaviours: [{ model: 'slow', latencyMs: { p50: 100_000, p99: 100_001 } }],
    });
    await createShop(account, { a: 1, b: 1, slow: 0 });
  });
  after(() => account.emulator.stop());

  const invoke = (more: { TargetVariant?: string; SessionId?: string; Body?: Uint8Array } = {}) =>
    account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}', ...more });

  for (const [kind, name, status, attempts] of serviceErrors) {
    it(`InvokeEndpoint: ${name} -> status ${status}`, async () => {
      account.emulator.faults.add({ operation: 'InvokeEndpoint', kind, count: attempts });
      await assert.rejects(invoke(), (error: Error & { $metadata: { httpStatusCode?: number } }) => {
        assert.equal(error.name, name);
        assert.equal(error.$metadata.httpStatusCode, status);
        return true;
      });
      account.emulator.faults.clear();
    });
  }

  it('InvokeEndpoint: container takes longer than 60 s -> timeout error', async () => {
    await assert.rejects(invoke({ TargetVariant: 'slow' }), (error: Error) => {
      assert.equal(error.name, 'ModelError');
      assert.match(
        error.message,
        /^Received server error \(0\) from primary with message "Your invocation timed out/,
      );
      return true;
    });
  });

  it('InvokeEndpoint: session -> always the variant of its first request', async () => {
    const first = await invoke({ SessionId: 'NEW_SESSION' });
    const [SessionId = '', expires] = (first.NewSessionId ?? '').split('; Expires=');
    assert.ok(Date.parse(expires ?? '') > account.clock.now());
    for (let request = 0; request < 20; request += 1) {
      const { InvokedProductionVariant } = await invoke({ SessionId });
      assert.equal(InvokedProductionVariant, first.InvokedProductionVariant);
    }
  });

  it('InvokeEndpoint: body above 6 MiB -> refused', async () => {
    await assert.rejects(invoke({ Body: new Uint8Array(6 * 2 ** 20 + 1) }), { name: 'ValidationError' });
  });
});
