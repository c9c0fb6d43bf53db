/** A change that AWS does not carry out holds the rollout where it is. Users of the candidate stay guarded. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../../src/client.js';
import type { Fault } from '../../../src/emulator/account/faults.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { retrySignal, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultAfter, status, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const always = 1_000_000;
/** A window of five minutes, its data delay of a minute, two polls, and the rollback itself. */
const noticedWithinMs = 20 * minuteMs;

function spec(fields: object = {}): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%', '50%'], bake: '15m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', window: '5m', minimumRequests: 100 }],
    ...fields,
  });
}

/** The second weight change: 50 % for the candidate. */
const secondShift = {
  operation: 'UpdateEndpointWeightsAndCapacities',
  match: { 'DesiredWeightsAndCapacities.0.DesiredWeight': 50 },
};

async function untilBlocked(simulation: Simulation): Promise<void> {
  for (let minute = 0; minute < 120; minute += 1) {
    await simulation.temporal.skip(minuteMs);
    if ((await status(simulation)).hold?.reason === 'blocked') return;
  }
  assert.fail('the rollout did not hold as blocked within two hours');
}

const open = (faults: Fault[] = []) =>
  openWithEndpoint(endpoint, { account: { faults }, leaveOutIdlePolls: true });

describe('blocked change', () => {
  for (const kind of ['accessDenied', 'throttle', 'error500'] as const)
    it(`weight change: ${kind} for an hour -> holds at the previous weights, then promoted`, async () => {
      const simulation = await open();
      const { emulator, temporal } = simulation;
      simulation.startRollout(spec());
      await temporal.skip(25 * minuteMs);
      emulator.faults.add({ ...secondShift, kind, count: always });
      await temporal.skip(60 * minuteMs);
      assert.equal((await status(simulation)).hold?.reason, 'blocked');
      const seen = await emulator.observe(endpoint);
      assert.deepEqual(
        seen?.variants.map(({ weight }) => weight),
        [80, 20],
      );
      emulator.faults.clear();
      const result = (await temporal.handle(workflowId).result()) as RolloutResult;
      assert.equal(result.outcome, 'promoted', result.reason);
      await simulation.close();
    });

  it('weight change: access denied, and the candidate fails half of its requests -> rolled back', async () => {
    const simulation = await open([{ ...secondShift, kind: 'accessDenied', count: always }]);
    simulation.startRollout(spec());
    await untilBlocked(simulation);
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    const result = await resultAfter(simulation, noticedWithinMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    assert.match(result?.reason ?? '', /^error rate/);
    await simulation.close();
  });

  it('weight change: access denied, and metrics cannot be read either -> the status continues to show the change', async () => {
    const simulation = await open([{ ...secondShift, kind: 'accessDenied', count: always }]);
    const { temporal, emulator } = simulation;
    simulation.startRollout(spec());
    await untilBlocked(simulation);
    emulator.faults.add({ operation: 'GetMetricData', kind: 'accessDenied', count: always });
    let unreadable = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      await temporal.skip(minuteMs);
      const { hold, verdicts } = await status(simulation);
      assert.equal(hold?.reason, 'blocked', hold?.message);
      if (verdicts.some(({ result }) => result === 'error')) unreadable += 1;
    }
    assert.ok(unreadable > 30, `${unreadable} minutes with a failed read`);
    await simulation.close();
  });

  it('weight change: access denied for five days -> pages, continues as new, promoted after a retry', async () => {
    const simulation = await open([{ ...secondShift, kind: 'accessDenied', count: always }]);
    const { temporal, emulator } = simulation;
    simulation.startRollout(spec());
    await untilBlocked(simulation);
    await temporal.skip(5 * 24 * 60 * minuteMs);
    assert.equal((await status(simulation)).hold?.reason, 'blocked');
    emulator.faults.clear();
    await temporal
      .handle(workflowId)
      .signal(retrySignal, { actor: 'ana', reason: 'access is granted again' });
    const result = (await temporal.handle(workflowId).result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    await simulation.close();
  });

  it('weight change: access denied, onBlocked rolls back after 30 minutes -> rolled back then', async () => {
    const simulation = await open([{ ...secondShift, kind: 'accessDenied', count: always }]);
    simulation.startRollout(spec({ onBlocked: { rollBack: { after: '30m' } } }));
    await untilBlocked(simulation);
    assert.equal(await resultAfter(simulation, 20 * minuteMs), null);
    const result = await resultAfter(simulation, 20 * minuteMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    await simulation.close();
  });

  it('scale-out: quota reached -> holds, then promoted', async () => {
    const simulation = await open();
    const { emulator, temporal } = simulation;
    simulation.startRollout(spec({ serve: { metricsEvery: '60s', count: 4 } }));
    await temporal.skip(10 * minuteMs);
    emulator.faults.add({
      operation: 'UpdateEndpointWeightsAndCapacities',
      match: { 'DesiredWeightsAndCapacities.0.DesiredInstanceCount': 2 },
      kind: 'quota',
      count: always,
    });
    await untilBlocked(simulation);
    emulator.faults.clear();
    const result = (await temporal.handle(workflowId).result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    await simulation.close();
  });

  it('weight change: it takes hours, and an alarm fires -> acted on within a poll', async () => {
    const simulation = await open();
    const { aws, emulator, temporal } = simulation;
    await putManualAlarm(aws.cloudwatch, alarm, 'OK');
    emulator.faults.add({ ...secondShift, kind: 'stuck', count: 1 });
    simulation.startRollout(spec({ guardrails: [{ alarm }] }));
    for (let minute = 0; (await status(simulation)).variants[1]?.setWeight !== 50; minute += 1) {
      assert.ok(minute < 120, 'the second weight change did not begin');
      await temporal.skip(minuteMs);
    }
    await setAlarmState(aws.cloudwatch, alarm, 'ALARM');
    await temporal.skip(90_000);
    const { phase, reason } = await status(simulation);
    assert.equal(phase, 'rollingBack', reason);
    await simulation.close();
  });

  it('first change: rejected by SageMaker -> failed at once, nothing changed', async () => {
    const simulation = await open();
    simulation.startRollout(spec({ models: { baseline: 'live', candidate: { model: `${endpoint}-3` } } }));
    const result = await resultAfter(simulation, 10 * minuteMs);
    assert.equal(result?.outcome, 'failed', result?.reason);
    await simulation.close();
  });

  it('first deployment: access denied -> holds, and an abort ends the rollout', async () => {
    const simulation = await open([{ operation: 'UpdateEndpoint', kind: 'accessDenied', count: always }]);
    simulation.startRollout(spec());
    await untilBlocked(simulation);
    assertRunbookEntry(
      (await status(simulation)).hold?.message,
      'AWS did not carry out a change, and the rollout repeats it: ...',
    );
    await simulation.temporal.handle(workflowId).signal('abort', { actor: 'ana', reason: 'wrong role' });
    simulation.emulator.faults.clear();
    const result = (await simulation.temporal.handle(workflowId).result()) as RolloutResult;
    assert.equal(result.outcome, 'aborted', result.reason);
    await simulation.close();
  });
});
