/** A change of the endpoint is decided by the present moment, the present instances, and the present config. */
import assert from 'node:assert/strict';
import {
  CreateEndpointConfigCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { SpecJson } from '../../../src/client.js';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { abortSignal, timelineQuery, type RolloutStatus } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from './ranker-rollout.js';

function spec(fields: object = {}): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%', '50%', '100%'], bake: '15m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', window: '5m', minimumRequests: 100 }],
    ...fields,
  });
}

const isAt = (share: number) => (now: RolloutStatus) =>
  now.variants.some(({ role, actualWeight }) => role === 'candidate' && actualWeight === share);

async function countsOf({ emulator }: Simulation): Promise<number[]> {
  return (await emulator.observe(endpoint))?.variants.map(({ count }) => count) ?? [];
}

async function scaleBaseline({ aws }: Simulation, count: number): Promise<void> {
  await aws.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: endpoint,
      DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: count }],
    }),
  );
}

const open = (options: Partial<SimulationOptions> = {}) =>
  openWithEndpoint(endpoint, { leaveOutIdlePolls: true, ...options });

const weights = 'UpdateEndpointWeightsAndCapacities';

/** A rollout with one alarm, which is OK, while the candidate is scaled out for its first traffic. */
async function inFirstScaleOut(): Promise<Simulation> {
  const simulation = await open();
  const { aws, emulator, temporal } = simulation;
  await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'OK');
  await scaleBaseline(simulation, 4);
  await temporal.skip(15 * minuteMs);
  simulation.startRollout(
    spec({
      serve: { metricsEvery: '60s', capacity: 'scaleBoth' },
      strategy: { canary: { steps: ['50%'], bake: '15m' } },
      guardrails: [{ alarm: 'ranker-errors' }],
    }),
  );
  while (emulator.calls.count(weights) === 1) await temporal.skip(1_000);
  return simulation;
}

describe('instances of a change', () => {
  it('first scale-out: an alarm fires during it -> no user meets the candidate', async () => {
    const simulation = await inFirstScaleOut();
    const { aws, emulator } = simulation;
    await setAlarmState(aws.cloudwatch, 'ranker-errors', 'ALARM');
    const { outcome, reason } = await resultOf(simulation);
    assert.match(`${outcome}: ${reason}`, /^failed: alarm ranker-errors/);
    const asked = [...emulator.calls].filter(({ operation }) => operation === weights).slice(1);
    assert.match(JSON.stringify(asked[0]?.parameters), /DesiredInstanceCount/);
    assert.doesNotMatch(JSON.stringify(asked), /DesiredWeight[^s]/);
    await simulation.close();
  });

  it('first scale-out: the alarm cannot be read after it -> no user meets the candidate before it can', async () => {
    const simulation = await inFirstScaleOut();
    const { emulator, temporal } = simulation;
    emulator.faults.add({ operation: 'DescribeAlarms', kind: 'accessDenied', count: 1_000 });
    await until(simulation, ({ hold }) => hold?.reason === 'unknown');
    await temporal.skip(30 * minuteMs);
    const { hold, watch, variants } = await status(simulation);
    assert.match(hold?.message ?? '', /^alarm ranker-errors cannot be read/);
    assert.equal(watch?.need, 'allRead');
    assert.equal(variants.find(({ role }) => role === 'candidate')?.actualWeight, 0);
    emulator.faults.clear();
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    await simulation.close();
  });

  it('baseline has grown from 2 to 8 instances -> the candidate has 8 before it gets all traffic', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, isAt(20));
    await scaleBaseline(simulation, 8);
    await until(simulation, isAt(100));
    assert.deepEqual(await countsOf(simulation), [8, 8]);
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    await simulation.close();
  });

  it('capacity scaleBoth: the share rises -> instances leave the baseline, and come back in a rollback', async () => {
    const simulation = await open();
    await scaleBaseline(simulation, 8);
    await simulation.temporal.skip(15 * minuteMs);
    simulation.startRollout(spec({ serve: { metricsEvery: '60s', capacity: 'scaleBoth' } }));
    await until(simulation, ({ phase, step }) => phase === 'baking' && step.n === 2);
    assert.deepEqual(await countsOf(simulation), [4, 4]);
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ana', reason: 'enough seen' });
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    assert.deepEqual(await countsOf(simulation), [8]);
    await simulation.close();
  });
});

