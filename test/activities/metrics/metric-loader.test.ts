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
/** CloudWatch takes neither. */
const refused: MetricSeries[] = [
  { ...requests, namespace: ':Shop' },
  { ...requests, dimensions },
];

describe('reading metrics for many', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open({ traffic: [{ endpoint: 'digits', requestsPerSecond: 10 }] });
    await stage.putModel('digits-v2');
    await stage.putConfig('only', [variantOf(candidateVariant, 'digits-v2')]);
    await stage.putEndpoint('only');
    stage.pass(300);
  });
  afterEach(() => stage.close());

  /** All at once, so that they travel in one call. */
  function readAll(all: MetricSeries[]): Promise<SeriesReading[]> {
    const { readSeries } = createMetricReader(stage.cloudwatch);
    const span = { fromMs: startMs + 60_000, toMs: startMs + 240_000, periodSeconds: 60 };
    return Promise.all(all.map((series) => readSeries({ series, ...span })));
  }

  it('fails only for the query that CloudWatch refuses', async () => {
    const [whole] = await readAll([requests]);
    assert.ok(whole?.kind === 'complete' && whole.points.length === 3);
    const all = [requests, ...refused, ...Array.from({ length: 6 }, () => requests)];
    const readings = await readAll(all);
    for (const [i, reading] of readings.entries())
      if (all[i] === requests) assert.deepEqual(reading, whole, `query ${i}`);
      else assert.ok(reading.kind === 'failed' && /^Invalid|^Validation/.test(reading.reason), `query ${i}`);
  });

  it('asks once where CloudWatch does not answer, or refuses the caller', async () => {
    for (const kind of ['accessDenied', 'throttle'] as const) {
      stage.emulator.faults.clear();
      stage.emulator.faults.add({ operation: 'GetMetricData', kind, count: 100 });
      const readings = await readAll([requests, requests, requests, requests]);
      assert.deepEqual(
        readings.map((reading) => reading.kind),
        ['failed', 'failed', 'failed', 'failed'],
      );
      const [armed] = stage.emulator.faults.list();
      // The SDK itself tries three times what is throttled.
      assert.equal(armed?.hits, kind === 'throttle' ? 3 : 1);
    }
  });
});
