import assert from 'node:assert/strict';
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

describe('failing emulated endpoint', () => {
  let account: Account;
  let shop: ReturnType<typeof shopOf>;
  const shift = (DesiredWeight: number) => shop.change('a', { DesiredWeight });
  const seen = async () => {
    const { EndpointStatus, EndpointConfigName } = await shop.describe();
    return [EndpointStatus, EndpointConfigName];
  };

  beforeEach(async () => {
    account = await openAccount();
    shop = shopOf(account);
    await createShop(account, { a: 1 });
    await createConfig(account.sageMaker, 'next', { a: 3 });
  });
  afterEach(() => account.emulator.stop());

  it('UpdateEndpoint: fails -> rolled back to the old config with a reason', async () => {
    account.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revert' });
    await shop.update();
    account.clock.advance(6.1);
    assert.deepEqual(await seen(), ['RollingBack', 'shop-config']);
    await assert.rejects(shop.remove(), inProgress);
    account.clock.advance(settledSeconds);
    assert.deepEqual(await seen(), ['InService', 'shop-config']);
    assert.match((await shop.describe()).FailureReason ?? '', /^Request to service failed/);
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.deepEqual(await seen(), ['InService', 'next']);
    assert.equal((await shop.describe()).FailureReason, undefined, 'the next update clears the reason');
  });

  it('change of weights: fails -> rolled back, with or without a reason', async () => {
    for (const kind of ['revert', 'revertSilently'] as const) {
      account.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind });
      await shift(5);
      assert.equal((await shop.weights())['a']?.desired, 5);
      account.clock.advance(settledSeconds);
      assert.deepEqual(await shop.weights(), {
        a: { current: 1, desired: 1, count: 1 },
      });
      const { EndpointStatus, FailureReason } = await shop.describe();
      assert.equal(EndpointStatus, 'InService');
      assert.equal(FailureReason === undefined, kind === 'revertSilently');
    }
  });

  it('UpdateEndpoint: failForGood -> Failed, can only be deleted', async () => {
    account.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'failForGood' });
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.equal((await shop.describe()).EndpointStatus, 'Failed');
    await assert.rejects(account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' }), {
      name: 'ValidationError',
    });
    await assert.rejects(shift(2), { name: 'ValidationException', message: /failed endpoint/ });
    await shop.remove();
  });

  it('system update: event -> SystemUpdating, still serves, refuses changes until the end', async () => {
    await account.emulator.cause({ event: 'systemUpdate', endpoint: 'shop', seconds: 30 });
    assert.deepEqual(await seen(), ['SystemUpdating', 'shop-config']);
    for (const change of [() => shop.update(), () => shift(2), shop.remove])
      await assert.rejects(change(), inProgress);
    await account.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' });
    account.clock.advance(30);
    assert.deepEqual(await seen(), ['InService', 'shop-config']);
    await shift(2);
  });

  it('fault systemUpdating: a change arrives -> maintenance starts and the change is refused', async () => {
    account.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'systemUpdating' });
    await assert.rejects(shift(2), inProgress);
    assert.equal((await shop.describe()).EndpointStatus, 'SystemUpdating');
    account.clock.advance(settledSeconds);
    await shift(2);
  });

  it('system update: POST events -> SystemUpdating', async () => {
    const send = (body: object) =>
      fetch(`${account.emulator.url}/_emulator/events`, { method: 'POST', body: JSON.stringify(body) });
    assert.equal((await send({ event: 'systemUpdate', endpoint: 'shop' })).status, 200);
    assert.equal((await shop.describe()).EndpointStatus, 'SystemUpdating');
    assert.equal((await send({ event: 'flood', endpoint: 'shop' })).status, 400);
  });

  it('system update: config deleted -> refused', async () => {
    await account.sageMaker.deleteEndpointConfig({ EndpointConfigName: 'shop-config' });
    await assert.rejects(account.emulator.cause({ event: 'systemUpdate', endpoint: 'shop' }), {
      message: /^Could not find endpoint configuration/,
    });
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
  });

  it('endpoint: OutOfService -> requests fail', async () => {
    await account.emulator.cause({ event: 'outOfService', endpoint: 'shop', on: true });
    assert.equal((await shop.describe()).EndpointStatus, 'OutOfService');
    const request = { EndpointName: 'shop', Body: '{}' };
    await assert.rejects(account.runtime.invokeEndpoint(request), { name: 'ValidationError' });
    await account.emulator.cause({ event: 'outOfService', endpoint: 'shop', on: false });
    await account.runtime.invokeEndpoint(request);
  });

  it('UpdateEndpoint: stuck -> refuses changes for hours, then the old config', async () => {
    account.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'stuck' });
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.deepEqual(await seen(), ['Updating', 'shop-config']);
    await assert.rejects(shop.remove(), inProgress);
    account.clock.advance(60 * 5 + settledSeconds);
    assert.deepEqual(await seen(), ['InService', 'shop-config']);
  });

  it('RetainAllVariantProperties: set -> keeps the properties that are not excluded', async () => {
    await shop.change('a', { DesiredWeight: 7, DesiredInstanceCount: 2 });
    account.clock.advance(settledSeconds);
    await account.sageMaker.updateEndpoint({
      EndpointName: 'shop',
      EndpointConfigName: 'next',
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
    });
    account.clock.advance(settledSeconds);
    assert.deepEqual(await shop.weights(), { a: { current: 3, desired: 3, count: 2 } });
  });

  it('variant status: its weight changes -> Updating', async () => {
    await shift(2);
    const { ProductionVariants } = await shop.describe();
    assert.equal(ProductionVariants?.[0]?.VariantStatus?.[0]?.Status, 'Updating');
  });
});

describe('new emulated endpoint', () => {
  it('CreateEndpoint: stuck -> cannot be deleted, Failed after hours', async () => {
    const account = await openAccount({ pace: 'real' });
    const { sageMaker, emulator, clock } = account;
    const shop = shopOf(account);
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'c', { a: 1 });
    emulator.faults.add({ operation: 'CreateEndpoint', kind: 'stuck' });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    clock.advance(3500);
    assert.equal((await shop.describe()).EndpointStatus, 'Creating');
    await assert.rejects(shop.remove(), inProgress);
    clock.advance(90_000);
    const failed = await shop.describe();
    assert.equal(failed.EndpointStatus, 'Failed');
    assert.ok(failed.FailureReason);
    await shop.remove();
    await emulator.stop();
  });
});
