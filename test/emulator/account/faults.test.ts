import assert from 'node:assert/strict';
import { type Account, createConfig, createModels, openAccount } from '../aws-account.js';

describe('armed fault', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  it('fault lostResponse: the SDK retries -> the retry finds the effect of the first call', async () => {
    const { sageMaker, emulator } = account;
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'c', { a: 1 });
    emulator.faults.add({ operation: 'CreateEndpoint', kind: 'lostResponse' });
    await assert.rejects(sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'c' }), {
      name: 'ValidationException',
      message: /^Cannot create already existing endpoint/,
    });
    const { EndpointStatus } = await sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(EndpointStatus, 'Creating');
    assert.equal(emulator.calls.count('CreateEndpoint', 'lostResponse'), 1);
    assert.equal(emulator.calls.count('CreateEndpoint', 'ValidationException'), 1);
    assert.equal(emulator.calls.of('CreateEndpoint')[0]?.parameters['EndpointName'], 'shop');
  });

  it('call log: a call -> names and first list entries of the request', async () => {
    const { sageMaker, emulator } = account;
    await createModels(sageMaker, 'a');
    await createConfig(sageMaker, 'c', { a: 1 });
    const { EndpointConfigName, ProductionVariants } =
      emulator.calls.of('CreateEndpointConfig')[0]?.parameters ?? {};
    assert.equal(EndpointConfigName, 'c');
    assert.match(String(ProductionVariants), /^\[\{.*"VariantName":"a"/);
  });

  it('fault: nth and count -> affects these calls', async () => {
    const { sageMaker, emulator } = account;
    emulator.faults.add({ operation: 'ListEndpoints', kind: 'accessDenied', nth: 2, count: 2 });
    const names: string[] = [];
    for (let call = 0; call < 4; call += 1) {
      names.push(
        await sageMaker.listEndpoints({}).then(
          () => 'ok',
          (error: Error) => error.name,
        ),
      );
    }
    assert.deepEqual(names, ['ok', 'AccessDeniedException', 'AccessDeniedException', 'ok']);
  });

  it('fault: about a name -> affects only calls with that name', async () => {
    const { sageMaker, emulator } = account;
    emulator.faults.add({ operation: 'CreateModel', kind: 'accessDenied', about: 'churn' });
    await createModels(sageMaker, 'digits');
    await assert.rejects(createModels(sageMaker, 'churn-2'), { name: 'AccessDeniedException' });
    await createModels(sageMaker, 'churn-2');
  });

  it('faults throttle and error500: a call -> the error name of the service, no effect', async () => {
    const { sageMaker, cloudWatch, emulator } = account;
    // More than the three attempts of the SDK would hide the response of the last one.
    emulator.faults.add({ operation: 'CreateModel', kind: 'throttle', count: 3 });
    await assert.rejects(createModels(sageMaker, 'a'), {
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    emulator.faults.add({ operation: 'DescribeAlarms', kind: 'throttle', count: 3 });
    await assert.rejects(cloudWatch.describeAlarms({}), { name: 'Throttling' });
    emulator.faults.add({ operation: 'CreateModel', kind: 'error500', count: 3 });
    await assert.rejects(createModels(sageMaker, 'a'), (error: { $metadata: { httpStatusCode: number } }) => {
      assert.equal(error.$metadata.httpStatusCode, 500);
      return true;
    });
    await createModels(sageMaker, 'a');
  });

  it('control API: faults and calls -> armed and listed', async () => {
    const { sageMaker, emulator } = account;
    const fault = { operation: 'ListEndpoints', kind: 'accessDenied' };
    const armed = await fetch(`${emulator.url}/_emulator/faults`, {
      method: 'POST',
      body: JSON.stringify(fault),
    });
    assert.equal(armed.status, 200);
    await assert.rejects(sageMaker.listEndpoints({}), { name: 'AccessDeniedException' });
    const calls = (await (await fetch(`${emulator.url}/_emulator/calls`)).json()) as { outcome: string }[];
    assert.deepEqual(
      calls.map((call) => call.outcome),
      ['AccessDeniedException'],
    );
    const wrong = await fetch(`${emulator.url}/_emulator/faults`, {
      method: 'POST',
      body: '{"kind":"fire"}',
    });
    assert.equal(wrong.status, 400);
  });
});
