import assert from 'node:assert/strict';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { readSeries } from '../../../src/activities/metrics/metric-reader.js';
import { createMetricReader } from '../../../src/activities/metrics/metric-loader.js';
import type { WatchRequest } from '../../../src/activities/interface/watch.js';
import type { BoundGuardrail, ExpressionMetric, MetricSeries } from '../../../src/plan/compiled/guardrail.js';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { candidateVariant, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const minuteMs = 60_000;

function series(name: string, stat = 'Sum'): MetricSeries {
  return { namespace: 'Shop', name, stat, dimensions: { Variant: 'b-1' } };
}

const operands = { bad: series('Bad'), good: series('Good') };

function metricOf(expression: string, changes: Partial<ExpressionMetric> = {}): ExpressionMetric {
  return { unit: 'percent', scale: 100, expression, operands, ...changes };
}

describe('metric expression over a window', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open({}, 30);
  });
  afterEach(() => testEnv.close());

  async function put(MetricName: string, Value: number, minute = 0): Promise<void> {
    const Timestamp = new Date(startMs + minute * minuteMs);
    const Dimensions = [{ Name: 'Variant', Value: 'b-1' }];
    const MetricData = [{ MetricName, Dimensions, Value, Timestamp, StorageResolution: 1 }];
    await testEnv.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  }

  function over(seconds: number, metric: ExpressionMetric, direction: 'below' | 'above' = 'below') {
    testEnv.nowMs = startMs + 600_000;
    const reader = createMetricReader(testEnv.cloudwatch);
    return readSeries(reader, { metric, direction }, startMs, startMs + seconds * 1000);
  }
  const overMinutes = (minutes: number, metric: ExpressionMetric) => over(minutes * 60, metric);

  it('metric expression: window of two minutes -> computed over the whole window', async () => {
    for (const [minute, bad, good] of [
      [0, 1, 9],
      [1, 0, 90],
    ] as const) {
      await put('Bad', bad, minute);
      await put('Good', good, minute);
    }
    assert.deepEqual(await overMinutes(2, metricOf('bad / (bad + good)')), { kind: 'value', value: 1 });
  });

  it('metric expression: operand without data -> absent, not 0', async () => {
    await put('Good', 9);
    assert.deepEqual(await overMinutes(1, metricOf('bad / (bad + good)')), { kind: 'absent' });
    assert.deepEqual(await overMinutes(1, metricOf('IF(good > 1, bad, 7)')), { kind: 'absent' });
  });

  it('metric expression: operand without data inside FILL -> the FILL value', async () => {
    await put('Good', 9);
    const filled = await overMinutes(1, metricOf('FILL(bad, 1) / (FILL(bad, 1) + good)'));
    assert.deepEqual(filled, { kind: 'value', value: 10 });
    const halfFilled = await overMinutes(1, metricOf('FILL(bad, 1) / (bad + good)'));
    assert.deepEqual(halfFilled, { kind: 'absent' });
  });

  it('metric expression: IF -> the chosen branch', async () => {
    await put('Bad', 4);
    await put('Good', 6);
    const metric = (limit: number) => metricOf(`IF(bad + good > ${limit}, bad / (bad + good), 0)`);
    assert.deepEqual(await overMinutes(1, metric(5)), { kind: 'value', value: 40 });
    assert.deepEqual(await overMinutes(1, metric(50)), { kind: 'value', value: 0 });
  });

  it('metric expression: division by zero -> absent', async () => {
    await put('Bad', 4);
    await put('Good', 0);
    assert.deepEqual(await overMinutes(1, metricOf('bad / good')), { kind: 'absent' });
  });

  it('metric expression: partial data inside FILL -> partial', async () => {
    await testEnv.emulator.setMetricsOutage('partial');
    assert.deepEqual(await overMinutes(1, metricOf('FILL(bad, 0) + FILL(good, 0)')), { kind: 'partial' });
  });

  it('metric expression: several periods -> worst period, absent if one has no data', async () => {
    const perPeriod = { operands: { bad: series('Bad', 'Average'), good: series('Good', 'Average') } };
    const metric = metricOf('bad / (bad + good)', perPeriod);
    for (const [second, bad] of [
      [0, 1],
      [30, 3],
    ] as const) {
      await put('Bad', bad, second / 60);
      await put('Good', 10 - bad, second / 60);
    }
    assert.deepEqual(await over(90, metric), { kind: 'absent' });
    await put('Bad', 2, 1);
    await put('Good', 8, 1);
    assert.deepEqual(await over(90, metric), { kind: 'value', value: 30 });
    assert.deepEqual(await over(90, metric, 'above'), { kind: 'value', value: 10 });
  });

  it('metric expression: invalid expression -> failed with the reason, other reads complete', async () => {
    await put('Bad', 1);
    await put('Good', 1);
    testEnv.nowMs = startMs + 600_000;
    const reader = createMetricReader(testEnv.cloudwatch);
    const read = (metric: BoundGuardrail['metric']) =>
      readSeries(reader, { metric, direction: 'below' }, startMs, startMs + minuteMs);
    const [invalid, array, valid] = await Promise.all([
      read(metricOf('bad + (good')),
      read(metricOf('[bad, good]')),
      read({ unit: 'none', scale: 1, numerator: operands.bad, denominator: null }),
    ]);
    assert.ok(invalid.kind === 'failed');
    assert.match(invalid.reason, /Error in expression/);
    assert.deepEqual(array, { kind: 'failed', reason: 'the expression returns more than one series' });
    assert.deepEqual(valid, { kind: 'value', value: 1 });
  });
});

