/**
 * A read that AWS denies during a bake says nothing about the candidate. Before, one denied ListTags rolled back, and an alarm
 * was heard only after the other reads.
 */
import assert from 'node:assert/strict';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { statusQuery } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, workflowId } from './ranker-rollout.js';

const alarm = 'ranker-errors';
const always = 1_000_000;
const reads = ['ListTags', 'DescribeEndpoint', 'DescribeAlarms', 'GetMetricData'];

async function openBaking(): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true });
  const { aws, temporal } = simulation;
  await putManualAlarm(aws.cloudwatch, alarm, 'OK');
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%'], bake: '1h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }, { alarm }],
    }),
  );
  await temporal.skip(20 * minuteMs);
  assert.equal((await handle.query(statusQuery)).phase, 'baking');
  return simulation;
}

describe('read that AWS denies', () => {
  for (const operation of reads)
    it(`${operation}: denied for an hour in a bake -> not rolled back, promoted after it`, async () => {
      const simulation = await openBaking();
      const { emulator, temporal } = simulation;
      emulator.faults.add({ operation, kind: 'accessDenied', count: always });
      await temporal.skip(60 * minuteMs);
      assert.ok(emulator.calls.of(operation).some(({ fault }) => fault === 'accessDenied'));
      emulator.faults.clear();
      const result = await resultOf(simulation);
      assert.equal(result.outcome, 'promoted', result.reason);
      await simulation.close();
    });

  for (const operation of reads.filter((each) => each !== 'DescribeAlarms'))
    it(`${operation}: denied, and the alarm fires -> acted on within a poll`, async () => {
      const simulation = await openBaking();
      const { emulator, temporal, aws } = simulation;
      emulator.faults.add({ operation, kind: 'accessDenied', count: always });
      await temporal.skip(5 * minuteMs);
      await setAlarmState(aws.cloudwatch, alarm, 'ALARM');
      await temporal.skip(35_000);
      const { phase, reason } = await temporal.handle(workflowId).query(statusQuery);
      assert.equal(phase, 'rollingBack', reason);
      assert.match(reason, new RegExp(alarm));
      emulator.faults.clear();
      assert.equal((await resultOf(simulation)).outcome, 'rolledBack');
      await simulation.close();
    });
});
