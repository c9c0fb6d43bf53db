/** A verified promotion is not undone because tidying after it is refused. */
import assert from 'node:assert/strict';
import { ListEndpointConfigsCommand } from '@aws-sdk/client-sagemaker';
import type { Fault } from '../../../src/emulator/account/faults.js';
import { timelineQuery, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { putManualAlarm } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';
import { rolloutResult } from '../../support/rollout-result.js';

interface Played {
  result: RolloutResult;
  refused: number;
  messages: string[];
  /** Names of the configs that exist at the end. */
  configs: string[];
}

async function play(fault: Fault, fields: object = {}): Promise<Played> {
  const simulation = await openWithEndpoint(endpoint, { account: { faults: [fault] } });
  const spec = specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%'], bake: '10m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    ...fields,
  });
  const handle = simulation.startRollout(spec);
  const result = await rolloutResult(handle.result());
  const messages = (await handle.query(timelineQuery)).map(({ message }) => message);
  const { EndpointConfigs = [] } = await simulation.aws.sagemaker.send(new ListEndpointConfigsCommand({}));
  const configs = EndpointConfigs.map(({ EndpointConfigName = '' }) => EndpointConfigName);
  await simulation.close();
  const refused = simulation.emulator.calls.count(fault.operation, 'AccessDeniedException');
  return { result, refused, messages, configs };
}

