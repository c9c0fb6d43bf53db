import assert from 'node:assert/strict';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import type { Fault } from '../../../src/emulator/emulator.js';
import { type Account, createModels, createShop, openAccount, settledSeconds } from '../aws-account.js';

const outcomeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: Error) => error.name,
  );

describe('fault', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  /** Outcomes of ListEndpoints calls, a minute apart. */
  async function listRepeatedly(calls: number): Promise<string[]> {
    const outcomes: string[] = [];
    for (let call = 0; call < calls; call += 1) {
      outcomes.push(await outcomeOf(account.sageMaker.listEndpoints({})));
      account.clock.advance(60);
    }
    return outcomes;
  }
  const denied = 'AccessDeniedException';
  const denial: Fault = { operation: 'ListEndpoints', kind: 'accessDenied' };

  it('fault: every and count -> affects each nth call up to the count', async () => {
    account.emulator.faults.add({ ...denial, nth: 2, every: 3, count: 2 });
    assert.deepEqual(await listRepeatedly(9), ['ok', denied, 'ok', 'ok', denied, 'ok', 'ok', 'ok', 'ok']);
  });

  it('fault: from and to -> affects calls within the span', async () => {
    account.emulator.faults.add({ ...denial, from: '1m', to: '2026-03-01T12:03:00Z' });
    assert.deepEqual(await listRepeatedly(5), ['ok', denied, denied, 'ok', 'ok']);
  });

  it('fault: probability -> affects that share, the same calls with the same seed', async () => {
    const hitsOf = async (seed: number) => {
      await account.emulator.stop();
      account = await openAccount({ seed, faults: [{ ...denial, probability: 0.3 }] });
      return listRepeatedly(100);
    };
    const first = await hitsOf(3);
    const hits = first.filter((each) => each === denied).length;
    assert.ok(hits > 15 && hits < 45, `${hits} of 100`);
    assert.deepEqual(await hitsOf(3), first);
    assert.notDeepEqual(await hitsOf(4), first);
  });

  it('faults: same faults and seed -> same call log', async () => {
    const faults: Fault[] = [
      { operation: '*', kind: 'throttle', probability: 0.2 },
      { operation: 'UpdateEndpointWeightsAndCapacities', kind: 'lostResponse', nth: 3 },
      { operation: 'UpdateEndpointWeightsAndCapacities', kind: 'error500', every: 2 },
    ];
    const run = async () => {
      await account.emulator.stop();
      account = await openAccount({ seed: 5, faults });
      await createShop(account, { a: 1, b: 1 });
      for (let step = 0; step < 10; step += 1) {
        const DesiredWeightsAndCapacities = [{ VariantName: 'a', DesiredWeight: step }];
        const weights = { EndpointName: 'shop', DesiredWeightsAndCapacities };
        await outcomeOf(account.sageMaker.updateEndpointWeightsAndCapacities(weights));
        account.clock.advance(settledSeconds);
      }
      return [...account.emulator.calls];
    };
    const log = await run();
    const met = new Set(log.map((call) => call.fault));
    assert.deepEqual(met, new Set([undefined, 'throttle', 'lostResponse', 'error500']));
    assert.deepEqual(await run(), log);
  });

  it('fault: match with * -> affects calls with matching members', async () => {
    const { sageMaker, emulator } = account;
    emulator.faults.add({
      operation: 'CreateModel',
      kind: 'accessDenied',
      match: { ModelName: 'shop-*', 'PrimaryContainer.Image': '*shop-b' },
    });
    await createModels(sageMaker, 'shop-a');
    await assert.rejects(createModels(sageMaker, 'shop-b'), { name: denied });
    await createModels(sageMaker, 'shop-b');
  });

  it('faults timeoutBeforeEffect and timeoutAfterEffect: a call -> no effect, or an effect', async () => {
    const { emulator } = account;
    const once = new SageMaker({ ...emulator.awsConfig, maxAttempts: 1 });
    for (const kind of ['timeoutBeforeEffect', 'timeoutAfterEffect'] as const) {
      emulator.faults.add({ operation: 'CreateModel', kind, seconds: 0.2 });
      const started = Date.now();
      await assert.rejects(createModels(once, 'a'));
      assert.ok(Date.now() - started >= 190);
      const described = await outcomeOf(once.describeModel({ ModelName: 'a' }));
      assert.equal(described, kind === 'timeoutAfterEffect' ? 'ok' : 'ValidationException');
    }
  });

  it('fault slow: a call -> late response', async () => {
    account.emulator.faults.add({ operation: 'ListEndpoints', kind: 'slow', seconds: 0.3 });
    const started = Date.now();
    await account.sageMaker.listEndpoints({});
    assert.ok(Date.now() - started >= 290);
  });

  it('fault holdResponse: a call -> effect at once, response on release', async () => {
    const { sageMaker, emulator } = account;
    emulator.faults.add({ operation: 'CreateModel', kind: 'holdResponse' });
    let answered = false;
    const creation = createModels(sageMaker, 'a').then(() => (answered = true));
    while (emulator.held.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sageMaker.describeModel({ ModelName: 'a' });
    assert.equal(answered, false);
    assert.equal(emulator.held.list()[0]?.operation, 'CreateModel');
    const released = await post('release', {});
    assert.deepEqual(await released.json(), { released: 1 });
    await creation;
  });

  it('fault holdRequest: the caller is gone -> effect on release', async () => {
    const { emulator } = account;
    emulator.faults.add({ operation: 'CreateModel', kind: 'holdRequest' });
    const gone = new SageMaker({ ...emulator.awsConfig, maxAttempts: 1 });
    const creation = outcomeOf(createModels(gone, 'a'));
    while (emulator.held.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.destroy();
    const find = () => outcomeOf(account.sageMaker.describeModel({ ModelName: 'a' }));
    assert.equal(await find(), 'ValidationException');
    assert.equal(emulator.held.release(), 1);
    while ((await find()) !== 'ok') await new Promise((resolve) => setTimeout(resolve, 5));
    await creation;
    assert.deepEqual(
      emulator.calls.of('CreateModel').map(({ outcome, fault }) => [outcome, fault]),
      [['ok', 'holdRequest']],
    );
  });

  it('fault wrongData: DescribeEndpoint -> old state, missing variant, or old status', async () => {
    const { sageMaker, clock, emulator } = account;
    await createShop(account, { a: 90, b: 10 });
    const describe = () => sageMaker.describeEndpoint({ EndpointName: 'shop' });
    await describe();
    await sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'shop',
      DesiredWeightsAndCapacities: [{ VariantName: 'b', DesiredWeight: 50 }],
    });
    assert.equal((await describe()).EndpointStatus, 'Updating');
    clock.advance(settledSeconds);
    const lie = async (data: NonNullable<Fault['data']>) => {
      emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'wrongData', data });
      const { EndpointStatus, ProductionVariants } = await describe();
      return [EndpointStatus, ...(ProductionVariants ?? []).map((each) => each.CurrentWeight)];
    };
    assert.deepEqual(await lie('stale'), ['Updating', 90, 10]);
    assert.deepEqual(await lie('staleStatus'), ['Updating', 90, 50]);
    assert.deepEqual(await lie('oldWeights'), ['InService', 90, 10]);
    assert.deepEqual(await lie('missingVariant'), ['InService', 90]);
    assert.equal((await describe()).ProductionVariants?.[1]?.CurrentWeight, 50);
  });

  it('fault wrongData: GetMetricData -> empty, partial or NaN results', async () => {
    const { cloudWatch, clock, emulator } = account;
    for (const Value of [1, 2]) {
      const MetricData = [{ MetricName: 'Orders', Value }];
      await cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });
      clock.advance(60);
    }
    const read = async (data: NonNullable<Fault['data']>) => {
      emulator.faults.add({ operation: 'GetMetricData', kind: 'wrongData', data });
      const { MetricDataResults } = await cloudWatch.getMetricData({
        StartTime: new Date('2026-03-01T12:00:00Z'),
        EndTime: new Date('2026-03-01T13:00:00Z'),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          {
            Id: 'orders',
            MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Orders' }, Period: 60, Stat: 'Sum' },
          },
        ],
      });
      return [MetricDataResults?.[0]?.StatusCode, MetricDataResults?.[0]?.Values];
    };
    assert.deepEqual(await read('emptyResults'), ['Complete', []]);
    assert.deepEqual(await read('partialResults'), ['PartialData', [1]]);
    assert.deepEqual(await read('nan'), ['Complete', [NaN, NaN]]);
  });

  it('control API: fault file -> armed, listed and cleared', async () => {
    const armed = await post('faults', { faults: [denial, { operation: '*', kind: 'throttle', nth: 9 }] });
    assert.deepEqual(await armed.json(), { ids: [1, 2] });
    const url = `${account.emulator.url}/_emulator/faults`;
    await fetch(`${url}/1`, { method: 'DELETE' });
    const left = await (await fetch(url)).json();
    assert.deepEqual(left, [
      { id: 2, fault: { operation: '*', kind: 'throttle', nth: 9 }, seen: 0, hits: 0 },
    ]);
    assert.equal(await outcomeOf(account.sageMaker.listEndpoints({})), 'ok');
  });

  it('fault: invalid -> rejected with place, value and allowed values', async () => {
    const refusals: [fault: object, message: RegExp][] = [
      [{ operation: 'X', kind: 'fire' }, /^kind: found "fire"; allowed: throttle, error500/],
      [{ operation: 'X', kind: 'slow', from: 'noon' }, /^from: found "noon"; is not a time/],
      [{ operation: 'X', kind: 'wrongData' }, /^data: found nothing; must be one of stale/],
      [{ operation: '*', kind: 'fail' }, /^operation: found "\*"; must be the name of one operation/],
    ];
    for (const [fault, message] of refusals) {
      const answer = await post('faults', fault);
      assert.equal(answer.status, 400);
      assert.match(((await answer.json()) as { message: string }).message, message);
    }
    const inFile = await post('faults', { faults: [denial, { operation: 'X', kind: 'slow', count: 0 }] });
    assert.match(
      ((await inFile.json()) as { message: string }).message,
      /^faults\.1\.count: found 0; a whole/,
    );
  });

  function post(route: string, body: object): Promise<Response> {
    return fetch(`${account.emulator.url}/_emulator/${route}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
  }
});

describe('quotas', () => {
  it('quotas: enforced or not -> calls above the quota are throttled or accepted', async () => {
    const describeRepeatedly = async (account: Account) => {
      const once = new SageMaker({ ...account.emulator.awsConfig, maxAttempts: 1 });
      const outcomes = [];
      for (let call = 0; call < 4; call += 1) outcomes.push(await outcomeOf(once.listEndpoints({})));
      account.clock.advance(0.5);
      outcomes.push(await outcomeOf(once.listEndpoints({})));
      await account.emulator.stop();
      return outcomes;
    };
    const quotas = { ListEndpoints: 2 };
    const enforced = await openAccount({ quotas, enforceQuotas: true });
    const throttled = 'ThrottlingException';
    assert.deepEqual(await describeRepeatedly(enforced), ['ok', 'ok', throttled, throttled, 'ok']);
    const { emulator } = enforced;
    assert.deepEqual(emulator.calls.summarize(), [
      { operation: 'ListEndpoints', calls: 5, ok: 3, throttled: 2, rejected: 0, failed: 0, lost: 0 },
    ]);
    const free = await openAccount({ quotas });
    assert.deepEqual(new Set(await describeRepeatedly(free)), new Set(['ok']));
  });

  it("quotas: defaults or options -> CloudWatch's quotas and error name, or the options", async () => {
    const { emulator, cloudWatch } = await openAccount({ enforceQuotas: true });
    const calls = Array.from({ length: 12 }, () => outcomeOf(cloudWatch.describeAlarms({})));
    await Promise.all(calls);
    assert.equal(emulator.calls.count('DescribeAlarms', 'ok'), 9);
    assert.ok(emulator.calls.count('DescribeAlarms', 'Throttling') >= 3);
    await emulator.stop();
  });
});

it('emulator: stop with held responses -> stops', async () => {
  const { emulator } = await openAccount({ faults: [{ operation: 'ListEndpoints', kind: 'holdResponse' }] });
  const once = new SageMaker({ ...emulator.awsConfig, maxAttempts: 1 });
  const call = outcomeOf(once.listEndpoints({}));
  while (emulator.held.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await emulator.stop();
  assert.notEqual(await call, 'ok');
});
