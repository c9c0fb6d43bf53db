/** Preflight compares the windows of custom metrics with the spacing of their last points. */
import assert from 'node:assert/strict';
import { PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import { ApplicationFailure } from '@temporalio/common';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import type { BoundGuardrail, ExpressionMetric, MetricSeries } from '../../../src/plan/compiled/guardrail.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { failureOf, ActivityTestEnvironment } from '../activity-environment.js';
import { preflightPlan as planOf, rolloutId } from './preflight-plan.js';

const minute = 60;

function series(name: string, dimensions: Record<string, string> = { Host: 'features' }): MetricSeries {
  return { namespace: 'Database', name, stat: 'Average', dimensions };
}

function boundOn(numerator: MetricSeries, changes: Partial<BoundGuardrail> = {}): BoundGuardrail {
  const metric = { unit: 'none' as const, scale: 1, numerator, denominator: null };
  return errorRateGuardrail({ label: 'db cpu', metric, minimumRequests: 1, ...changes });
}

describe('preflight: windows of custom metrics', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v2');
    await testEnv.putLiveEndpoint();
  });
  afterEach(() => testEnv.close());

  /** Publishes points at these times before now, in seconds. */
  async function publish(of: MetricSeries, secondsAgo: number[], StorageResolution = 60): Promise<void> {
    const Dimensions = Object.entries(of.dimensions).map(([Name, Value]) => ({ Name, Value }));
    const MetricData: MetricDatum[] = secondsAgo.map((ago) => ({
      ...{ MetricName: of.name, Dimensions, Value: 20, StorageResolution },
      Timestamp: new Date(testEnv.nowMs - ago * 1000),
    }));
    await testEnv.cloudwatch.send(new PutMetricDataCommand({ Namespace: of.namespace, MetricData }));
  }

  const every = (seconds: number, count: number) =>
    Array.from({ length: count }, (_, i) => (i + 1) * seconds);

  async function findingsOf(changes: Partial<Plan>): Promise<string> {
    const attempts = testEnv.start('preflight', { plan: planOf({ guardrails: [], ...changes }) });
    try {
      await attempts.all();
      return '';
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === 'PreflightFailed') return error.message;
      throw error;
    }
  }

  it('preflight: points every 5 minutes, window of 1 minute -> names metric, spacing, window and what to write', async () => {
    const cpu = series('CPUUtilization');
    await publish(cpu, every(5 * minute, 200));
    const finding = await findingsOf({ guardrails: [boundOn(cpu)] });
    assert.equal(
      finding,
      'the window 1m of guardrail db cpu is too short: the points of Database CPUUtilization (Host=features) ' +
        'are 5m apart; set window: 5m',
    );
    assertRunbookEntry(finding, 'the window X of Y is too short: the points of M are N apart; set window: W');
    assert.equal(await findingsOf({ guardrails: [boundOn(cpu, { windowSeconds: 300 })] }), '');
  });

  it('preflight: a publisher that is a little late each time -> a window that holds each of its gaps', async () => {
    const cpu = series('CPUUtilization');
    await publish(cpu, every(5 * minute + 20, 100));
    assert.match(await findingsOf({ guardrails: [boundOn(cpu)] }), /are 5m apart; set window: 6m$/);
  });

  it('preflight: a pause at night -> the spacing of the day', async () => {
    const cpu = series('CPUUtilization');
    await publish(cpu, [
      ...every(2 * minute, 50),
      ...every(2 * minute, 50).map((ago) => ago + 10 * 60 * minute),
    ]);
    assert.match(await findingsOf({ guardrails: [boundOn(cpu)] }), /are 2m apart; set window: 2m$/);
  });

  const accepted: [string, number[]][] = [
    ['points every minute', every(minute, 200)],
    ['points every minute, of which a third is missing', every(minute, 200).filter((_, i) => i % 3 !== 1)],
    ['no points', []],
    ['few points', every(30 * minute, 5)],
    ['points of 10 minutes, older than a day', every(10 * minute, 30).map((ago) => ago + 25 * 60 * minute)],
    // Requests that come at random: windows with fewer requests than the minimum are joined.
    [
      'points at random times',
      [2, 9, 10, 31, 33, 34, 50, 51, 77, 90, 93, 120, 121, 129].map((at) => at * minute),
    ],
  ];
  for (const [about, points] of accepted) {
    it(`preflight: ${about} -> no finding`, async () => {
      const cpu = series('CPUUtilization');
      if (points.length > 0) await publish(cpu, points);
      assert.equal(await findingsOf({ guardrails: [boundOn(cpu)] }), '');
    });
  }

  it('preflight: window of 10 s, points every minute -> asks for one minute, unless the points are closer', async () => {
    const serve = { instanceType: null, count: null, metricPeriodSeconds: 10, capacity: 'full' } as const;
    const cpu = series('CPUUtilization');
    await publish(cpu, every(minute, 60));
    const fine = series('Fine');
    await publish(fine, every(10, 200), 1);
    const guardrails = [cpu, fine].map((one) => boundOn(one, { windowSeconds: 10 }));
    assert.match(
      await findingsOf({ serve, guardrails }),
      /^the window 10s of guardrail db cpu is too short: [^;]*CPUUtilization[^;]* are 1m apart; set window: 1m$/,
    );
  });

  it("preflight: metric of the candidate -> the baseline's points show the spacing", async () => {
    const { candidate } = resourceNamesOf(rolloutId).variant;
    await publish(series('Orders', { Model: 'main' }), every(5 * minute, 50));
    const guardrails = [boundOn(series('Orders', { Model: candidate }))];
    assert.match(await findingsOf({ guardrails }), /points of Database Orders \(Model=main\) are 5m apart/);
  });

  it('preflight: quotient or expression -> each metric that must have data, FILL excepted', async () => {
    const [done, failed] = [series('Done'), series('Failed')];
    await publish(done, every(minute, 50));
    await publish(failed, every(5 * minute, 50));
    const unit = { unit: 'percent' as const, scale: 100 };
    const quotient = boundOn(done, { metric: { ...unit, numerator: failed, denominator: done } });
    assert.match(await findingsOf({ guardrails: [quotient] }), /points of Database Failed .* are 5m apart/);
    const computed = (expression: string): BoundGuardrail => {
      const metric: ExpressionMetric = { ...unit, expression, operands: { done, failed } };
      return boundOn(done, { metric });
    };
    assert.match(
      await findingsOf({ guardrails: [computed('failed / done')] }),
      /Database Failed .* are 5m apart/,
    );
    assert.equal(await findingsOf({ guardrails: [computed('FILL(failed, 0) / done')] }), '');
  });

  it('preflight: goal -> its trials need a window, and its conversions may be rare', async () => {
    const [total, trials] = [series('Sales'), series('Visits')];
    await publish(total, every(10 * minute, 20));
    await publish(trials, every(2 * minute, 150));
    const goal: Goal = {
      ...{ id: 'goal:sales', label: 'sales', kind: 'proportion', higherIsBetter: true },
      ...{ total, squares: null, trials, windowSeconds: minute, dataDelaySeconds: 120 },
    };
    assert.equal(
      await findingsOf({ goals: [goal] }),
      'the window 1m of goal sales is too short: the points of Database Visits (Host=features) are 2m apart; ' +
        'set window: 2m',
    );
  });

  it('preflight: CloudWatch cannot be read -> tries again', async () => {
    const cpu = series('CPUUtilization');
    await publish(cpu, every(5 * minute, 50));
    testEnv.emulator.faults.add({ operation: 'GetMetricData', kind: 'error500', count: 3 });
    const attempts = testEnv.start('preflight', { plan: planOf({ guardrails: [boundOn(cpu)] }) });
    await assert.rejects(attempts.all(), failureOf('PreflightFailed', /are 5m apart/));
    assert.match(attempts.messages[0] ?? '', /InternalFailure/);
  });
});
