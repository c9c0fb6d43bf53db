import assert from 'node:assert/strict';
import { sizeOf } from '../../../src/emulator/cloudwatch/metrics/block.js';
import type { Distribution } from '../../../src/emulator/cloudwatch/metrics/distribution.js';
import { byPeriod } from '../../../src/emulator/cloudwatch/metrics/periods.js';
import type { MetricPoint } from '../../../src/emulator/cloudwatch/metrics/point.js';
import { Retention } from '../../../src/emulator/cloudwatch/metrics/retention.js';
import { MetricStore } from '../../../src/emulator/cloudwatch/metrics/store.js';
import { withinRetention } from '../../../src/emulator/cloudwatch/queries/statistics.js';
import { InvocationLogs } from '../../../src/emulator/traffic/invocation-log.js';
import { drawLatencies } from '../../../src/emulator/traffic/latency.js';
import type { Quantiles } from '../../../src/emulator/traffic/latency-shape.js';
import { probit } from '../../../src/emulator/traffic/probit.js';
import { InvocationTally } from '../../../src/emulator/traffic/tally.js';
import { tallyCodec } from '../../../src/emulator/traffic/tally-codec.js';
import { Random } from '../../../src/emulator/account/random.js';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
const quantiles: Quantiles = { p50: 40, p99: 400 };
/** Standard deviation of the logarithm. */
const deviation = Math.log(10) / probit(0.99);
const latencyAt = (share: number) => 40_000 * Math.exp(deviation * probit(share));

/** Mean and standard deviation of the logarithm of a figure, over this many periods. */
function logarithmsOf(requests: number, figure: (values: Distribution) => number | null, periods = 400) {
  const random = new Random(11);
  const logs = Array.from({ length: periods }, () =>
    Math.log(figure(drawLatencies(random, quantiles, requests)) ?? NaN),
  );
  const mean = logs.reduce((sum, each) => sum + each, 0) / periods;
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (periods - 1);
  return { mean, deviation: Math.sqrt(variance) };
}

describe('latencies of a period', () => {
  for (const requests of [300, 6_000, 600_000]) {
    for (const percent of [1, 50, 95, 99, 99.9]) {
      const share = percent / 100;
      if (requests * Math.min(share, 1 - share) < 3) continue;
      it(`latencies: p${percent} of ${requests} requests -> the mean and variance of a sample`, () => {
        const found = logarithmsOf(requests, (values) => values.percentile(percent));
        const density = Math.exp(-(probit(share) ** 2) / 2) / Math.sqrt(2 * Math.PI);
        const expected = (deviation * Math.sqrt((share * (1 - share)) / requests)) / density;
        // The percentile of a small sample is biased, by up to half the distance of two neighbours.
        const bias = Math.min(expected, deviation / density / requests);
        const tolerance = 0.002 + 4 * (expected / 20) + bias;
        const off = Math.abs(found.mean - Math.log(latencyAt(share)));
        assert.ok(off < tolerance, `off by ${off}, more than ${tolerance}`);
        const ratio = found.deviation / expected;
        assert.ok(ratio > 0.75 && ratio < 1.4, `varies ${ratio} times as much as a sample`);
      });
    }
    it(`latencies: ${requests} requests -> mean, minimum and maximum of a sample`, () => {
      const mean = logarithmsOf(requests, (values) => values.sum / values.count);
      const expected = Math.log(40_000) + deviation ** 2 / 2;
      const deviationOfMean = Math.sqrt((Math.exp(deviation ** 2) - 1) / requests);
      // The expected logarithm of a mean is less than the logarithm of the expected mean.
      const tolerance = 0.001 + 4 * (deviationOfMean / 20) + deviationOfMean ** 2;
      assert.ok(Math.abs(mean.mean - expected) < tolerance, `${mean.mean}, not ${expected}`);
      const belowMedian = (share: number) => Math.log(latencyAt(share));
      const median = 0.5 ** (1 / requests);
      for (const [figure, typical] of [
        [(values: Distribution) => values.maximum, belowMedian(median)],
        [(values: Distribution) => values.minimum, belowMedian(1 - median)],
      ] as const) {
        const { mean: found } = logarithmsOf(requests, figure);
        assert.ok(Math.abs(found - typical) < 0.1, `${found}, not near ${typical}`);
      }
    });
  }

  it('latencies: few requests -> drawn one by one', () => {
    const values = drawLatencies(new Random(1), quantiles, 3);
    assert.equal(values.count, 3);
    assert.equal(values.percentile(1), values.minimum);
    assert.equal(values.percentile(100), values.maximum);
    const middle = values.percentile(50) ?? NaN;
    assert.ok(Math.abs(values.minimum + middle + values.maximum - values.sum) < 1e-6);
  });

  it('latencies: several percentiles, or equal ones -> follow the curve', () => {
    const bent = drawLatencies(new Random(5), { p50: 10, p90: 20, p99: 1000 }, 500_000);
    for (const [percent, expected] of [
      [50, 10_000],
      [90, 20_000],
      [99, 1_000_000],
    ] as const) {
      const found = bent.percentile(percent) ?? NaN;
      assert.ok(Math.abs(found / expected - 1) < 0.05, `p${percent} is ${found}`);
    }
    const same = drawLatencies(new Random(5), { p50: 25, p99: 25 }, 500_000);
    assert.equal(same.count, 500_000);
    assert.ok(Math.abs(same.minimum - 25_000) < 1e-6 && Math.abs(same.maximum - 25_000) < 1e-6);
  });
});