describe('config of a change', () => {
  it("someone else's update ends before the last update -> held, not overwritten, until it is undone", async () => {
    const simulation = await open();
    const { aws, emulator, temporal } = simulation;
    simulation.startRollout(spec());
    const refusedOnce = { operation: 'UpdateEndpoint', kind: 'accessDenied', count: 1 } as const;
    emulator.faults.add({ ...refusedOnce, match: { EndpointConfigName: '*-b' } });
    const hotfix = {
      VariantName: 'hotfix',
      ModelName: `${endpoint}-1`,
      InstanceType: 'ml.m5.large',
      InitialInstanceCount: 2,
      InitialVariantWeight: 1,
    } as const;
    await aws.sagemaker.send(
      new CreateEndpointConfigCommand({ EndpointConfigName: 'hotfix', ProductionVariants: [hotfix] }),
    );
    await until(simulation, ({ hold }) => hold?.reason === 'tidying');
    const ours = (await emulator.observe(endpoint))?.config;
    const update = (EndpointConfigName: string | undefined) =>
      aws.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
    await update('hotfix');
    await temporal.skip(60 * minuteMs);
    assert.equal((await status(simulation)).hold?.reason, 'drift');
    assert.equal((await emulator.observe(endpoint))?.config, 'hotfix');
    await update(ours);
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    await simulation.close();
  });
});

