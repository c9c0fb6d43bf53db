import assert from 'node:assert/strict';
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
});
