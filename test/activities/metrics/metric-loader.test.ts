import assert from 'node:assert/strict';
import type { SeriesReading } from '../../../src/activities/metrics/metric-reader.js';
import { createMetricReader } from '../../../src/activities/metrics/metric-loader.js';
import type { MetricSeries } from '../../../src/plan/compiled/guardrail.js';
import { candidateVariant } from '../endpoint/arms.js';
import { ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const requests: MetricSeries = {
  namespace: 'AWS/SageMaker',
  name: 'Invocations',
  stat: 'Sum',
  dimensions: { EndpointName: 'digits', VariantName: candidateVariant },
};
const dimensions = Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`D${i}`, 'x']));
/** CloudWatch refuses both. */
const refused: MetricSeries[] = [
  { ...requests, namespace: ':Shop' },
  { ...requests, dimensions },
];

describe('metric loader', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open({
      traffic: [{ endpoint: 'digits', requestsPerSecond: 10 }],
    });
    await testEnv.putModel('digits-v2');
    await testEnv.putConfig('only', [variantOf(candidateVariant, 'digits-v2')]);
    await testEnv.putEndpoint('only');
    testEnv.skipTime(300);
  });
  afterEach(() => testEnv.close());

  /** Starts all reads together, so that they share one call. */
  function readAll(all: MetricSeries[]): Promise<SeriesReading[]> {
    const { readSeries } = createMetricReader(testEnv.cloudwatch);
    const span = { fromMs: startMs + 60_000, toMs: startMs + 240_000, periodSeconds: 60 };
    return Promise.all(all.map((series) => readSeries({ series, ...span })));
  }

  it('metric loader: invalid queries in a shared call -> only those fail', async () => {
    const [whole] = await readAll([requests]);
    assert.ok(whole?.kind === 'complete' && whole.points.length === 3);
    const all = [requests, ...refused, ...Array.from({ length: 6 }, () => requests)];
    const readings = await readAll(all);
    for (const [i, reading] of readings.entries())
      if (all[i] === requests) assert.deepEqual(reading, whole, `query ${i}`);
      else assert.ok(reading.kind === 'failed' && /^Invalid|^Validation/.test(reading.reason), `query ${i}`);
  });

  it('metric loader: access denied or throttled -> one call, all queries fail', async () => {
    for (const kind of ['accessDenied', 'throttle'] as const) {
      testEnv.emulator.faults.clear();
      testEnv.emulator.faults.add({ operation: 'GetMetricData', kind, count: 100 });
      const readings = await readAll([requests, requests, requests, requests]);
      assert.deepEqual(
        readings.map((reading) => reading.kind),
        ['failed', 'failed', 'failed', 'failed'],
      );
      const [armed] = testEnv.emulator.faults.list();
      // The SDK itself tries a throttled call three times.
      assert.equal(armed?.hits, kind === 'throttle' ? 3 : 1);
    }
  });
});
