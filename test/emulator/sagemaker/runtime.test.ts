import assert from 'node:assert/strict';
import type { InvokeEndpointCommandInput } from '@aws-sdk/client-sagemaker-runtime';
import type { FaultKind } from '../../../src/emulator/account/faults.js';
import { type Account, createConfig, createShop, openAccount, settledSeconds } from '../aws-account.js';

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

  const invoke = (more: Partial<InvokeEndpointCommandInput> = {}) =>
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

  it('InvokeEndpoint: another case of the name -> not found', async () => {
    await assert.rejects(account.runtime.invokeEndpoint({ EndpointName: 'Shop', Body: '{}' }), {
      name: 'ValidationError',
      message: 'Endpoint Shop of account 123456789012 not found.',
    });
  });

  it('InvokeEndpoint: a target that the endpoint does not have -> refused', async () => {
    const refused = (message: RegExp) => ({ name: 'ValidationError', message });
    await assert.rejects(
      invoke({ TargetModel: 'x.tar.gz' }),
      refused(/^Endpoint shop is not a multi-model endpoint and does not support target model header\.$/),
    );
    await assert.rejects(
      invoke({ InferenceComponentName: 'component' }),
      refused(/^Inference Component Name header is not allowed for endpoints/),
    );
    await assert.rejects(
      invoke({ TargetContainerHostname: 'second' }),
      refused(/has no container second for direct invocation/),
    );
  });

  it('InvokeEndpoint: multi-model endpoint -> needs TargetModel', async () => {
    const { sageMaker, runtime, clock } = account;
    await sageMaker.createModel({
      ModelName: 'many',
      PrimaryContainer: { Image: 'simulated/many', Mode: 'MultiModel', ModelDataUrl: 's3://bucket/models/' },
    });
    await createConfig(sageMaker, 'many', { many: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'many', EndpointConfigName: 'many' });
    clock.advance(settledSeconds);
    const request = { EndpointName: 'many', Body: '{}' };
    await assert.rejects(runtime.invokeEndpoint(request), {
      name: 'ValidationError',
      message: /is missing a target model header/,
    });
    const { InvokedProductionVariant } = await runtime.invokeEndpoint({
      ...request,
      TargetModel: 'x.tar.gz',
    });
    assert.equal(InvokedProductionVariant, 'many');
  });

  it('InvokeEndpoint: containers invoked directly -> TargetContainerHostname is accepted', async () => {
    const { sageMaker, runtime, clock } = account;
    await sageMaker.createModel({
      ModelName: 'two',
      InferenceExecutionConfig: { Mode: 'Direct' },
      Containers: [
        { ContainerHostname: 'first', Image: 'simulated/two' },
        { ContainerHostname: 'second', Image: 'simulated/two' },
      ],
    });
    await createConfig(sageMaker, 'two', { two: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'two', EndpointConfigName: 'two' });
    clock.advance(settledSeconds);
    await runtime.invokeEndpoint({ EndpointName: 'two', Body: '{}', TargetContainerHostname: 'second' });
  });

  it('InvokeEndpoint: body above 6 MiB -> refused', async () => {
    await assert.rejects(invoke({ Body: new Uint8Array(6 * 2 ** 20 + 1) }), { name: 'ValidationError' });
  });
});