describe('invocations of a variant', () => {
  const id = { endpoint: 'shop', variant: 'a' };
  const latency = {
    namespace: 'AWS/SageMaker',
    name: 'ModelLatency',
    dimensions: { EndpointName: 'shop', VariantName: 'a' },
  };
  const start = Date.UTC(2026, 0, 1);

  function tallyAt(at: number, requests: number): InvocationTally {
    const tally = new InvocationTally();
    tally.count('ok', requests);
    tally.countInstances(requests, 2);
    tally.addBatch({ at, requests, latencyMs: quantiles });
    return tally;
  }

  it('tally: packed and unpacked -> equal', () => {
    const points = Array.from({ length: 50 }, (_, index) => {
      const at = start + index * minuteMs;
      const tally = tallyAt(at, 300 + index);
      if (index % 3 === 0) tally.addBatch({ at: at + 20_000, requests: 5, latencyMs: { p10: 1.5, p90: 7 } });
      if (index % 7 === 0) tally.addBatch({ at: at + 30_000, requests: 1, latencyMs: null });
      if (index % 4 === 0) tally.countInstances(tally.invocations, 6);
      if (index > 30) tally.seconds = 10;
      if (index % 5 === 0) tally.addLatencies({ model: 1234.5, overhead: 6 });
      return { start: at, values: tally };
    });
    const [first, second] = [points.slice(0, 20), points.slice(20)].map((each) => tallyCodec.encode(each));
    assert.ok(first && second);
    assert.deepEqual(tallyCodec.decode(new Uint8Array([...first, ...second])), points);
  });

  it('latencies: read repeatedly -> equal per minute, different each minute, 5 minutes after 15 days', () => {
    const metrics = new MetricStore();
    const logs = new InvocationLogs(
      metrics,
      () => 7,
      () => null,
    );
    const read = (now: number) =>
      metrics.read(latency, start, start + 5 * minuteMs, now).get('Microseconds') ?? [];
    const totals = (points: { values: Distribution }[]) =>
      points.reduce((sum, { values }) => sum + values.sum, 0);
    let fresh: ReturnType<typeof read> = [];
    for (let minute = 0; minute < 17 * 1440; minute += 1) {
      const at = start + minute * minuteMs;
      logs.publish(id, { start: at, values: tallyAt(at, 300) }, at + minuteMs);
      if (minute === 10) fresh = read(at);
    }
    assert.equal(new Set(fresh.map(({ values }) => values.sum)).size, 5);
    const old = read(start + 17 * dayMs);
    assert.deepEqual([fresh.length, old.length], [5, 1]);
    assert.ok(Math.abs(totals(old) / totals(fresh) - 1) < 1e-9, 'the sum has changed');
    assert.equal(old[0]?.values.maximum, Math.max(...fresh.map(({ values }) => values.maximum)));
  });

  it('invocation log: windows over days -> the sums of their points, with late points and after roll-ups', () => {
    // With so little memory, hours become 5 minutes within days.
    const metrics = new MetricStore(new Retention(10_000));
    const logs = new InvocationLogs(
      metrics,
      () => 7,
      () => null,
    );
    const errors = { ...latency, name: 'Invocation5XXErrors' };
    const random = new Random(5);
    let now = start;
    for (let minute = 0; minute < 4 * 1440; minute += 1) {
      now = start + minute * minuteMs;
      // Every 50th minute comes hours late, when its neighbours are packed.
      const isLate = minute % 50 === 0;
      const tally = tallyAt(now, 300);
      tally.count('serverError', minute % 7);
      logs.publish(id, { start: now, values: tally }, now + (isLate ? 400 : 1) * minuteMs);
      if (minute % 397 !== 0) continue;
      for (const periodMs of [minuteMs, 5 * minuteMs, 1440 * minuteMs, 4 * dayMs]) {
        const from = start + Math.floor(random.uniform() * minute) * minuteMs;
        const to = now - Math.floor(random.uniform() * 90) * minuteMs;
        const found = metrics.readPeriods(errors, { from, to, periodMs }, true, now).get('None') ?? [];
        const points = withinRetention(
          metrics.read(errors, from, to, now).get('None') ?? [],
          ...([metrics.retention, periodMs, now] as const),
        );
        assert.deepEqual(summariesOf(found), summariesOf(byPeriod(points, { from, periodMs }, true)));
      }
    }
  });

  function summariesOf(points: MetricPoint[]) {
    return points.map(({ start: at, values: { count, sum, minimum, maximum } }) => ({
      ...{ at, count, sum, minimum, maximum },
    }));
  }

  /** Publishes minutes, and returns the stored bytes after each of these days. */
  function bytesAfter(days: number[], retention = new Retention()): number[] {
    const metrics = new MetricStore(retention);
    const logs = new InvocationLogs(
      metrics,
      () => 7,
      () => null,
    );
    const sizes: number[] = [];
    for (let minute = 0; minute <= 1440 * Math.max(...days); minute += 1) {
      const at = start + minute * minuteMs;
      logs.publish(id, { start: at, values: tallyAt(at, 60_000 + (minute % 5000)) }, at + minuteMs);
      if (days.includes(minute / 1440)) sizes.push(sizeOf(logs.toState(Infinity)[0]?.series.blocks ?? []));
    }
    return sizes;
  }

  it('invocation log: any traffic -> less than 20 bytes per minute', () => {
    const [bytes = NaN] = bytesAfter([2]);
    assert.ok(bytes > 2 * 1440 && bytes < 20 * 2 * 1440, `${bytes} bytes of two days`);
  });

  it('invocation log: long run -> grows slowly from day 15 on, then stays constant', () => {
    const [fifteen = NaN, sixty = NaN, before = NaN, after = NaN] = bytesAfter([15, 60, 480, 520]);
    assert.ok(sixty < 3 * fifteen, `${fifteen} bytes of 15 days, ${sixty} of 60`);
    assert.ok(after < 1.02 * before && after < 2 ** 20, `${before} bytes after 480 days, ${after} after 520`);
  }).timeout(30_000);

  it('invocation log: weeks -> within the memory budget', () => {
    const budgetBytes = 100_000;
    const sizes = bytesAfter([7, 14, 28, 42], new Retention(budgetBytes));
    assert.ok(
      sizes.every((bytes) => bytes < 1.3 * budgetBytes),
      String(sizes),
    );
  });
});
