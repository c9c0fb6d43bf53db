import assert from 'node:assert/strict';
import type { DesiredWeightAndCapacity } from '@aws-sdk/client-sagemaker';
import {
  type Account,
  createConfig,
  createModels,
  createShop,
  inProgress,
  openAccount,
  settledSeconds,
  shopOf,
} from '../aws-account.js';

describe('emulated endpoint', () => {
  let account: Account;
  let shop: ReturnType<typeof shopOf>;

  beforeEach(async () => {
    account = await openAccount();
    shop = shopOf(account);
  });
  afterEach(() => account.emulator.stop());

  it('endpoint: created -> Creating without variants, then InService', async () => {
    const { sageMaker, clock } = account;
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'c', { a: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    clock.advance(2);
    const creating = await shop.describe();
    assert.equal(creating.EndpointStatus, 'Creating');
    assert.equal(creating.ProductionVariants, undefined);
    assert.equal(creating.PendingDeploymentSummary?.EndpointConfigName, 'c');
    clock.advance(settledSeconds);
    const created = await shop.describe();
    assert.equal(created.EndpointStatus, 'InService');
    assert.equal(created.PendingDeploymentSummary, undefined);
    const seconds = (created.LastModifiedTime!.getTime() - created.CreationTime!.getTime()) / 1000;
    assert.ok(seconds >= 6 * 0.8 && seconds <= 6 * 1.2, `took ${seconds} s`);
  });

  it('endpoint: same seed -> same durations', async () => {
    await createShop(account, { a: 1 });
    const again = await openAccount();
    await createShop(again, { a: 1 });
    const other = await again.sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.deepEqual((await shop.describe()).LastModifiedTime, other.LastModifiedTime);
    await again.emulator.stop();
  });

  it('endpoint: weights change -> desired weights at once, current weights at the end', async () => {
    const { sageMaker, clock } = account;
    await createShop(account, { a: 100, b: 0 });
    await sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'SHOP',
      DesiredWeightsAndCapacities: [
        { VariantName: 'a', DesiredWeight: 95 },
        { VariantName: 'b', DesiredWeight: 5 },
      ],
    });
    assert.equal((await shop.describe()).EndpointStatus, 'Updating');
    assert.deepEqual(await shop.weights(), {
      a: { current: 100, desired: 95, count: 1 },
      b: { current: 0, desired: 5, count: 1 },
    });
    clock.advance(settledSeconds);
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
    assert.deepEqual(await shop.weights(), {
      a: { current: 95, desired: 95, count: 1 },
      b: { current: 5, desired: 5, count: 1 },
    });
  });

  it('UpdateEndpointWeightsAndCapacities: one variant twice, or a member of serverless variants -> refused', async () => {
    const { sageMaker } = account;
    await createShop(account, { a: 1 });
    const change = (...DesiredWeightsAndCapacities: DesiredWeightAndCapacity[]) =>
      sageMaker.updateEndpointWeightsAndCapacities({ EndpointName: 'shop', DesiredWeightsAndCapacities });
    const refused = (message: RegExp) => ({ name: 'ValidationException', message });
    const a = { VariantName: 'a' };
    await assert.rejects(
      change({ ...a, DesiredWeight: 1 }, { ...a, DesiredWeight: 2 }),
      refused(/^The variant name "a" was non-unique within the request\.$/),
    );
    await assert.rejects(
      change({ ...a, ServerlessUpdateConfig: { MaxConcurrency: 3 } }),
      refused(/^ServerlessUpdateConfig is for serverless variants/),
    );
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
  });

  it('DesiredInstanceCount: 0 -> refused, except for asynchronous inference', async () => {
    const { clock } = account;
    await createShop(account, { a: 1, b: 1 });
    await assert.rejects(shop.change('b', { DesiredInstanceCount: 0 }), {
      name: 'ValidationException',
      message: /must be at least 1/,
    });
    await createConfig(
      account.sageMaker,
      'next',
      { a: 1 },
      {
        AsyncInferenceConfig: { OutputConfig: { S3OutputPath: 's3://bucket/answers' } },
      },
    );
    await shop.update();
    clock.advance(settledSeconds);
    await shop.change('a', { DesiredInstanceCount: 0 });
    clock.advance(settledSeconds);
    assert.equal((await shop.weights())['a']?.count, 0);
  });

  it('endpoint: change in progress -> every other change is refused', async () => {
    await createShop(account, { a: 1 });
    await shop.change('a', { DesiredWeight: 2 });
    await assert.rejects(shop.change('a', { DesiredWeight: 2 }), inProgress);
    await assert.rejects(shop.update('shop-config'), inProgress);
    await assert.rejects(shop.remove(), inProgress);
  });

  it('UpdateEndpoint: in progress, then done -> old config, then new config with its weights and counts', async () => {
    const { sageMaker, clock } = account;
    await createShop(account, { a: 1 });
    await shop.change('a', { DesiredWeight: 70, DesiredInstanceCount: 4 });
    clock.advance(settledSeconds);
    await createModels(sageMaker, 'b');
    await createConfig(sageMaker, 'both', { a: 50, b: 50 });
    const update = { EndpointName: 'shop', EndpointConfigName: 'both' };
    await sageMaker.updateEndpoint({ ...update, RetainAllVariantProperties: true });
    assert.equal((await shop.describe()).EndpointConfigName, 'shop-config');
    clock.advance(settledSeconds);
    assert.equal((await shop.describe()).EndpointConfigName, 'both');
    assert.deepEqual((await shop.weights())['a'], { current: 70, desired: 70, count: 4 });
    await sageMaker.updateEndpoint(update);
    clock.advance(settledSeconds);
    assert.deepEqual((await shop.weights())['a'], { current: 50, desired: 50, count: 1 });
  });

  it('UpdateEndpoint: reverts silently -> InService with the old config and no reason', async () => {
    const { sageMaker, clock, emulator } = account;
    await createShop(account, { a: 1 });
    await createConfig(sageMaker, 'next', { a: 1 });
    emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revertSilently' });
    await shop.update();
    assert.equal((await shop.describe()).EndpointStatus, 'Updating');
    clock.advance(settledSeconds);
    const reverted = await shop.describe();
    assert.equal(reverted.EndpointStatus, 'InService');
    assert.equal(reverted.EndpointConfigName, 'shop-config');
    assert.equal(reverted.FailureReason, undefined);
  });

  it('endpoint: Failed -> can only be deleted', async () => {
    account.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'fail' });
    await createShop(account, { a: 1 });
    const failed = await shop.describe();
    assert.equal(failed.EndpointStatus, 'Failed');
    assert.match(failed.FailureReason ?? '', /did not pass the ping health check/);
    const refusal = { name: 'ValidationException', message: /failed endpoint/ };
    await assert.rejects(shop.update('shop-config'), refusal);
    await shop.remove();
  });

  it('DeleteEndpoint: endpoint in service -> Deleting, then not found', async () => {
    await createShop(account, { a: 1 });
    await shop.remove();
    assert.equal((await shop.describe()).EndpointStatus, 'Deleting');
    account.clock.advance(settledSeconds);
    await assert.rejects(shop.describe(), {
      name: 'ValidationException',
      message: /^Could not find endpoint/,
    });
  });

  it('endpoint: its config is deleted -> changes are refused', async () => {
    const { sageMaker } = account;
    await createShop(account, { a: 1 });
    await createConfig(sageMaker, 'next', { a: 1 });
    await sageMaker.deleteEndpointConfig({ EndpointConfigName: 'shop-config' });
    await assert.rejects(shop.update(), {
      name: 'ValidationException',
      message: /^Could not find endpoint configuration "arn:.*shop-config"/,
    });
  });

  it('ListEndpoints: status and page size -> matching endpoints in pages', async () => {
    const { sageMaker, clock } = account;
    await createShop(account, { a: 1 });
    for (const EndpointName of ['one', 'two', 'three']) {
      await sageMaker.createEndpoint({ EndpointName, EndpointConfigName: 'shop-config' });
      clock.advance(1);
    }
    const first = await sageMaker.listEndpoints({ StatusEquals: 'Creating', MaxResults: 2 });
    assert.deepEqual(
      first.Endpoints?.map((each) => each.EndpointName),
      ['three', 'two'],
    );
    const second = await sageMaker.listEndpoints({ StatusEquals: 'Creating', NextToken: first.NextToken! });
    assert.deepEqual(
      second.Endpoints?.map((each) => each.EndpointName),
      ['one'],
    );
    assert.equal(second.NextToken, undefined);
  });
});
