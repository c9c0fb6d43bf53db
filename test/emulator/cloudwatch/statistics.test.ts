import assert from 'node:assert/strict';
import { Distribution } from '../../../src/emulator/cloudwatch/metrics/distribution.js';
import { distributionCodec } from '../../../src/emulator/cloudwatch/metrics/point-codec.js';
import { Retention } from '../../../src/emulator/cloudwatch/metrics/retention.js';
import { aggregate, parseStatistic } from '../../../src/emulator/cloudwatch/queries/statistics.js';
import { MetricStore } from '../../../src/emulator/cloudwatch/metrics/store.js';
import { Random } from '../../../src/emulator/account/random.js';

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

describe('statistic', () => {
  const exact: [stat: string, values: number[], expected: number | null][] = [
    ['Sum', [1, 2, 3], 6],
    ['Average', [1, 2, 3], 2],
    ['SampleCount', [1, 2, 3], 3],
    ['Minimum', [-1, 2, 3], -1],
    ['Maximum', [-1, 2, 3], 3],
    ['p50', [1, 2, 3, 4], 2],
    ['p99', [1, 2, 3, 4], 4],
    ['p0', [1, 2, 3, 4], 1],
    ['p100', [1, 2, 3, 4], 4],
    ['p33.3', [10, 20, 30], 10],
    ['p50', [-1, 2, 3], null],
    ['tm75', [1, 2, 3, 40], 2],
    ['TM(25%:75%)', [1, 2, 3, 40], 2.5],
    ['IQM', [1, 2, 3, 40], 2.5],
    ['TM(1:3)', [1, 2, 3, 40], 2.5],
    ['TC(:3)', [1, 2, 3, 40], 3],
    ['TC(3:)', [1, 2, 3, 40], 1],
    ['TC(40:)', [1, 2, 3, 40], 0],
    ['TS(1:)', [1, 2, 3, 40], 45],
    ['WM(:75%)', [1, 2, 3, 40], 2.25],
    ['PR(:3)', [1, 2, 3, 40], 75],
    ['PR(1:3)', [1, 2, 3, 40], 50],
  ];
  for (const [stat, values, expected] of exact) {
    it(`statistic: ${stat} of ${values.join(', ')} -> ${expected === null ? 'absent' : expected}`, () => {
      assert.equal(parseStatistic(stat).of(Distribution.of(values)), expected);
    });
  }

  it('statistic: unknown name -> refused', () => {
    for (const stat of ['sum', 'p101', 'p', 'TM()', 'tm101', 'PR(10%:90%)', 'Median']) {
      assert.throws(() => parseStatistic(stat), { code: 'ValidationError' }, stat);
    }
  });

  it('percentile: many different values -> known to 1 %', () => {
    const values = Distribution.of(hundred.map((value) => value * 1.7));
    for (const percent of [1, 10, 50, 90, 99]) {
      const found = values.percentile(percent) ?? NaN;
      assert.ok(Math.abs(found / (percent * 1.7) - 1) < 0.0101, `p${percent} is ${found}`);
    }
  });

  it('percentile: statistic set -> unknown, except if all values are equal', () => {
    const set = Distribution.ofSummary({ count: 2, sum: 4, minimum: 1, maximum: 3 });
    assert.equal(set.percentile(50), null);
    assert.equal(Distribution.ofSummary({ count: 2, sum: 4, minimum: 2, maximum: 2 }).percentile(50), 2);
  });
});

describe('stored points', () => {
  it('stored points: packed and unpacked -> equal', () => {
    const random = new Random(3);
    const many = Distribution.of(Array.from({ length: 500 }, () => 1000 * random.uniform()));
    const points = [
      { start: 1_800_000_000_000, values: Distribution.of([0, 0, 1]) },
      { start: 1_800_000_060_000, values: many },
      { start: 1_800_000_120_000, values: Distribution.of([-5.5, 2 ** 60, 0.1]) },
      {
        start: 1_800_000_180_000,
        values: Distribution.ofSummary({ count: 2.5, sum: 4, minimum: 1, maximum: 3 }),
      },
    ];
    assert.deepEqual(distributionCodec.decode(distributionCodec.encode(points)), points);
  });

  it('distribution: split in two parts -> both add up to the whole', () => {
    const whole = Distribution.of(hundred);
    const [part, rest] = whole.split(0.6);
    assert.ok(part.count > 50 && part.count < 101 && rest.count === 100 - part.count, `${part.count}`);
    assert.ok(Math.abs(part.sum + rest.sum - whole.sum) < 1e-9);
    assert.equal(Math.max(part.maximum, rest.maximum), 100);
  });
});

