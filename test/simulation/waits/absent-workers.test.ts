/**
 * Workers that return after two days act on an alarm first, and on a breach in the windows of those days soon after. Before,
 * one attempt read every window by calls of its own, ended without progress after its 60 s, and read alarms last: an alarm
 * was not acted on at all. A change that ran meanwhile is verified, not rolled back.
 */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import {
  pauseSignal,
  statusQuery,
  timelineQuery,
  type RolloutResult,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const hourMs = 60 * 60_000;
const awayHours = 48;
/** Each AWS call takes this long. */
const latencyMs = 50;

const spec: SpecJson = specOf(endpoint, {
  serve: { metricsEvery: '60s' },
  strategy: { canary: { steps: ['20%'], bake: '4d' } },
  guardrails: [
    { alarm },
    { metric: 'errorRate', below: '5%', window: '1m' },
    { metric: 'latency', stat: 'p99', below: '5s', window: '5m' },
    { metric: 'errorRate', notWorseThanBaselineBy: '50%' },
  ],
});

interface Returned {
  result: RolloutResult;
  /** Milliseconds from the return of the worker to the decision. */
  decidedMs: number;
  /** From the return to the end. */
  alarmReads: number;
}

/** No worker runs from the first hour of the bake on, for two days. Something happens after some hours of them. */
async function playAbsence(
  afterHours: number,
  happen: (simulation: Simulation) => Promise<unknown>,
): Promise<Returned> {
  const simulation = await openWithEndpoint(endpoint, { network: { latencyMs } });
  const { temporal, aws, emulator } = simulation;
  await putManualAlarm(aws.cloudwatch, alarm, 'OK');
  const handle = simulation.startRollout(spec);
  await temporal.skip(hourMs);
  assert.equal((await handle.query(statusQuery)).phase, 'baking');
  temporal.worker.kill();
  await temporal.skip(afterHours * hourMs);
  await happen(simulation);
  await temporal.skip((awayHours - afterHours) * hourMs);
  const returnedMs = temporal.clock.nowMs;
  temporal.worker.start();
  const result = (await handle.result()) as RolloutResult;
  const timeline = await handle.query(timelineQuery);
  const decided = timeline.find((each) => each.kind === 'phase' && each.phase === 'rollingBack');
  const alarmReads = [...emulator.calls].filter(
    ({ at, operation }) => at >= returnedMs && operation === 'DescribeAlarms',
  ).length;
  await simulation.close();
  return { result, decidedMs: Date.parse(decided?.at ?? '') - returnedMs, alarmReads };
}

describe('workers away for two days', () => {
  it('alarm fires meanwhile -> the first attempt acts on it', async () => {
    const { result, decidedMs, alarmReads } = await playAbsence(24, ({ aws }) =>
      setAlarmState(aws.cloudwatch, alarm, 'ALARM'),
    );
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, new RegExp(alarm));
    assert.equal(alarmReads, 1);
    assert.ok(decidedMs <= 1_000, `${decidedMs} ms`);
  });

  it('candidate begins to fail in the last hour -> rolled back by the third poll, after 2,800 windows', async () => {
    const { result, decidedMs } = await playAbsence(47, ({ emulator }) =>
      emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 }),
    );
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /^error rate .* window 28\d\d /);
    assert.ok(decidedMs <= 61_000, `${decidedMs} ms`);
  });
});

describe('workers away for longer than the limit of a change', () => {
  for (const operation of ['UpdateEndpoint', 'UpdateEndpointWeightsAndCapacities'])
    it(`${operation}: no worker for 6 h after the request -> the next worker verifies it, promoted`, async () => {
      const simulation = await openWithEndpoint(endpoint);
      const { temporal, emulator, network } = simulation;
      const handle = simulation.startRollout(
        specOf(endpoint, {
          serve: { metricsEvery: '60s', limits: { deploy: '1h', shift: '30m' } },
          strategy: { canary: { steps: ['20%'], bake: '10m' } },
          guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
        }),
      );
      network.after = (call) => {
        if (call.operation !== operation) return;
        delete network.after;
        temporal.worker.kill();
      };
      while (emulator.calls.count(operation) === 0) await temporal.skip(1_000);
      await temporal.skip(6 * hourMs);
      temporal.worker.start();
      const result = (await handle.result()) as RolloutResult;
      assert.equal(result.outcome, 'promoted', result.reason);
      await simulation.close();
    });

  it('paused meanwhile, and the candidate begins to fail -> rolled back within one window, still paused', async () => {
    const simulation = await openWithEndpoint(endpoint);
    const { temporal, emulator, network } = simulation;
    const handle = simulation.startRollout(
      specOf(endpoint, {
        serve: { metricsEvery: '60s' },
        strategy: { canary: { steps: ['20%'], bake: '10m' } },
        guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      }),
    );
    network.after = ({ operation }) => {
      if (operation !== 'UpdateEndpointWeightsAndCapacities') return;
      delete network.after;
      temporal.worker.kill();
    };
    while (emulator.calls.count('UpdateEndpointWeightsAndCapacities') === 0) await temporal.skip(1_000);
    await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    await handle.signal(pauseSignal, { actor: 'ana', reason: 'a check' });
    await temporal.skip(3 * hourMs);
    const returnedMs = temporal.clock.nowMs;
    temporal.worker.start();
    const result = (await handle.result()) as RolloutResult;
    assert.match(`${result.outcome}: ${result.reason}`, /^rolledBack: error rate/);
    const timeline = await handle.query(timelineQuery);
    const decided = timeline.find((each) => each.kind === 'phase' && each.phase === 'rollingBack');
    assert.ok(Date.parse(decided?.at ?? '') - returnedMs <= 10 * 60_000, `${decided?.at}`);
    await simulation.close();
  });
});
