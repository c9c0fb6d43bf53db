import assert from 'node:assert/strict';
import type { FaultKind } from '../../../src/emulator/account/faults.js';
import { type Account, createShop, openAccount } from '../aws-account.js';

const troubles: [FaultKind, name: string, status: number, attempts: number][] = [
  ['modelNotReady', 'ModelNotReadyException', 429, 3],
  ['internalDependency', 'InternalDependencyException', 530, 3],
  ['serviceUnavailable', 'ServiceUnavailable', 503, 3],
];

describe('emulated runtime in trouble', () => {
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

  for (const [kind, name, status, attempts] of troubles) {
    it(`answers ${name} with status ${status}`, async () => {
      account.emulator.faults.add({ operation: 'InvokeEndpoint', kind, count: attempts });
      await assert.rejects(invoke(), (error: Error & { $metadata: { httpStatusCode?: number } }) => {
        assert.equal(error.name, name);
        assert.equal(error.$metadata.httpStatusCode, status);
        return true;
      });
      account.emulator.faults.clear();
    });
  }

  it('gives a container 60 seconds, and then says that it timed out', async () => {
    await assert.rejects(invoke({ TargetVariant: 'slow' }), (error: Error) => {
      assert.equal(error.name, 'ModelError');
      assert.match(
        error.message,
        /^Received server error \(0\) from primary with message "Your invocation timed out/,
      );
      return true;
    });
  });

  it('keeps a session with the variant that began it', async () => {
    const first = await invoke({ SessionId: 'NEW_SESSION' });
    const [SessionId = '', expires] = (first.NewSessionId ?? '').split('; Expires=');
    assert.ok(Date.parse(expires ?? '') > account.clock.now());
    for (let request = 0; request < 20; request += 1) {
      const { InvokedProductionVariant } = await invoke({ SessionId });
      assert.equal(InvokedProductionVariant, first.InvokedProductionVariant);
    }
  });

  it('refuses a body beyond 6 MiB', async () => {
    await assert.rejects(invoke({ Body: new Uint8Array(6 * 2 ** 20 + 1) }), { name: 'ValidationError' });
  });
});
