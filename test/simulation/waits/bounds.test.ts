/** When a bound on a rate promotes, holds and rolls back. The candidate gets a fifth of the requests. */
import assert from 'node:assert/strict';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { SpecJson } from '../../../src/client.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultAfter, status, until } from './ranker-rollout.js';

const errorRate = { metric: 'errorRate', below: '5%', window: '1m' };

function specWith(guardrails: object[]): SpecJson {
  return specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%'], bake: '15m' } },
    guardrails,
  });
}

/** Two bakes of 15 minutes, and the time for deployments. */
const rolloutMs = 60 * minuteMs;

async function openWithErrors(rate: number, guardrail: object) {
  const simulation = await openWithEndpoint(endpoint);
  await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: rate });
  simulation.startRollout(specWith([guardrail]));
  return simulation;
}

describe('bound on a rate', () => {
  it('bound on a rate: half of what it allows -> promoted without a hold', async () => {
    const simulation = await openWithErrors(0.025, errorRate);
    const result = await resultAfter(simulation, rolloutMs);
    assert.equal(result?.outcome, 'promoted', result?.reason);
    await simulation.close();
  });

  it('bound on a rate: nine tenths of what it allows, strict -> rolled back by one window', async () => {
    const simulation = await openWithErrors(0.045, { ...errorRate, strict: true });
    const result = await resultAfter(simulation, rolloutMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    await simulation.close();
  });

  it('bound on a rate: just above it -> held, and neither promoted nor rolled back', async () => {
    const simulation = await openWithErrors(0.0515, errorRate);
    assert.equal(await resultAfter(simulation, rolloutMs), null);
    const message = (await status(simulation)).hold?.message;
    assertRunbookEntry(message, 'error rate ... is not < ..., which can be chance: ...');
    await simulation.close();
  });

  it('bound on a rate: twice as high -> rolled back within the first bake', async () => {
    const simulation = await openWithErrors(0.1, errorRate);
    const result = await resultAfter(simulation, 30 * minuteMs);
    assert.equal(result?.outcome, 'rolledBack', result?.reason);
    assert.match(
      result?.reason ?? '',
      /^error rate .* % is not < 5 %, windows? [\d-]+ of 15, evidence .* of 100$/,
    );
    await simulation.close();
  });
});

describe('bound on a number', () => {
  it('bound on a number: each third window is out of it -> not confirmed then, promoted', async () => {
    const simulation = await openWithEndpoint(endpoint);
    const { clock } = simulation.temporal;
    const startMs = clock.nowMs;
    const publish = (minute: number): unknown =>
      clock.at(startMs + minute * minuteMs, async () => {
        publish(minute + 1);
        const data = {
          MetricName: 'depth',
          Timestamp: new Date(clock.nowMs),
          Value: minute % 3 === 0 ? 500 : 5,
        };
        await simulation.aws.cloudwatch.send(
          new PutMetricDataCommand({ Namespace: 'queue', MetricData: [data] }),
        );
      });
    publish(0);
    const source = { namespace: 'queue', name: 'depth', stat: 'Maximum', dimensions: {} };
    simulation.startRollout(specWith([{ metric: 'depth', source, below: 50, window: '1m' }]));
    const { verdicts } = await until(simulation, (now) =>
      now.verdicts.some(({ message }) => message.includes('1 of the last 3')),
    );
    assertRunbookEntry(verdicts[0]?.message, '... is not < ..., 1 of the last 3 windows; 2 of 3 fail');
    const result = await resultAfter(simulation, rolloutMs);
    assert.equal(result?.outcome, 'promoted', result?.reason);
    await simulation.close();
  });
});
