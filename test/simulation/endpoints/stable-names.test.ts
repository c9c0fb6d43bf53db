/** Stable names: the promoted variant has the baseline's name, whatever happens during the last update. */
import assert from 'node:assert/strict';
import { PutScalingPolicyCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeEndpointConfigCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { splitMemoKey, type Split } from '../../../src/plan/split/split.js';
import type { Fault } from '../../../src/emulator/account/faults.js';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { abortSignal, timelineQuery, type RolloutStatus } from '../../../src/workflows/messages.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from '../waits/ranker-rollout.js';
import { baseline, customized, openScaled, predefined, scalings, step, targetOf } from './scaled-endpoint.js';

const spec = (fields: object = {}, serve: object = {}) =>
  specOf(endpoint, {
    serve,
    strategy: { canary: { steps: ['50%', '100%'], bake: '1m' } },
    guardrails: [],
    ...fields,
  });

const toModel = (model: number) => ({
  models: { baseline: 'live', candidate: { model: `${endpoint}-${model}` } },
});

/** Name, model and instances of each variant. */
async function variantsOf({ emulator }: Simulation): Promise<string[]> {
  const live = await emulator.observe(endpoint);
  return (live?.variants ?? []).map(({ name, model, count }) => `${name}: ${count} of ${model}`);
}

const lastUpdate = { operation: 'UpdateEndpoint', match: { EndpointConfigName: '*-b' } } as const;

/** The name of the baseline with the candidate's model. */
const promoted = [`AllTraffic: 2 of ${endpoint}-2`];
const before = [`AllTraffic: 2 of ${endpoint}-1`];

const abort = ({ temporal }: Simulation) =>
  temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });

const isUpdating = ({ emulator }: Simulation) =>
  emulator.calls
    .of('UpdateEndpoint')
    .some(({ parameters }) => String(parameters.EndpointConfigName).endsWith('-b'));

async function setCount({ aws }: Simulation, VariantName: string | undefined, DesiredInstanceCount: number) {
  const DesiredWeightsAndCapacities = [{ VariantName, DesiredInstanceCount }];
  await aws.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: endpoint, DesiredWeightsAndCapacities }),
  );
}

async function untilLastUpdate(simulation: Simulation): Promise<void> {
  while (!isUpdating(simulation)) await simulation.temporal.skip(1_000);
}