describe('tidying after a verified promotion', () => {
  it('scale-in of the baseline refused -> promoted, the baseline keeps its instances', async () => {
    const { result, refused, messages } = await play(
      {
        operation: 'UpdateEndpointWeightsAndCapacities',
        kind: 'accessDenied',
        match: { 'DesiredWeightsAndCapacities.0.DesiredInstanceCount': 1 },
        count: 1_000,
      },
      { rollbackWindow: { for: '1h', baseline: 'scaledIn' } },
    );
    assert.ok(refused > 0, 'nothing was refused');
    assert.equal(result.outcome, 'promoted', result.reason);
    assertRunbookEntry(
      messages.find((message) => message.startsWith('could not scale in')),
      'could not scale in the baseline, which keeps 2 instances: ...',
    );
  });

  const lastUpdate = {
    operation: 'UpdateEndpoint',
    kind: 'accessDenied',
    match: { EndpointConfigName: '*-b' },
  } as const;

  it('last update refused twice -> tried again, promoted without leftovers', async () => {
    const { result, refused, messages } = await play({ ...lastUpdate, count: 2 });
    assert.equal(refused, 2);
    assertRunbookEntry(
      messages.find((message) => message.startsWith('holding: '))?.slice('holding: '.length),
      'the candidate serves all traffic, verified, but its config cannot be deployed: ...',
    );
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(result.leftovers, []);
  });

  for (const kind of ['revertSilently', 'rollbackFailed'] as const)
    it(`last update: ${kind} once -> tried again, promoted without leftovers`, async () => {
      const { result } = await play({ ...lastUpdate, kind, count: 1 });
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.deepEqual(result.leftovers, []);
    });

  it('last update: the endpoint is Failed after it -> rollbackFailed, because no model serves', async () => {
    const { result } = await play({ ...lastUpdate, kind: 'failForGood', count: 1 });
    assert.equal(result.outcome, 'rollbackFailed', result.reason);
  });

  it('last update always refused, windows longer than its pauses -> a breach rolls back', async () => {
    const simulation = await openWithEndpoint(endpoint, {
      account: { faults: [{ ...lastUpdate, kind: 'accessDenied', count: 1_000 }] },
    });
    const windowMs = 10 * minuteMs;
    const handle = simulation.startRollout(
      specOf(endpoint, {
        serve: { metricsEvery: '60s' },
        strategy: { canary: { steps: ['20%', '100%'], bake: '10m' } },
        guardrails: [{ metric: 'errorRate', below: '5%', window: '10m' }],
      }),
    );
    const { clock } = simulation.temporal;
    while (simulation.emulator.calls.count('UpdateEndpoint', 'AccessDeniedException') === 0)
      await simulation.temporal.skip(minuteMs);
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    const brokenMs = clock.nowMs;
    const result = (await handle.result()) as RolloutResult;
    assert.equal(result.outcome, 'rolledBack', result.reason);
    const timeline = await handle.query(timelineQuery);
    const decision = timeline.find((entry) => entry.kind === 'phase' && entry.phase === 'rollingBack');
    const noticedMs = Date.parse(decision?.at ?? '') - brokenMs;
    // The window in which the breach begins, its data delay of two minutes, and polls.
    assert.ok(noticedMs <= windowMs + 4 * minuteMs, `${noticedMs / minuteMs} minutes`);
    await simulation.close();
  });

  for (const [topology, updates] of [
    ['variants', 2],
    ['endpoints', 1],
  ] as const)
    it(`last update, topology ${topology}: no worker for longer than its limit after the request -> promoted without leftovers`, async () => {
      const simulation = await openWithEndpoint(endpoint);
      const { aws, emulator, temporal } = simulation;
      await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'OK');
      const handle = simulation.startRollout(
        specOf(endpoint, {
          serve: { metricsEvery: '60s', topology, limits: { deploy: '30m' } },
          strategy: { canary: { steps: ['20%'], bake: '10m' } },
          guardrails: [{ alarm: 'ranker-errors' }],
        }),
      );
      while (emulator.calls.count('UpdateEndpoint') < updates) await temporal.skip(1_000);
      temporal.worker.kill();
      await temporal.skip(180 * minuteMs);
      temporal.worker.start();
      const result = (await handle.result()) as RolloutResult;
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.deepEqual(result.leftovers, []);
      const live = await emulator.observe(endpoint);
      assert.equal(live?.variants.length, 1);
      await simulation.close();
    });

  for (const [topology, updates] of [
    ['variants', 2],
    ['endpoints', 1],
  ] as const)
    it(`last update, topology ${topology}: the worker dies after the request, and a freeze begins -> promoted after it`, async () => {
      const play = async (freeze: object[]) => {
        const simulation = await openWithEndpoint(endpoint);
        await putManualAlarm(simulation.aws.cloudwatch, 'ranker-errors', 'OK');
        const handle = simulation.startRollout(
          specOf(endpoint, {
            serve: { metricsEvery: '60s', topology },
            strategy: { canary: { steps: ['20%'], bake: '10m' } },
            guardrails: [{ alarm: 'ranker-errors' }],
            onInconclusive: { rollBack: { after: '3m' } },
            freeze,
          }),
        );
        const { emulator, temporal } = simulation;
        while (emulator.calls.count('UpdateEndpoint') < updates) await temporal.skip(1_000);
        return { simulation, handle };
      };
      const undisturbed = (await play([])).simulation;
      const requestedMs = undisturbed.temporal.clock.nowMs;
      await undisturbed.close();
      const minute = (afterMinutes: number) =>
        new Date(requestedMs + afterMinutes * minuteMs).toISOString().slice(0, 16);
      const { simulation, handle } = await play([{ from: minute(2), to: minute(60), zone: 'UTC' }]);
      const { temporal } = simulation;
      temporal.worker.kill();
      await temporal.skip(10 * minuteMs);
      temporal.worker.start();
      const result = (await handle.result()) as RolloutResult;
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.deepEqual(result.leftovers, []);
      await simulation.close();
    });

  it('deletion of a config: no worker for longer than its limit after the request -> no leftovers', async () => {
    const simulation = await openWithEndpoint(endpoint);
    const { emulator, temporal } = simulation;
    const handle = simulation.startRollout(
      specOf(endpoint, {
        serve: { metricsEvery: '60s' },
        strategy: { canary: { steps: ['20%'], bake: '10m' } },
        guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      }),
    );
    simulation.network.after = ({ operation }) => {
      if (operation !== 'DeleteEndpointConfig') return;
      delete simulation.network.after;
      temporal.worker.kill();
    };
    while (emulator.calls.count('DeleteEndpointConfig') === 0) await temporal.skip(1_000);
    await temporal.skip(180 * minuteMs);
    temporal.worker.start();
    const result = (await handle.result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(result.leftovers, []);
    await simulation.close();
  });

  it('last update always refused -> promoted, the variant without traffic is a leftover', async () => {
    const { result, refused, configs } = await play({ ...lastUpdate, count: 1_000 });
    assert.ok(refused > 3, `${refused} refused`);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(result.leftovers, [`variant AllTraffic of endpoint ${endpoint}`]);
    assert.deepEqual(configs.sort(), [`${endpoint}-original`, `${result.rolloutId}-ab`].sort());
  });
});
