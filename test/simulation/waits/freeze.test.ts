/** A freeze is judged at the moment of the change, not when the change was scheduled. */
import assert from 'node:assert/strict';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { pauseUpdate, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const freezeMs = Date.UTC(2026, 0, 1, 0, 50);
const freezeEndMs = Date.UTC(2026, 0, 1, 6);

const share = async ({ emulator }: Simulation): Promise<number | undefined> =>
  (await emulator.observe(endpoint))?.variants[1]?.weight;

/** The freeze begins a while after the bake at 20 %. */
async function openBeforeFreeze(): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true });
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '50%'], bake: '10m' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      freeze: [{ from: '2026-01-01T00:50', to: '2026-01-01T06:00', zone: 'UTC' }],
    }),
  );
  return simulation;
}

async function skipTo({ temporal }: Simulation, ms: number): Promise<void> {
  await temporal.skip(ms - temporal.clock.nowMs);
}

/** The share stays for the whole freeze, and the rollout continues after it. */
async function assertFrozenAt(simulation: Simulation, expected: number): Promise<void> {
  const { temporal } = simulation;
  for (;;) {
    if (temporal.clock.nowMs + 30 * minuteMs >= freezeEndMs) break;
    assert.equal(await share(simulation), expected, new Date(temporal.clock.nowMs).toISOString());
    await temporal.skip(30 * minuteMs);
  }
  const result = (await temporal.handle(`rollout:${endpoint}`).result()) as RolloutResult;
  assert.equal(result.outcome, 'promoted', result.reason);
  assert.ok(Date.parse(result.endedAt) > freezeEndMs, result.endedAt);
}

/** Returns when AWS has throttled it once. */
async function throttleSecondShift({ emulator, temporal }: Simulation): Promise<void> {
  const operation = 'UpdateEndpointWeightsAndCapacities';
  const match = { 'DesiredWeightsAndCapacities.0.DesiredWeight': 50 };
  emulator.faults.add({ operation, kind: 'throttle', match, count: 1_000 });
  while (emulator.calls.count(operation, 'ThrottlingException') === 0) await temporal.skip(1_000);
}

describe('freeze', () => {
  it('begins while no worker runs -> the bake ends in it, and the share stays', async () => {
    const simulation = await openBeforeFreeze();
    await skipTo(simulation, freezeMs - 20 * minuteMs);
    assert.equal(await share(simulation), 20);
    simulation.temporal.worker.kill();
    await skipTo(simulation, freezeMs + 10 * minuteMs);
    simulation.temporal.worker.start();
    await assertFrozenAt(simulation, 20);
    await simulation.close();
  });

  it('begins while AWS throttles the weight change -> the share stays', async () => {
    const simulation = await openBeforeFreeze();
    const { emulator, temporal } = simulation;
    await throttleSecondShift(simulation);
    assert.ok(temporal.clock.nowMs < freezeMs, 'the change began before the freeze');
    await skipTo(simulation, freezeMs + 10 * minuteMs);
    emulator.faults.clear();
    await assertFrozenAt(simulation, 20);
    await simulation.close();
  });

  it('begins while no worker takes an attempt of the weight change -> the share stays', async () => {
    const simulation = await openBeforeFreeze();
    const { emulator, temporal } = simulation;
    await throttleSecondShift(simulation);
    temporal.worker.kill();
    emulator.faults.clear();
    assert.ok(temporal.clock.nowMs < freezeMs - minuteMs, 'the attempt is due before the freeze');
    await skipTo(simulation, freezeMs + 10 * minuteMs);
    temporal.worker.start();
    await assertFrozenAt(simulation, 20);
    await simulation.close();
  });

  it('begins while AWS refuses the weight change -> the share stays', async () => {
    const simulation = await openBeforeFreeze();
    const { emulator } = simulation;
    await skipTo(simulation, freezeMs - 20 * minuteMs);
    assert.equal(await share(simulation), 20);
    emulator.faults.add({
      operation: 'UpdateEndpointWeightsAndCapacities',
      kind: 'accessDenied',
      count: 1_000,
    });
    await skipTo(simulation, freezeMs + 10 * minuteMs);
    emulator.faults.clear();
    await assertFrozenAt(simulation, 20);
    await simulation.close();
  });

  it('pause while AWS refuses the weight change -> the share stays', async () => {
    const simulation = await openBeforeFreeze();
    const { emulator, temporal } = simulation;
    await skipTo(simulation, freezeMs - 20 * minuteMs);
    emulator.faults.add({
      operation: 'UpdateEndpointWeightsAndCapacities',
      kind: 'accessDenied',
      count: 1_000,
    });
    await skipTo(simulation, freezeMs - 2 * minuteMs);
    await temporal
      .handle(`rollout:${endpoint}`)
      .executeUpdate(pauseUpdate, { args: [{ actor: 'ana', reason: 'wait' }] });
    await temporal.skip(minuteMs);
    emulator.faults.clear();
    await temporal.skip(120 * minuteMs);
    assert.equal(await share(simulation), 20);
    await simulation.close();
  });
});