describe('metric store', () => {
  const id = { namespace: 'Shop', name: 'Latency', dimensions: {} };
  const start = Date.UTC(2026, 0, 1);

  /** Puts one value per period from `start` on. Returns the time after the last one. */
  function putPoints(store: MetricStore, count: number, periodMs: number): number {
    for (let index = 0; index < count; index += 1) {
      const time = start + index * periodMs;
      store.put(id, 'None', { start: time, values: Distribution.of([index]) }, time);
    }
    return start + count * periodMs;
  }

  it('metric store: old points -> minutes for 15 days, 5 minutes for 63, hours for 455, no value lost', () => {
    const store = new MetricStore();
    const now = putPoints(store, 70 * 1440, minuteMs);
    const gaps = (daysAgo: number) => {
      const from = now - daysAgo * dayMs;
      const points = store.read(id, from, from + dayMs / 2, now).get('None') ?? [];
      return new Set(points.slice(1).map((point, index) => point.start - (points[index]?.start ?? 0)));
    };
    assert.deepEqual(gaps(10), new Set([minuteMs]));
    assert.deepEqual(gaps(30), new Set([5 * minuteMs]));
    assert.deepEqual(gaps(69), new Set([hourMs]));
    const all = store.read(id, 0, Infinity, now).get('None') ?? [];
    assert.equal(
      all.reduce((total, { values }) => total + values.count, 0),
      70 * 1440,
    );
  });

  it('metric store: late point of a packed period -> inserted there', () => {
    const store = new MetricStore();
    const now = putPoints(store, 500, minuteMs);
    const late = start + 100 * minuteMs;
    store.put(id, 'None', { start: late, values: Distribution.of([7]) }, now);
    const [point] = store.read(id, late, late + 1, now).get('None') ?? [];
    assert.equal(point?.values.count, 2);
    const all = store.read(id, 0, Infinity, now).get('None') ?? [];
    assert.equal(all.length, 500);
    assert.ok(all.every((each, index) => each.start === start + index * minuteMs));
  });

  it('metric store: late point among points hours apart -> keeps its own time', () => {
    const store = new MetricStore();
    const now = putPoints(store, 100, hourMs);
    const late = now - 70 * hourMs + 30 * minuteMs;
    store.put(id, 'None', { start: late, values: Distribution.of([7]) }, now);
    assert.equal(store.read(id, late, late + 1, now).get('None')?.length, 1);
  });

  it('metric store: partial publication -> a part of the newest period first, the rest later', () => {
    const store = new MetricStore();
    store.partial = { share: 0.5, restAfterMs: 30_000 };
    store.publish(id, 'None', { start, values: Distribution.of([1, 1, 1, 1]) }, start + minuteMs);
    const countAt = (time: number) => store.read(id, start, start + 1, time).get('None')?.[0]?.values.count;
    assert.equal(countAt(start + minuteMs - 1), undefined);
    assert.equal(countAt(start + minuteMs), 2);
    assert.equal(countAt(start + minuteMs + 30_000), 4);
  });

  it('metric store: memory budget reached -> coarser resolution', () => {
    const budgetBytes = 20_000;
    const store = new MetricStore(new Retention(budgetBytes));
    const now = putPoints(store, 10 * 1440, minuteMs);
    const points = store.read(id, 0, Infinity, now).get('None') ?? [];
    assert.ok(points.length < 2000, `${points.length} points`);
    assert.equal(
      points.reduce((total, { values }) => total + values.count, 0),
      10 * 1440,
    );
    const newest = aggregate(points.slice(-60), parseStatistic('Maximum'), now - hourMs, minuteMs);
    assert.equal(newest.length, 60, 'the last hour is kept by the minute');
  });
});
