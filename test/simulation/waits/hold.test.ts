/** A hold keeps the guardrails on: users still get the candidate. */
import assert from 'node:assert/strict';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { SpecJson } from '../../../src/client.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { specOf } from '../../e2e/specs.js';
import { putManualAlarm, setAlarmState } from '../../support/settable-alarm.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultAfter, status } from './ranker-rollout.js';

const alarm = 'ranker-errors';
/** A window of five minutes, its data delay of a minute, two polls, and the rollback itself. */
const noticedWithinMs = 20 * minuteMs;

const errorRate = { metric: 'errorRate', below: '5%', window: '5m', minimumRequests: 100 };

function specWith(guardrails: object[]): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%'], bake: '15m' } },
    guardrails,
  });
}

describe('hold', () => {
  it('hold for an alarm without data: candidate fails half of its requests -> rolled back', async () => {
    const simulation = await openWithEndpoint(endpoint);
    await putManualAlarm(simulation.aws.cloudwatch, alarm, 'OK');
    simulation.startRollout(specWith([errorRate, { alarm }]));
    await simulation.temporal.skip(10 * minuteMs);
    await setAlarmState(simulation.aws.cloudwatch, alarm, 'INSUFFICIENT_DATA');
    await simulation.temporal.skip(120 * minuteMs);
    assert.equal((await status(simulation)).hold?.reason, 'unknown');
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    const result = await resultAfter(simulation, noticedWithinMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    assert.match(result?.reason ?? '', /^error rate .* is not < 5 %, windows? [\d-]+, evidence /);
    await simulation.close();
  });

  it('hold for a latency with too few requests: candidate fails half of its requests -> rolled back', async () => {
    const simulation = await openWithEndpoint(endpoint);
    simulation.startRollout(
      specWith([errorRate, { metric: 'latency', stat: 'p99', below: '5s', minimumRequests: 1_000_000 }]),
    );
    await simulation.temporal.skip(90 * minuteMs);
    assert.equal((await status(simulation)).hold?.reason, 'unknown');
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
    const result = await resultAfter(simulation, noticedWithinMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    await simulation.close();
  });
});

/** A metric of the user's own. The values of some minutes are never published. */
function publishQueue({ temporal, aws }: Simulation, valueAt: (minute: number) => number | null): void {
  const { clock } = temporal;
  const startMs = clock.nowMs;
  const publish = (minute: number) =>
    clock.at(startMs + minute * minuteMs, async () => {
      publish(minute + 1);
      const value = valueAt(minute);
      if (value === null) return;
      const data = { MetricName: 'depth', Timestamp: new Date(clock.nowMs), Value: value };
      await aws.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'queue', MetricData: [data] }));
    });
  publish(0);
}

const depth = {
  metric: 'depth',
  source: { namespace: 'queue', name: 'depth', stat: 'Maximum', dimensions: {} },
  below: 50,
  window: '1m',
  minimumRequests: 1,
};

describe('window without data', () => {
  it('two minutes never published, a later window breaches the bound -> rolled back', async () => {
    const simulation = await openWithEndpoint(endpoint);
    publishQueue(simulation, (minute) => (minute === 16 || minute === 17 ? null : minute >= 22 ? 500 : 5));
    simulation.startRollout(specWith([depth]));
    const result = await resultAfter(simulation, 45 * minuteMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    assert.match(result?.reason ?? '', /^depth 500 is not < 50/);
    await simulation.close();
  });

  it('two minutes never published, later windows pass -> left out, one more window each, promoted', async () => {
    const simulation = await openWithEndpoint(endpoint);
    publishQueue(simulation, (minute) => (minute === 16 || minute === 17 ? null : 5));
    simulation.startRollout(specWith([depth]));
    const result = await resultAfter(simulation, 90 * minuteMs);
    assert.equal(result?.outcome, 'promoted', result?.reason);
    await simulation.close();
  });

  it('no data at all -> held', async () => {
    const simulation = await openWithEndpoint(endpoint);
    publishQueue(simulation, (minute) => (minute < 14 ? 5 : null));
    simulation.startRollout(specWith([depth]));
    assert.equal(await resultAfter(simulation, 180 * minuteMs), null);
    assert.match((await status(simulation)).hold?.message ?? '', /no data for window/);
    await simulation.close();
  });
});
