import assert from 'node:assert/strict';
import type { EmulatorOptions } from '../../../src/emulator/emulator.js';
import {
  type Account,
  createConfig,
  createModels,
  createShop,
  openAccount,
  settledSeconds,
  shopOf,
} from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

/** The message of the service. */
const limitSentence = (limit: string, is: number, used: number, delta: number) => ({
  name: 'ResourceLimitExceeded',
  message: new RegExp(
    `^The account-level service limit '${limit}' is ${is} Instances, with current utilization of ${used} Instances and a request delta of ${delta} Instances\\.`,
  ),
});
const endpointLimit = 'ml.m5.large for endpoint usage';

describe('emulated instance limits', () => {
  let account: Account;
  let shop: ReturnType<typeof shopOf>;
  const open = async (options: EmulatorOptions = {}) => {
    account = await openAccount(options);
    shop = shopOf(account);
    await createShop(account, { a: 1, b: 1 });
    await createConfig(account.sageMaker, 'next', { a: 1, b: 1 });
  };
  afterEach(() => account.emulator.stop());

  const scale = (variant: string, DesiredInstanceCount: number) =>
    shop.change(variant, { DesiredInstanceCount });

  it('instance limit: exceeded by creation, update or scaling -> refused without a change', async () => {
    await open({ sageMaker: { instanceLimits: { [endpointLimit]: 3 } } });
    await assert.rejects(
      account.sageMaker.createEndpoint({ EndpointName: 'other', EndpointConfigName: 'next' }),
      limitSentence(endpointLimit, 3, 2, 2),
    );
    await assert.rejects(shop.update(), limitSentence(endpointLimit, 3, 2, 2));
    await assert.rejects(scale('a', 3), limitSentence(endpointLimit, 3, 2, 2));
    assert.equal((await shop.describe()).EndpointStatus, 'InService');
    assert.equal((await account.sageMaker.listEndpoints({})).Endpoints?.length, 1);
    await scale('a', 2);
    account.clock.advance(settledSeconds);
    await account.emulator.cause({ event: 'instanceLimit', limit: endpointLimit, instances: null });
    await shop.update();
  });

  it('instance limit: training -> separate limits', async () => {
    const training = 'ml.m5.large for training job usage';
    await open({ sageMaker: { instanceLimits: { [training]: 1 } } });
    const create = (name: string) =>
      account.sageMaker.createTrainingJob(
        trainingRequest(name, 'simulated/x', { train: 's3://bucket/train' }),
      );
    await create('one');
    await assert.rejects(create('two'), limitSentence(training, 1, 1, 1));
    account.clock.advance(20);
    await create('two');
  });

  it('fault quota: armed -> refused, whatever the limit', async () => {
    await open();
    account.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'quota' });
    await assert.rejects(shop.update(), limitSentence(endpointLimit, 2, 2, 2));
    await shop.update();
  });

  it('capacity: missing in the region -> a new endpoint is Failed, a live one is unchanged', async () => {
    await open();
    await account.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 1 });
    await account.sageMaker.createEndpoint({ EndpointName: 'other', EndpointConfigName: 'next' });
    await shop.update();
    account.clock.advance(settledSeconds);
    const other = await account.sageMaker.describeEndpoint({ EndpointName: 'other' });
    const live = await shop.describe();
    assert.deepEqual([other.EndpointStatus, live.EndpointStatus], ['Failed', 'InService']);
    for (const { FailureReason } of [other, live]) {
      assert.match(FailureReason ?? '', /InsufficientInstanceCapacity/);
    }
    await scale('a', 3);
    account.clock.advance(settledSeconds);
    const weights = await shop.weights();
    assert.equal(weights['a']?.count, 1);
  });

  it('instances: lost while serving -> InService with fewer instances, 503 with none, then replaced', async () => {
    await open();
    await account.emulator.cause({
      event: 'loseInstances',
      endpoint: 'shop',
      variant: 'b',
      count: 1,
      seconds: 90,
    });
    const { EndpointStatus, ProductionVariants } = await shop.describe();
    assert.equal(EndpointStatus, 'InService');
    assert.deepEqual(
      ProductionVariants?.map((each) => [each.CurrentInstanceCount, each.DesiredInstanceCount]),
      [
        [1, 1],
        [0, 1],
      ],
    );
    const invoke = () =>
      account.runtime.invokeEndpoint({ EndpointName: 'shop', TargetVariant: 'b', Body: '{}' });
    await assert.rejects(invoke(), { name: 'ServiceUnavailable' });
    account.clock.advance(91);
    await invoke();
  });

  it('instance counts: of two variants in one request -> refused', async () => {
    await open();
    const both = ['a', 'b'].map((VariantName) => ({ VariantName, DesiredInstanceCount: 2 }));
    await assert.rejects(
      account.sageMaker.updateEndpointWeightsAndCapacities({
        EndpointName: 'shop',
        DesiredWeightsAndCapacities: both,
      }),
      { name: 'ValidationException', message: /one production variant at a time/ },
    );
  });
});

describe('emulated stale reads', () => {
  it('stale reads: after a change -> some reads return the previous state, or not found', async () => {
    const account = await openAccount({ sageMaker: { staleReadsMs: 3_000 } });
    const { sageMaker, clock, emulator } = account;
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'c', { a: 1 });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    const read = () =>
      sageMaker.describeEndpoint({ EndpointName: 'shop' }).then(
        (found) => found.EndpointStatus ?? '',
        (error: Error) => error.message.slice(0, 14),
      );
    const readMany = async () => new Set(await Promise.all(Array.from({ length: 20 }, read)));
    assert.deepEqual([...(await readMany())].sort(), ['Could not find', 'Creating']);
    clock.advance(3);
    assert.deepEqual([...(await readMany())], ['Creating']);
    clock.advance(settledSeconds);
    await readMany();
    await sageMaker.deleteEndpoint({ EndpointName: 'shop' });
    assert.deepEqual([...(await readMany())].sort(), ['Deleting', 'InService']);
    await emulator.stop();
  });
});
