/** 100 % is a stage: the candidate is judged with all traffic before the baseline goes. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { CallRecord } from '../../../src/emulator/account/calls.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import {
  approveUpdate,
  promoteUpdate,
  type RolloutResult,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const ana = { actor: 'ana', reason: 'the numbers are good' };
const canary = { canary: { steps: ['20%', '50%'], bake: '15m' } };
/** A window of five minutes on the grid, its data delay, two polls, and the rollback itself. */
const noticedWithinMs = 20 * minuteMs;

function spec(fields: object = {}): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: canary,
    guardrails: [{ metric: 'errorRate', below: '5%', window: '5m', minimumRequests: 100 }],
    ...fields,
  });
}

const hasEnded = ({ temporal }: Simulation): boolean => temporal.latest(workflowId).end !== null;

/** Weights of the endpoint's variants, by model. */
async function weightsOf({ emulator }: Simulation): Promise<Record<string, number>> {
  const seen = await emulator.observe(endpoint);
  assert.ok(seen, 'the endpoint does not exist');
  return Object.fromEntries(seen.variants.map(({ model, weight }) => [model, weight]));
}

const split = (candidate: number) => ({
  [`${endpoint}-1`]: 100 - candidate,
  [`${endpoint}-2`]: candidate,
});

/** Drives time in steps of ten seconds, until users send all requests to the candidate, beside the baseline. */
async function untilAllTraffic(simulation: Simulation, whileWaiting?: (now: RolloutStatus) => Promise<void>) {
  for (let tens = 0; tens < 2_160; tens += 1) {
    const weights = await weightsOf(simulation);
    if (weights[`${endpoint}-2`] === 100) {
      assert.deepEqual(weights, split(100));
      return;
    }
    assert.ok(!hasEnded(simulation), (await status(simulation)).reason);
    await simulation.temporal.skip(10_000);
    await whileWaiting?.(await status(simulation));
  }
  assert.fail(`not at 100 % within six hours: ${JSON.stringify(await status(simulation))}`);
}

async function endWithin(simulation: Simulation, ms: number): Promise<RolloutResult> {
  await simulation.temporal.skip(ms);
  assert.ok(hasEnded(simulation), JSON.stringify(await status(simulation)));
  return resultOf(simulation);
}

/** The first change of the endpoint since then. It gives all traffic to the baseline, which is still there. */
function assertWeightsFirst({ emulator }: Simulation, sinceMs: number): CallRecord {
  const [first] = [...emulator.calls].filter(
    ({ at, operation }) => at >= sinceMs && operation.startsWith('UpdateEndpoint'),
  );
  assert.ok(first, 'the endpoint was not changed');
  assert.deepEqual([first.operation, first.outcome], ['UpdateEndpointWeightsAndCapacities', 'ok']);
  const weights = String(first.parameters.DesiredWeightsAndCapacities);
  assert.match(weights, /{"DesiredWeight":100,"VariantName":"AllTraffic"}/);
  return first;
}

const open = () => openWithEndpoint(endpoint, { leaveOutIdlePolls: true });

const source = { namespace: 'AWS/SageMaker', name: 'Invocation4XXErrors', per: 'Invocations' };

/** The models do not differ in the goal: a person ends the experiment. */
const abTest = {
  strategy: { abTest: { split: '50%', for: '1d' } },
  goals: [{ metric: 'rejections', higherIsBetter: false, weekly: false, window: '1h', source }],
};

const strategies: Record<string, object> = {
  canary: { strategy: canary },
  standard: { strategy: 'standard' },
  linear: { strategy: { linear: { by: '40%', every: '10m' } } },
  abTest,
};

describe('candidate with all traffic', () => {
  for (const [name, fields] of Object.entries(strategies))
    it(`${name}: the candidate fails only at 100 % -> its bound rolls back before the baseline goes`, async () => {
      const simulation = await open();
      simulation.startRollout(spec(fields));
      await untilAllTraffic(simulation, async ({ phase, step }) => {
        if (name !== 'abTest' || phase !== 'baking' || step.n !== 1) return;
        await simulation.temporal.handle(workflowId).executeUpdate(promoteUpdate, { args: [ana] });
      });
      const failsMs = simulation.temporal.clock.nowMs;
      await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
      const result = await endWithin(simulation, noticedWithinMs);
      assert.equal(result.outcome, 'rolledBack', result.reason);
      assert.match(result.reason, /^error rate/);
      assertWeightsFirst(simulation, failsMs);
      assert.deepEqual(Object.keys(await weightsOf(simulation)), [`${endpoint}-1`]);
      await simulation.close();
    });

  it('canary: the candidate is healthy at 100 % -> the baseline stays for the longest bake, then promoted', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await untilAllTraffic(simulation);
    await simulation.temporal.skip(15 * minuteMs);
    assert.deepEqual(await weightsOf(simulation), split(100));
    const result = await endWithin(simulation, 30 * minuteMs);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(Object.keys(await weightsOf(simulation)), [`${endpoint}-2`]);
    await simulation.close();
  });

  it('alarm: it fires at 100 % -> all weight goes to the baseline at once, before any other change', async () => {
    const simulation = await open();
    const { aws, temporal } = simulation;
    await putManualAlarm(aws.cloudwatch, alarm, 'OK');
    simulation.startRollout(spec({ guardrails: [{ alarm }] }));
    await untilAllTraffic(simulation);
    await temporal.skip(minuteMs);
    const firedMs = temporal.clock.nowMs;
    await setAlarmState(aws.cloudwatch, alarm, 'ALARM');
    const result = await endWithin(simulation, noticedWithinMs);
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, new RegExp(alarm));
    const { at } = assertWeightsFirst(simulation, firedMs);
    // One poll of 30 s, and the rollback's own calls.
    assert.ok(at - firedMs <= 45_000, `${at - firedMs} ms`);
    await simulation.close();
  });
});

describe('gate before the promotion', () => {
  it('gate: not approved for a day -> the candidate stays below 100 %; approved -> baked there, promoted', async () => {
    const simulation = await open();
    const { temporal } = simulation;
    simulation.startRollout(spec({ gates: [{ before: 'promotion', approval: { people: 1 } }] }));
    await temporal.skip(24 * 60 * minuteMs);
    const { phase, gate } = await status(simulation);
    assert.deepEqual([phase, gate?.kind], ['gated', 'approval']);
    assert.deepEqual(await weightsOf(simulation), split(50));
    await temporal.handle(workflowId).executeUpdate(approveUpdate, { args: [ana] });
    await untilAllTraffic(simulation);
    await temporal.skip(10 * minuteMs);
    assert.deepEqual(await weightsOf(simulation), split(100));
    assert.equal((await status(simulation)).phase, 'baking');
    const result = await endWithin(simulation, 30 * minuteMs);
    assert.equal(result.outcome, 'promoted', result.reason);
    await simulation.close();
  });

  it('gate: the candidate fails while it waits -> rolled back from below 100 %', async () => {
    const simulation = await open();
    const { emulator, temporal } = simulation;
    simulation.startRollout(spec({ gates: [{ before: 'promotion', manual: true }] }));
    await temporal.skip(120 * minuteMs);
    assert.deepEqual(await weightsOf(simulation), split(50));
    await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    const result = await endWithin(simulation, noticedWithinMs);
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /^error rate/);
    await simulation.close();
  });
});
