import assert from 'node:assert/strict';
import type { ProductionVariant, ProductionVariantServerlessUpdateConfig } from '@aws-sdk/client-sagemaker';
import { type Account, createModels, openAccount, settledSeconds } from '../aws-account.js';

describe('emulated shadow variant', () => {
  let account: Account;
  beforeEach(async () => {
    account = await openAccount({
      traffic: [{ endpoint: 'shop', requestsPerSecond: 100 }],
      behaviours: [{ model: 'shadow', errorRate: 1 }],
    });
    const { sageMaker, clock } = account;
    await createModels(sageMaker, 'live', 'shadow');
    const instances = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 } as const;
    await sageMaker.createEndpointConfig({
      EndpointConfigName: 'c',
      ProductionVariants: [{ VariantName: 'live', ModelName: 'live', InitialVariantWeight: 1, ...instances }],
      ShadowProductionVariants: [
        { VariantName: 'shadow', ModelName: 'shadow', InitialVariantWeight: 0.5, ...instances },
      ],
      DataCaptureConfig: {
        EnableCapture: true,
        InitialSamplingPercentage: 20,
        DestinationS3Uri: 's3://bucket/capture',
        CaptureOptions: [{ CaptureMode: 'Input' }],
      },
    });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    clock.advance(settledSeconds);
  });
  afterEach(() => account.emulator.stop());

  const sums = async () => {
    const end = Math.floor(account.clock.now() / 60_000) * 60_000;
    const query = (variant: string, MetricName: string) => ({
      Id: `${variant}${MetricName}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SageMaker',
          MetricName,
          Dimensions: [
            { Name: 'EndpointName', Value: 'shop' },
            { Name: 'VariantName', Value: variant },
          ],
        },
        Period: 60,
        Stat: 'Sum',
      },
    });
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: [
        query('live', 'Invocations'),
        query('shadow', 'Invocations'),
        query('shadow', 'Invocation5XXErrors'),
      ],
      StartTime: new Date(end - 60_000),
      EndTime: new Date(end),
    });
    return (MetricDataResults ?? []).map((each) => each.Values?.[0] ?? 0);
  };

  it('shadow variant: DescribeEndpoint -> in ShadowProductionVariants, with the data capture of the config', async () => {
    const described = await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.deepEqual(
      described.ShadowProductionVariants?.map((each) => [each.VariantName, each.CurrentWeight]),
      [['shadow', 0.5]],
    );
    assert.equal(described.ProductionVariants?.length, 1);
    assert.deepEqual(
      [described.DataCaptureConfig?.CaptureStatus, described.DataCaptureConfig?.CurrentSamplingPercentage],
      ['Started', 20],
    );
  });

  it('shadow variant: traffic -> gets its share as copies, with separate metrics', async () => {
    account.clock.advance(125);
    const [live = 0, shadow = 0, errors] = await sums();
    assert.ok(live > 5500 && live < 6500, `live ${live}`);
    assert.ok(shadow / live > 0.45 && shadow / live < 0.55, `shadow ${shadow} of ${live}`);
    assert.equal(errors, shadow);
  });

  it('shadow variant: real requests -> never served by it', async () => {
    await account.emulator.setTraffic({ endpoint: 'shop', requestsPerSecond: 0 });
    account.clock.advance(60);
    for (let request = 0; request < 40; request += 1) {
      const { InvokedProductionVariant } = await account.runtime.invokeEndpoint({
        EndpointName: 'shop',
        Body: '{}',
      });
      assert.equal(InvokedProductionVariant, 'live');
    }
    account.clock.advance(70);
    const [live, shadow = 0] = await sums();
    assert.equal(live, 40);
    assert.ok(shadow > 8 && shadow < 32, `${shadow} copies`);
  });
});

describe('emulated serverless variant', () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createModels(account.sageMaker, 'a');
  });
  after(() => account.emulator.stop());

  const variant = (VariantName: string) => ({
    VariantName,
    ModelName: 'a',
    ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
  });

  it('serverless variant: alone in its config -> serves without counts, weight changes are refused', async () => {
    const { sageMaker, runtime, clock } = account;
    await assert.rejects(
      sageMaker.createEndpointConfig({
        EndpointConfigName: 'two',
        ProductionVariants: [variant('one'), variant('two')],
      }),
      { name: 'ValidationException' },
    );
    await sageMaker.createEndpointConfig({ EndpointConfigName: 'c', ProductionVariants: [variant('one')] });
    await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' });
    clock.advance(settledSeconds);
    const { ProductionVariants } = await sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(ProductionVariants?.[0]?.CurrentInstanceCount, undefined);
    assert.equal(ProductionVariants?.[0]?.CurrentServerlessConfig?.MaxConcurrency, 5);
    await runtime.invokeEndpoint({ EndpointName: 'shop', Body: '{}' });
    await assert.rejects(
      sageMaker.updateEndpointWeightsAndCapacities({
        EndpointName: 'shop',
        DesiredWeightsAndCapacities: [{ VariantName: 'one', DesiredWeight: 2 }],
      }),
      { name: 'ValidationException', message: /serverless/ },
    );
  });

  it('serverless variant: ServerlessUpdateConfig -> desired at once, current at the end of the change', async () => {
    const { sageMaker, clock } = account;
    const configs = async () => {
      const { ProductionVariants } = await sageMaker.describeEndpoint({ EndpointName: 'shop' });
      const [{ CurrentServerlessConfig, DesiredServerlessConfig } = {}] = ProductionVariants ?? [];
      return [CurrentServerlessConfig, DesiredServerlessConfig];
    };
    const update = (ServerlessUpdateConfig: ProductionVariantServerlessUpdateConfig) =>
      sageMaker.updateEndpointWeightsAndCapacities({
        EndpointName: 'shop',
        DesiredWeightsAndCapacities: [{ VariantName: 'one', ServerlessUpdateConfig }],
      });
    const before = { MemorySizeInMB: 2048, MaxConcurrency: 5 };
    const after = { MemorySizeInMB: 2048, MaxConcurrency: 10, ProvisionedConcurrency: 4 };
    await update({ MaxConcurrency: 10, ProvisionedConcurrency: 4 });
    assert.deepEqual(await configs(), [before, after]);
    clock.advance(settledSeconds);
    assert.deepEqual(await configs(), [after, after]);
    await assert.rejects(update({ ProvisionedConcurrency: 11 }), {
      name: 'ValidationException',
      message: /less than or equal to its MaxConcurrency 10/,
    });
  });

  it('serverless variant: reverted ServerlessUpdateConfig -> previous values', async () => {
    const { sageMaker, clock, emulator } = account;
    emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'revert' });
    await sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'shop',
      DesiredWeightsAndCapacities: [{ VariantName: 'one', ServerlessUpdateConfig: { MaxConcurrency: 20 } }],
    });
    clock.advance(settledSeconds);
    const { ProductionVariants, EndpointStatus } = await sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(EndpointStatus, 'InService');
    assert.equal(ProductionVariants?.[0]?.CurrentServerlessConfig?.MaxConcurrency, 10);
    assert.equal(ProductionVariants?.[0]?.DesiredServerlessConfig?.MaxConcurrency, 10);
  });
});

describe('variants of an emulated endpoint config', () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createModels(account.sageMaker, 'a');
  });
  after(() => account.emulator.stop());

  const serverless = (rest: object) => ({
    ServerlessConfig: { MemorySizeInMB: 1024, MaxConcurrency: 5, ...rest },
  });
  const instances = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 } as const;
  const refused: [problem: string, variant: Partial<ProductionVariant>, message: RegExp][] = [
    ['memory that is no whole GB', serverless({ MemorySizeInMB: 1111 }), /^MemorySizeInMB 1111 .* 6144\.$/],
    [
      'more provisioned than max concurrency',
      serverless({ ProvisionedConcurrency: 9 }),
      /^ProvisionedConcurrency 9 .* MaxConcurrency 5\.$/,
    ],
    [
      'serverless with instances',
      { ...instances, ...serverless({}) },
      /has a ServerlessConfig, so remove InstanceType, InitialInstanceCount\.$/,
    ],
    [
      'managed instance scaling of a model',
      {
        ...instances,
        ManagedInstanceScaling: { Status: 'ENABLED', MinInstanceCount: 1, MaxInstanceCount: 2 },
      },
      /^ManagedInstanceScaling is only supported for inference component endpoints\.$/,
    ],
  ];
  it('CreateEndpointConfig: KmsKeyId and an instance type with local storage -> refused, without it -> accepted', async () => {
    const create = (InstanceType: 'ml.g5.xlarge' | 'ml.m5.large') =>
      account.sageMaker.createEndpointConfig({
        EndpointConfigName: `key-${InstanceType.replaceAll('.', '-')}`,
        ProductionVariants: [{ ...instances, VariantName: 'a', ModelName: 'a', InstanceType }],
        KmsKeyId: 'key-1',
      });
    await assert.rejects(create('ml.g5.xlarge'), {
      name: 'ValidationException',
      message: /has local storage/,
    });
    await create('ml.m5.large');
  });

  for (const [problem, variant, message] of refused) {
    it(`CreateEndpointConfig: ${problem} -> refused`, async () => {
      await assert.rejects(
        account.sageMaker.createEndpointConfig({
          EndpointConfigName: 'refused',
          ProductionVariants: [{ VariantName: 'a', ModelName: 'a', ...variant }],
        }),
        { name: 'ValidationException', message },
      );
    });
  }
});
