import assert from 'node:assert/strict';
import { type Account, createShop, openAccount } from '../aws-account.js';

describe('emulated InvokeEndpoint', () => {
  let account: Account;
  before(async () => {
    account = await openAccount({
      behaviours: [
        { model: 'a', response: { answer: 'a' } },
        { model: 'failing', errorRate: 1 },
        { model: 'refusing', clientErrorRate: 1 },
      ],
    });
    await createShop(account, { a: 80, b: 20, failing: 0, refusing: 0 });
  });
  after(() => account.emulator.stop());

  const invoke = (TargetVariant?: string, EndpointName = 'shop') =>
    account.runtime.invokeEndpoint({
      EndpointName,
      Body: '{}',
      ContentType: 'application/json',
      ...(TargetVariant === undefined ? {} : { TargetVariant }),
    });

  it('InvokeEndpoint: two variants -> drawn by weight, and named in the response', async () => {
    const counts: Record<string, number> = {};
    for (let request = 0; request < 500; request += 1) {
      const { InvokedProductionVariant = '' } = await invoke();
      counts[InvokedProductionVariant] = (counts[InvokedProductionVariant] ?? 0) + 1;
    }
    const { a = 0, b = 0, ...others } = counts;
    assert.deepEqual(others, {}, 'a variant of weight 0 takes no traffic');
    const chiSquare = (a - 400) ** 2 / 400 + (b - 100) ** 2 / 100;
    assert.ok(chiSquare < 10.83, `chi-square ${chiSquare}`); // 1 degree of freedom, p = 0.001
  });

  it('InvokeEndpoint: TargetVariant -> that variant, whatever the weights', async () => {
    const targeted = await invoke('a');
    assert.equal(targeted.InvokedProductionVariant, 'a');
    assert.deepEqual(JSON.parse(targeted.Body.transformToString()), { answer: 'a' });
  });

  it("InvokeEndpoint: container error -> ModelError with the container's status", async () => {
    for (const [variant, OriginalStatusCode] of [
      ['failing', 500],
      ['refusing', 400],
    ] as const) {
      await assert.rejects(
        invoke(variant),
        (error: { name: string; $metadata: { httpStatusCode: number } }) => {
          assert.equal(error.name, 'ModelError');
          assert.equal(error.$metadata.httpStatusCode, 424);
          assert.equal(Reflect.get(error, 'OriginalStatusCode'), OriginalStatusCode);
          return true;
        },
      );
    }
  });

  it('InvokeEndpoint: unknown endpoint or variant -> refused', async () => {
    await assert.rejects(invoke(undefined, 'none'), {
      name: 'ValidationError',
      message: /^Endpoint none of account 123456789012 not found\.$/,
    });
    await assert.rejects(invoke('none'), { name: 'ValidationError', message: /Variant none not found/ });
  });

  it('InvokeEndpoint: real requests -> counted in the metrics', async () => {
    account.clock.advance(60);
    await invoke('b');
    await invoke('b');
    account.clock.advance(70);
    const Dimensions = [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'VariantName', Value: 'b' },
    ];
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: [
        {
          Id: 'n',
          MetricStat: {
            Metric: { Namespace: 'AWS/SageMaker', MetricName: 'Invocations', Dimensions },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
      StartTime: new Date(account.clock.now() - 90_000),
      EndTime: new Date(account.clock.now()),
    });
    assert.equal(MetricDataResults?.[0]?.Values?.[0], 2);
  });
});