describe('metric expression as a guardrail', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open(
      { traffic: [{ endpoint: 'digits', requestsPerSecond: 100 }] },
      30,
    );
    for (const model of ['digits-v1', 'digits-v2']) {
      await testEnv.putModel(model);
      await testEnv.emulator.setBehaviour({ model, errorRate: 0.01 });
    }
    await testEnv.putConfig('both', [
      variantOf('main', 'digits-v1', 1, 50),
      variantOf(candidateVariant, 'digits-v2', 1, 50),
    ]);
    await testEnv.putEndpoint('both');
  });
  afterEach(() => testEnv.close());

  const dimensions = { EndpointName: 'digits', VariantName: candidateVariant };
  const own = (name: string): MetricSeries => ({ namespace: 'AWS/SageMaker', name, stat: 'Sum', dimensions });

  function watch(expression: string, bound: number) {
    const metric: ExpressionMetric = {
      ...{ unit: 'percent', scale: 100, expression },
      operands: { errors: own('Invocation5XXErrors'), requests: own('Invocations') },
    };
    const request: WatchRequest = {
      ...{ rolloutId, traffic: variantsTraffic('both'), stage: 1, metricPeriodSeconds: 60, goals: [] },
      weights: { baseline: 50, candidate: 50 },
      guardrails: [errorRateGuardrail({ metric, bound, rule: { kind: 'windows', failures: 1, of: 1 } })],
      since: new Date(testEnv.nowMs).toISOString(),
      bakeSeconds: 300,
      roundEnds: new Date(testEnv.nowMs + 86_400_000).toISOString(),
      mode: 'bake',
      continued: null,
    };
    return testEnv.run('watchTraffic', request);
  }

  it('watchTraffic: guardrail with an expression -> clear, fail, or undecided with the read error', async () => {
    const clear = await watch('errors / requests', 5);
    assert.equal(clear.kind, 'clear');
    const failed = await watch('errors / requests', 0.1);
    assert.deepEqual([failed.kind, failed.verdicts[0]?.reason], ['fail', 'outOfBound']);
    const held = await watch('errors / requests +', 5);
    assert.deepEqual([held.kind, held.verdicts[0]?.reason], ['undecided', 'readError']);
    assert.match(held.verdicts[0]?.message ?? '', /cannot be read \(.*Error in expression/);
  });
});
