import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntime } from '@aws-sdk/client-sagemaker-runtime';
import { startEmulator } from '../../../src/emulator/emulator.js';
import {
  type Account,
  createModels,
  createShop,
  ManualClock,
  openAccount,
  settledSeconds,
} from '../aws-account.js';

describe('regions of the emulated account', () => {
  let account: Account;
  let elsewhere: Pick<Account, 'sageMaker' | 'runtime' | 'cloudWatch'>;

  beforeEach(async () => {
    account = await openAccount({
      traffic: [{ endpoint: 'shop', requestsPerSecond: 10 }],
      faults: [{ operation: 'CreateEndpointConfig', kind: 'accessDenied', nth: 2 }],
    });
    const config = { ...account.emulator.awsConfig, region: 'eu-west-1' };
    elsewhere = {
      sageMaker: new SageMaker(config),
      runtime: new SageMakerRuntime(config),
      cloudWatch: new CloudWatch(config),
    };
    await createShop(account, { a: 1 });
  });
  afterEach(() => account.emulator.stop());

  it('region: client of another one -> finds nothing of the home region', async () => {
    account.clock.advance(120);
    await assert.rejects(elsewhere.sageMaker.describeEndpoint({ EndpointName: 'shop' }), {
      name: 'ValidationException',
      message: 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/shop".',
    });
    await assert.rejects(elsewhere.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' }), {
      name: 'ValidationError',
    });
    assert.deepEqual((await elsewhere.sageMaker.listModels({})).Models, []);
    assert.deepEqual((await elsewhere.cloudWatch.listMetrics({})).Metrics, []);
    assert.ok((await account.cloudWatch.listMetrics({})).Metrics!.length > 0);
  });

  it('region: another one -> endpoints of its own, without the scenario and the faults of the home region', async () => {
    const { clock } = account;
    await createShop({ ...account, ...elsewhere }, { b: 1 });
    const { EndpointArn, ProductionVariants } = await elsewhere.sageMaker.describeEndpoint({
      EndpointName: 'shop',
    });
    assert.equal(EndpointArn, 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/shop');
    assert.equal(ProductionVariants?.[0]?.VariantName, 'b');
    const answer = await elsewhere.runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' });
    assert.equal(answer.InvokedProductionVariant, 'b');
    const home = await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(home.ProductionVariants?.[0]?.VariantName, 'a');
    clock.advance(120);
    const served = await account.emulator.served();
    assert.deepEqual(
      served.map(({ model }) => model),
      ['a'],
    );
  });

  it('region: calls of another one -> in the log, with their region', async () => {
    await createModels(elsewhere.sageMaker, 'b');
    const regions = account.emulator.calls.of('CreateModel').map(({ region }) => region);
    assert.deepEqual(regions, [undefined, 'eu-west-1']);
  });

  it('region: query of an emulator route -> applies to that region', async () => {
    await createShop({ ...account, ...elsewhere }, { b: 1 });
    const body = JSON.stringify({ event: 'outOfService', endpoint: 'shop', on: true });
    const post = (query: string) =>
      fetch(`${account.emulator.url}/_emulator/events${query}`, { method: 'POST', body });
    assert.equal((await post('?region=eu-west-1')).status, 200);
    const statusOf = async (sageMaker: SageMaker) =>
      (await sageMaker.describeEndpoint({ EndpointName: 'shop' })).EndpointStatus;
    assert.deepEqual(
      [await statusOf(elsewhere.sageMaker), await statusOf(account.sageMaker)],
      ['OutOfService', 'InService'],
    );
    assert.equal((await post('')).status, 200);
    assert.equal(await statusOf(account.sageMaker), 'OutOfService');
  });
});

describe('state file of several regions', () => {
  it('state file: restart -> every region continues', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const stateFile = path.join(folder, 'account.json');
    const clock = new ManualClock('2026-03-01T12:00:00Z');
    const clientIn = (emulator: Awaited<ReturnType<typeof startEmulator>>, region: string) =>
      new SageMaker({ ...emulator.awsConfig, region });
    try {
      const first = await startEmulator({ clock, stateFile });
      await createModels(clientIn(first, 'us-east-1'), 'home');
      const sageMaker = clientIn(first, 'eu-west-1');
      await createModels(sageMaker, 'a');
      await sageMaker.createEndpointConfig({
        EndpointConfigName: 'c',
        ProductionVariants: [
          { VariantName: 'a', ModelName: 'a', InstanceType: 'ml.m5.large', InitialInstanceCount: 1 },
        ],
      });
      await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
      await first.stop();
      clock.advance(settledSeconds);
      const second = await startEmulator({ clock, stateFile });
      const described = await clientIn(second, 'eu-west-1').describeEndpoint({ EndpointName: 'shop' });
      assert.equal(described.EndpointStatus, 'InService');
      const { Models } = await clientIn(second, 'us-east-1').listModels({});
      assert.deepEqual(
        Models?.map((each) => each.ModelName),
        ['home'],
      );
      await second.stop();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