describe('variantNames: stable', () => {
  for (const isScaled of [false, true])
    it(`${isScaled ? 'scaled' : 'unscaled'} endpoint, two rollouts -> each model in turn has the baseline's name`, async () => {
      const simulation = await (isScaled
        ? openScaled([predefined, customized, step])
        : openWithEndpoint(endpoint));
      await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
      const owned = await scalings(simulation);
      const guardrails = [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }];
      const strategy = { canary: { steps: ['50%', '100%'], bake: '5m' } };
      for (const model of [2, 3]) {
        simulation.startRollout(spec({ ...toModel(model), guardrails, strategy }));
        const { outcome, reason, leftovers, serving } = await resultOf(simulation);
        assert.deepEqual([outcome, leftovers, serving], ['promoted', [], `${endpoint}-${model}`], reason);
        assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 2 of ${endpoint}-${model}`]);
        assert.deepEqual(await scalings(simulation), owned);
        const { variants } = await status(simulation);
        assert.deepEqual(
          variants.map(({ role, name, actualWeight, count }) => [role, name, actualWeight, count]),
          [
            ['baseline', 'AllTraffic', 0, null],
            ['candidate', 'AllTraffic', 100, 2],
          ],
        );
      }
      await simulation.close();
    });

  it('promoted, then a candidate that fails -> rolled back to the promoted model under its name', async () => {
    const simulation = await openWithEndpoint(endpoint);
    await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
    simulation.startRollout(spec());
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    await simulation.emulator.setBehaviour({ model: `${endpoint}-3`, errorRate: 0.5 });
    const guardrails = [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }];
    const strategy = { canary: { steps: ['50%'], bake: '5m' } };
    simulation.startRollout(spec({ ...toModel(3), guardrails, strategy }));
    assert.equal((await resultOf(simulation)).outcome, 'rolledBack');
    assert.deepEqual(await variantsOf(simulation), promoted);
    await simulation.close();
  });

  it('two endpoints, two rollouts -> both variants have the name from the start, and the winner keeps it', async () => {
    const simulation = await openScaled([predefined, customized]);
    await createModel(simulation.aws.sagemaker, `${endpoint}-3`);
    const owned = await scalings(simulation);
    const rollbackWindow = { for: '2m', baseline: 'scaledIn' };
    for (const model of [2, 3]) {
      simulation.startRollout(spec({ ...toModel(model), rollbackWindow }, { topology: 'endpoints' }));
      const { variants, rolloutId } = await until(simulation, ({ phase }) => phase === 'rollbackWindow');
      const own = await simulation.emulator.observe(rolloutId ?? '');
      assert.equal(own?.variants[0]?.model, `${endpoint}-${model}`);
      assert.deepEqual(
        variants.map(({ name, actualWeight, count }) => [name, actualWeight, count]),
        [
          ['AllTraffic', 0, 2],
          ['AllTraffic', 100, 2],
        ],
      );
      const { outcome, reason, leftovers } = await resultOf(simulation);
      assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
      assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 2 of ${endpoint}-${model}`]);
      assert.deepEqual(await scalings(simulation), owned);
    }
    await simulation.close();
  });

  it("the candidate's settings -> the baseline's variant with another model", async () => {
    const simulation = await openWithEndpoint(endpoint);
    const variantOf = async () => {
      const EndpointConfigName = (await simulation.emulator.observe(endpoint))?.config;
      const command = new DescribeEndpointConfigCommand({ EndpointConfigName });
      return (await simulation.aws.sagemaker.send(command)).ProductionVariants?.[0];
    };
    const own = await variantOf();
    simulation.startRollout(spec());
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.deepEqual(
      { ...(await variantOf()), InitialVariantWeight: 1 },
      { ...own, ModelName: `${endpoint}-2`, InitialVariantWeight: 1 },
    );
    await simulation.close();
  });

  it('baseline scaled in, candidate with four instances -> the new fleet has four', async () => {
    const simulation = await openWithEndpoint(endpoint);
    simulation.startRollout(spec({ rollbackWindow: { for: '10m', baseline: 'scaledIn' } }));
    await until(simulation, ({ phase }) => phase === 'rollbackWindow');
    const { variants } = await until(simulation, ({ variants }) => variants[0]?.count === 1);
    const VariantName = variants.find(({ role }) => role === 'candidate')?.name;
    await setCount(simulation, VariantName, 4);
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 4 of ${endpoint}-2`]);
    await simulation.close();
  });

  it('the last update fails, and the candidate grows -> the next try has as many instances', async () => {
    const simulation = await openWithEndpoint(endpoint, {
      account: { faults: [{ ...lastUpdate, kind: 'accessDenied', count: 1 }] },
    });
    const { emulator, temporal } = simulation;
    simulation.startRollout(spec());
    while (emulator.calls.count('UpdateEndpoint', 'AccessDeniedException') === 0) await temporal.skip(1_000);
    const { variants } = await status(simulation);
    const VariantName = variants.find(({ role }) => role === 'candidate')?.name;
    await setCount(simulation, VariantName, 3);
    const { outcome, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []]);
    assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 3 of ${endpoint}-2`]);
    await simulation.close();
  });

  it('another instance type on a scaled endpoint -> the name is registered again, with all that it had', async () => {
    const simulation = await openScaled([predefined, customized, step]);
    const owned = await scalings(simulation);
    simulation.startRollout(spec({}, { instance: 'ml.m5.xlarge' }));
    const { outcome, reason, leftovers } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
    assert.deepEqual(await variantsOf(simulation), promoted);
    assert.deepEqual(await scalings(simulation), owned);
    await simulation.close();
  });

  for (const [serve, expected] of [
    [{}, /until the promotion, nothing scales the candidate by it$/],
    [{ instance: 'ml.m5.xlarge' }, /after the promotion, let the alarm invoke/],
  ] as const)
    it(`step scaling, serve ${JSON.stringify(serve)} -> the timeline says what its alarm does`, async () => {
      const simulation = await openScaled([step]);
      simulation.startRollout(spec({}, serve));
      assert.equal((await resultOf(simulation)).outcome, 'promoted');
      const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
      const warning = timeline.find(({ message }) => message.startsWith('scaling policy'));
      assert.match(warning?.message ?? '', expected);
      await simulation.close();
    });

  it('policy that its owner adds to the baseline during the rollout -> kept by the promotion', async () => {
    const simulation = await openScaled([predefined]);
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await simulation.aws.autoscaling.send(
      new PutScalingPolicyCommand({ ...targetOf('AllTraffic'), ...step }),
    );
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const after = JSON.stringify(await scalings(simulation));
    assert.match(after, /"load"/);
    assert.match(after, /"DynamicScalingInSuspended":false/);
    await simulation.close();
  });

  const failures: [name: string, fault: Pick<Fault, 'kind'>][] = [
    ['is refused', { kind: 'accessDenied' }],
    ['is reverted', { kind: 'revertSilently' }],
    ['cannot be reverted', { kind: 'rollbackFailed' }],
    ['finds no capacity', { kind: 'noCapacity' }],
  ];
  for (const [name, fault] of failures)
    it(`scaled endpoint, the last update ${name} -> the candidate scales meanwhile, and is promoted later`, async () => {
      const simulation = await openScaled([predefined], {
        account: { faults: [{ ...lastUpdate, ...fault, count: 1 }] },
      });
      const owned = await scalings(simulation);
      simulation.startRollout(spec());
      const { variants, observation } = await until(simulation, ({ hold }) => hold?.reason === 'tidying');
      const candidate = variants.find(({ role }) => role === 'candidate')?.name ?? '';
      await simulation.temporal.skip(2 * minuteMs);
      if (fault.kind !== 'rollbackFailed')
        assert.deepEqual(Object.keys(await scalings(simulation)).sort(), [
          baseline,
          `${endpoint}/${candidate}`,
        ]);
      assert.notEqual(observation, null);
      const { outcome, leftovers, reason } = await resultOf(simulation);
      assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
      assert.deepEqual(await variantsOf(simulation), promoted);
      assert.deepEqual(await scalings(simulation), owned);
      await simulation.close();
    });

  it('the last update is refused, and so is the registration of the candidate -> the timeline says so, promoted later', async () => {
    const simulation = await openScaled([predefined], {
      account: { faults: [{ ...lastUpdate, kind: 'accessDenied', count: 1 }] },
    });
    const { faults } = simulation.emulator;
    const owned = await scalings(simulation);
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const denied = faults.add({ operation: 'RegisterScalableTarget', kind: 'accessDenied', count: 1_000 });
    await until(simulation, ({ hold }) => hold?.reason === 'tidying');
    faults.clear(denied);
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    assertRunbookEntry(
      timeline.find(({ message }) => message.startsWith('could not restore'))?.message,
      'could not restore the autoscaling of the candidate: ...',
    );
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.deepEqual(await scalings(simulation), owned);
    await simulation.close();
  });

  it('the last update is always refused -> promoted, the candidate keeps its own name and scales', async () => {
    const simulation = await openScaled([predefined], {
      account: { faults: [{ ...lastUpdate, kind: 'accessDenied', count: 1_000 }] },
    });
    simulation.startRollout(spec());
    const { outcome, leftovers, serving } = await resultOf(simulation);
    assert.equal(outcome, 'promoted');
    assert.equal(serving, `${endpoint}-2`);
    assert.deepEqual(leftovers, [`variant AllTraffic of endpoint ${endpoint}`]);
    const [first, second] = Object.keys(await scalings(simulation)).sort();
    assert.deepEqual([first, second?.startsWith(`${endpoint}/b-`)], [baseline, true]);
    await simulation.close();
  });

  for (const afterMs of [0, 60_000, 180_000])
    for (const isScaled of [false, true])
      it(`abort ${afterMs / 1000} s after the request of the last update, ${isScaled ? 'scaled' : 'unscaled'} -> the baseline's model has its name again`, async () => {
        const simulation = await (isScaled ? openScaled([predefined]) : openWithEndpoint(endpoint));
        const owned = await scalings(simulation);
        simulation.startRollout(spec());
        await untilLastUpdate(simulation);
        await simulation.temporal.skip(afterMs);
        await abort(simulation);
        const { outcome, leftovers, serving, reason } = await resultOf(simulation);
        assert.deepEqual([outcome, leftovers, serving], ['aborted', [], `${endpoint}-1`], reason);
        assert.deepEqual(await variantsOf(simulation), before);
        assert.deepEqual(await scalings(simulation), owned);
        await simulation.close();
      });

  it('abort during the last update, another instance type and scaled -> the baseline with its type and scaling', async () => {
    const simulation = await openScaled([predefined]);
    const owned = await scalings(simulation);
    simulation.startRollout(spec({}, { instance: 'ml.m5.xlarge', count: 1 }));
    await untilLastUpdate(simulation);
    await abort(simulation);
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'aborted', reason);
    assert.deepEqual(await variantsOf(simulation), before);
    assert.deepEqual(await scalings(simulation), owned);
    await simulation.close();
  });

  it('freeze that begins during the last update, and the worker dies -> promoted after it, under the name', async () => {
    const play = async (freeze: object[]) => {
      const simulation = await openScaled([predefined]);
      simulation.startRollout(spec({ freeze }));
      await untilLastUpdate(simulation);
      return simulation;
    };
    const undisturbed = await play([]);
    const requestedMs = undisturbed.temporal.clock.nowMs;
    await undisturbed.close();
    const minute = (after: number) => new Date(requestedMs + after * minuteMs).toISOString().slice(0, 16);
    const simulation = await play([{ from: minute(2), to: minute(60), zone: 'UTC' }]);
    simulation.temporal.worker.kill();
    await simulation.temporal.skip(10 * minuteMs);
    simulation.temporal.worker.start();
    const { outcome, leftovers, reason } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
    assert.deepEqual(await variantsOf(simulation), promoted);
    await simulation.close();
  });

  it('the last update succeeds while no worker answers for days, and the fleet grows -> promoted, nothing left over', async () => {
    const simulation = await openWithEndpoint(endpoint);
    simulation.startRollout(spec());
    await untilLastUpdate(simulation);
    simulation.temporal.worker.kill();
    await simulation.temporal.skip(60 * minuteMs);
    await setCount(simulation, 'AllTraffic', 4);
    await simulation.temporal.skip(2 * 24 * 60 * minuteMs);
    simulation.temporal.worker.start();
    const { outcome, leftovers, reason } = await resultOf(simulation);
    assert.deepEqual([outcome, leftovers], ['promoted', []], reason);
    assert.deepEqual(await variantsOf(simulation), [`AllTraffic: 4 of ${endpoint}-2`]);
    await simulation.close();
  });

  it('switch: during the last update -> the split names no variant, because the names change', async () => {
    const simulation = await openWithEndpoint(endpoint);
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await untilLastUpdate(simulation);
    const { memo } = await simulation.temporal.handle(workflowId).describe();
    const { targets } = memo?.[splitMemoKey] as Split;
    assert.deepEqual(targets, { baseline: null, candidate: { endpoint, variant: null } });
    await simulation.close();
  });

  const ends: [name: string, isDue: ((now: RolloutStatus) => boolean) | null][] = [
    ['promotion', null],
    ['abort at the last update', ({ phase }) => phase === 'promoting'],
  ];
  for (const isScaled of [false, true])
    for (const [name, isDue] of ends)
      it(`worker killed before or after each changing call, ${isScaled ? 'scaled' : 'unscaled'}: ${name} -> one variant with the name, and the scaling of the beginning`, async () => {
        const { calls } = await playWithKill({ isScaled, isDue, kill: null });
        assert.ok(calls >= 4, `${calls} calls`);
        for (let number = 1; number <= calls; number += 1)
          for (const stage of ['before', 'after'] as const) {
            const played = await playWithKill({ isScaled, isDue, kill: { number, stage } });
            const where = `killed ${stage} call ${number}: ${played.result.reason}`;
            const expected = isDue === null ? ['promoted', promoted] : ['aborted', before];
            assert.deepEqual([played.result.outcome, played.variants], expected, where);
            assert.deepEqual(played.result.leftovers, [], where);
            assert.deepEqual(played.after, played.owned, where);
          }
      });
});