describe('moment of a change', () => {
  /** The worker dies between the last check of 50 % and its request, or in the request. */
  const deaths: Record<string, (simulation: Simulation) => Promise<void>> = {
    'after the last check': async (simulation) => {
      await until(simulation, ({ phase, step }) => phase === 'baking' && step.n === 1);
      const { temporal } = simulation;
      while ((await status(simulation)).phase !== 'shifting') await temporal.skip(1_000);
      temporal.worker.kill();
    },
    'in the request': async ({ network, emulator, temporal }) => {
      let isKilled = false;
      network.before = ({ operation }) => {
        if (operation !== weights || emulator.calls.count(weights) !== 1) return;
        delete network.before;
        isKilled = true;
        temporal.worker.kill();
      };
      while (!isKilled) await temporal.skip(1_000);
    },
  };
  it('first weight change: the worker dies in it, and the alarm has no data before -> the next worker makes it', async () => {
    const simulation = await open({ network: { latencyMs: 3_000 } });
    const { aws, network, temporal } = simulation;
    await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'INSUFFICIENT_DATA');
    simulation.startRollout(spec({ guardrails: [{ alarm: 'ranker-errors' }] }));
    let isKilled = false;
    network.before = ({ operation }) => {
      if (operation !== weights) return;
      delete network.before;
      isKilled = true;
      temporal.worker.kill();
    };
    while (!isKilled) await temporal.skip(1_000);
    await temporal.skip(7 * minuteMs);
    temporal.worker.start();
    await temporal.skip(10 * minuteMs);
    const { hold, variants } = await status(simulation);
    const candidate = variants.find(({ role }) => role === 'candidate');
    assert.equal(candidate?.actualWeight, 20, hold?.message);
    await simulation.close();
  });

  it('drift revert: the worker dies in its request, and an alarm fires before the next one -> no user comes back', async () => {
    const simulation = await open({ network: { latencyMs: 3_000 } });
    const { aws, emulator, network, temporal } = simulation;
    await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'OK');
    simulation.startRollout(spec({ drift: 'revert', guardrails: [{ alarm: 'ranker-errors' }] }));
    await until(simulation, isAt(20));
    const names = (await emulator.observe(endpoint))?.variants.map(({ name }) => name) ?? [];
    await aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: names.map((VariantName) => ({
          VariantName,
          DesiredWeight: VariantName === 'AllTraffic' ? 100 : 0,
        })),
      }),
    );
    const before = emulator.calls.count(weights);
    let isKilled = false;
    network.before = ({ operation }) => {
      if (operation !== weights) return;
      delete network.before;
      isKilled = true;
      temporal.worker.kill();
    };
    while (!isKilled) await temporal.skip(1_000);
    await setAlarmState(aws.cloudwatch, 'ranker-errors', 'ALARM');
    await temporal.skip(7 * minuteMs);
    temporal.worker.start();
    const { outcome, reason } = await resultOf(simulation);
    assert.match(`${outcome}: ${reason}`, /^rolledBack: alarm ranker-errors/);
    const later = [...emulator.calls].filter(({ operation }) => operation === weights).slice(before);
    assert.doesNotMatch(JSON.stringify(later), /"DesiredWeight\\*":20/);
    await simulation.close();
  });

  for (const [moment, die] of Object.entries(deaths))
    it(`the worker dies ${moment}, and an alarm fires before the next one -> the share stays`, async () => {
      const simulation = await open({ network: { latencyMs: 3_000 } });
      const { aws, emulator, temporal } = simulation;
      await putManualAlarm(aws.cloudwatch, 'ranker-errors', 'OK');
      simulation.startRollout(spec({ guardrails: [{ alarm: 'ranker-errors' }] }));
      await die(simulation);
      assert.equal(
        emulator.calls.count(weights),
        1,
        'the first share is in effect, the second is not requested',
      );
      await setAlarmState(aws.cloudwatch, 'ranker-errors', 'ALARM');
      await temporal.skip(7 * minuteMs);
      temporal.worker.start();
      const { outcome, reason } = await resultOf(simulation);
      assert.match(`${outcome}: ${reason}`, /^rolledBack: alarm ranker-errors/);
      const shares = [...emulator.calls].filter(({ operation }) => operation === weights);
      assert.doesNotMatch(JSON.stringify(shares), /"DesiredWeight\\*":50/);
      await simulation.close();
    });

  it('hours gate closes while no worker runs -> stays closed until it opens again', async () => {
    const simulation = await open({ startMs: Date.UTC(2026, 0, 5, 8) });
    const { temporal } = simulation;
    const from9to10 = { weekly: 'Mon-Fri 09:00-10:00', zone: 'UTC' };
    simulation.startRollout(spec({ gates: [{ before: '20%', hours: from9to10 }] }));
    await until(simulation, ({ gate }) => gate !== null);
    // 09:00 comes without a worker, and the worker is back after the gate has closed.
    temporal.worker.kill();
    await temporal.skip(3 * 60 * minuteMs);
    temporal.worker.start();
    await temporal.skip(5 * minuteMs);
    assert.equal((await status(simulation)).gate?.kind, 'hours');
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    const timeline = await temporal.handle(workflowId).query(timelineQuery);
    const opened = timeline.find(({ message }) => /is open$/.test(message));
    assert.match(opened?.at ?? '', /T09:/);
    await simulation.close();
  });
});

describe('rollback without workers', () => {
  it('no worker for longer than the limit of the rollback -> the next worker makes it, verified', async () => {
    const simulation = await open();
    const { temporal } = simulation;
    simulation.startRollout(spec({ serve: { metricsEvery: '60s', limits: { rollBack: '30m' } } }));
    await until(simulation, isAt(50));
    await temporal.handle(workflowId).signal(abortSignal, { actor: 'ana', reason: 'enough seen' });
    await temporal.skip(1_000);
    temporal.worker.kill();
    await temporal.skip(120 * minuteMs);
    temporal.worker.start();
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'aborted', result.reason);
    await simulation.close();
  });
});
