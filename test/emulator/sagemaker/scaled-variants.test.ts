import assert from 'node:assert/strict';
import { openShop, resource, track } from '../application-auto-scaling/scaled-shop.js';
import { type Account, createConfig, createModels, settledSeconds, shopOf } from '../aws-account.js';

const refused = (message: RegExp) => ({ name: 'ValidationException', message });

describe('emulated UpdateEndpoint of a scaled variant', () => {
  let account: Account;
  let shop: ReturnType<typeof shopOf>;
  beforeEach(async () => {
    account = await openShop();
    shop = shopOf(account);
    await track(account);
    await createModels(account.sageMaker, 'c');
  });
  afterEach(() => account.emulator.stop());

  /** A config `next` with one variant. */
  const createNext = (VariantName: string, ModelName: string, InstanceType: 'ml.m5.large' | 'ml.c5.large') =>
    account.sageMaker.createEndpointConfig({
      EndpointConfigName: 'next',
      ProductionVariants: [{ VariantName, ModelName, InstanceType, InitialInstanceCount: 1 }],
    });

  it('UpdateEndpoint: removes the scaled variant -> refused without a change, until it is deregistered', async () => {
    await createConfig(account.sageMaker, 'next', { b: 1 });
    await assert.rejects(shop.update(), refused(/variant "a" of endpoint "arn:.*shop" is a scalable target/));
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
    assert.equal((await shop.describe()).EndpointConfigName, 'shop-config');
    await account.autoScaling.deregisterScalableTarget(resource);
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.equal((await shop.describe()).EndpointConfigName, 'next');
  });

  it('UpdateEndpoint: changes the instance type of the scaled variant -> refused', async () => {
    await createNext('a', 'a', 'ml.c5.large');
    await assert.rejects(shop.update(), refused(/instance type/));
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
  });

  it('UpdateEndpoint: changes the model of the scaled variant -> accepted, the target and its policy stay', async () => {
    await createNext('a', 'c', 'ml.m5.large');
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.deepEqual(Object.keys(await shop.weights()), ['a']);
    const { ScalingPolicies } = await account.autoScaling.describeScalingPolicies({
      ServiceNamespace: 'sagemaker',
    });
    assert.equal(ScalingPolicies?.length, 1);
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 50 });
    account.clock.advance(300);
    assert.ok(((await shop.weights())['a']?.count ?? 0) > 1, 'the policy scales the new fleet');
  });

  it('UpdateEndpoint: removes a variant beside the scaled one -> accepted', async () => {
    await createConfig(account.sageMaker, 'next', { a: 1 });
    await shop.update();
    account.clock.advance(settledSeconds);
    assert.deepEqual(Object.keys(await shop.weights()), ['a']);
  });
});