interface Play {
  isScaled: boolean;
  /** Aborts once the status is so. Null: never. */
  isDue: ((now: RolloutStatus) => boolean) | null;
  /** `number`: the position among the changing calls of the rollout, from 1. */
  kill: { number: number; stage: 'before' | 'after' } | null;
}

async function playWithKill({ isScaled, isDue, kill }: Play) {
  let calls = 0;
  const count = (stage: 'before' | 'after') => (call: { operation: string }) => {
    if (!/^(Create|Update|Delete|Register|Deregister|Put|Tag|Untag)/.test(call.operation)) return;
    if (stage === 'before') calls += 1;
    if (calls === kill?.number && stage === kill.stage) simulation.temporal.worker.restartAfter(2 * minuteMs);
  };
  const options: Partial<SimulationOptions> = {
    network: { latencyMs: 50, before: count('before'), after: count('after') },
    leaveOutIdlePolls: true,
  };
  const simulation = await (isScaled
    ? openScaled([predefined], options)
    : openWithEndpoint(endpoint, options));
  const owned = await scalings(simulation);
  simulation.startRollout(spec());
  if (isDue !== null) {
    const { temporal } = simulation;
    while (!temporal.worker.isUp || !isDue(await status(simulation))) await temporal.skip(5_000);
    await abort(simulation);
  }
  const result = await resultOf(simulation);
  const [after, variants] = [await scalings(simulation), await variantsOf(simulation)];
  await simulation.close();
  return { calls, result, owned, after, variants };
}
