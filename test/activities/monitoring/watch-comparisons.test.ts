import assert from 'node:assert/strict';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import type { WatchReport, WatchRequest } from '../../../src/activities/interface/watch.js';
import { candidateVariant, endpointsTraffic, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal, notWorseGuardrail } from './comparisons.js';
import { splitAt } from '../traffic/splits.js';
import { ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const errorRate = 0.01;

function requestAt(testEnv: ActivityTestEnvironment, changes: Partial<WatchRequest> = {}): WatchRequest {
  return {
    rolloutId,
    traffic: variantsTraffic('both'),
    weights: { baseline: 50, candidate: 50 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [notWorseGuardrail()],
    goals: [],
    since: new Date(testEnv.nowMs).toISOString(),
    bakeSeconds: 600,
    roundEnds: new Date(testEnv.nowMs + 86_400_000).toISOString(),
    mode: 'bake',
    continued: null,
    ...changes,
  };
}

/** The verdict of the guardrail or goal. Experiments also have a sample ratio verdict. */
function verdictOf({ verdicts }: WatchReport) {
  const [verdict, ...others] = verdicts.filter(({ guardrail }) => guardrail !== 'sampleRatio');
  assert.deepEqual(others, []);
  assert.ok(verdict);
  return verdict;
}

describe('watchTraffic with comparisons', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open(
      { traffic: [{ endpoint: 'digits', requestsPerSecond: 100 }] },
      30,
    );
    await testEnv.putModel('digits-v1');
    await testEnv.putModel('digits-v2');
    await testEnv.emulator.setBehaviour({ model: 'digits-v1', errorRate, conversionRate: 0.05 });
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate, conversionRate: 0.05 });
  });
  afterEach(() => testEnv.close());

  async function putBoth(): Promise<void> {
    await testEnv.putConfig('both', [
      variantOf('main', 'digits-v1', 1, 50),
      variantOf(candidateVariant, 'digits-v2', 1, 50),
    ]);
    await testEnv.putEndpoint('both');
  }
  const improve = (conversionRate: number) =>
    testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate, conversionRate });

  it('watchTraffic: both models have the same error rate -> clear', async () => {
    await putBoth();
    const report = await testEnv.run('watchTraffic', requestAt(testEnv));
    assert.equal(report.kind, 'clear');
    assert.match(verdictOf(report).message, /^error rate: candidate \d.* %, baseline \d.* %, ratio \d/);
    assert.equal(verdictOf(report).evidence.windowsJudged, 10);
  });

  it('watchTraffic: candidate has a much higher error rate -> fail', async () => {
    await putBoth();
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.03 });
    const report = await testEnv.run('watchTraffic', requestAt(testEnv));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worseThanBaseline']);
  });

  it('watchTraffic: comparison of slow requests -> clear if equal, fail if the candidate is slower', async () => {
    await putBoth();
    const events = { ...notWorseGuardrail().events, name: 'ModelLatency', stat: 'TC(55000:)' };
    const guardrails = [notWorseGuardrail({ label: 'requests slower than 55 ms', events })];
    const equal = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails }));
    assert.equal(equal.kind, 'clear');
    assert.match(
      verdictOf(equal).message,
      /^requests slower than 55 ms: candidate 1\.\d+ %, baseline 1\.\d+ %, ratio /,
    );
    await testEnv.emulator.setBehaviour({ model: 'digits-v2', errorRate, latencyMs: { p50: 20, p99: 90 } });
    const report = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails }));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worseThanBaseline']);
  });

  it('watchTraffic: latency metric missing -> undecided', async () => {
    await putBoth();
    const events = { ...notWorseGuardrail().events, name: 'NoLatency', stat: 'TC(55000:)' };
    const report = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { guardrails: [notWorseGuardrail({ events })] }),
    );
    assert.equal(report.kind, 'undecided');
  });

  it('watchTraffic: partial data, then complete -> undecided, then adds each window', async () => {
    await putBoth();
    const watch = testEnv.start('watchTraffic', requestAt(testEnv));
    await testEnv.emulator.setMetricsOutage('partial');
    const held = await watch.all();
    assert.deepEqual([held.kind, verdictOf(held).reason], ['undecided', 'partialData']);
    await testEnv.emulator.setMetricsOutage(null);
    const later = requestAt(testEnv, {
      since: new Date(startMs + 60_000).toISOString(),
      continued: held.state,
    });
    const report = await testEnv.run('watchTraffic', later);
    assert.equal(report.kind, 'clear');
    assert.ok(verdictOf(report).evidence.windowsJudged >= 10);
    assert.equal(verdictOf(report).evidence.comparison?.excludedWindows, 0);
  });

  it('watchTraffic: candidate’s metrics missing -> undecided', async () => {
    await putBoth();
    await testEnv.emulator.withholdMetrics('digits', candidateVariant);
    const report = await testEnv.run('watchTraffic', requestAt(testEnv));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['undecided', 'noData']);
  });

  it('watchTraffic: second stage -> continues from the data of the first one', async () => {
    await putBoth();
    const first = await testEnv.run('watchTraffic', requestAt(testEnv, { bakeSeconds: 300 }));
    const { comparisons } = first.state;
    const continued = { guardrails: {}, alarms: [], comparisons, stats: [], observation: null };
    const second = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { bakeSeconds: 300, stage: 2, continued }),
    );
    assert.equal(second.kind, 'clear');
    assert.equal(verdictOf(second).evidence.windowsJudged, 10);
  });

  it('watchTraffic: final check of alarms only -> keeps the comparison data', async () => {
    await putBoth();
    const first = await testEnv.run('watchTraffic', requestAt(testEnv, { bakeSeconds: 300 }));
    const final = requestAt(testEnv, { guardrails: [], mode: 'final', continued: first.state });
    const report = await testEnv.run('watchTraffic', final);
    assert.deepEqual(report.state.comparisons, first.state.comparisons);
  });

  it('watchTraffic: mustBeProven -> undecided without the proof, final check passes', async () => {
    await putBoth();
    const guardrails = [notWorseGuardrail({ mustBeProven: true, marginPercent: 1 })];
    const held = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails, bakeSeconds: 300 }));
    assert.deepEqual([held.kind, verdictOf(held).reason], ['undecided', 'notProven']);
    assert.match(verdictOf(held).message, /not yet proven to be under the tolerated 1.01 \(proof \d/);
    const lenient = [notWorseGuardrail({ mustBeProven: true, marginPercent: 1, negligiblePercent: 20 })];
    const passed = await testEnv.run(
      'watchTraffic',
      requestAt(testEnv, { guardrails: lenient, bakeSeconds: 300 }),
    );
    assert.deepEqual([passed.kind, verdictOf(passed).reason], ['clear', 'notWorseThanBaseline']);
    const final = requestAt(testEnv, { guardrails, bakeSeconds: 300, mode: 'final', continued: held.state });
    assert.equal((await testEnv.run('watchTraffic', final)).kind, 'clear');
  });

  describe('goal on a value', () => {
    const revenue = (changes: Partial<Goal> = {}): Goal => {
      const { total, ...rest } = conversionGoal({ id: 'goal:revenue', label: 'revenue', kind: 'mean' });
      const [value, squares] = ['Revenue', 'RevenueSquared'].map((name) => ({ ...total, name }));
      return { ...rest, total: value!, squares: squares!, ...changes };
    };

    /** Ten minutes of these values of each variant, with one of a million in each minute. */
    async function publish(variant: string, amounts: [value: number, times: number][], power: number) {
      const all: [number, number][] = [...amounts, [1e6, 1]];
      const MetricData = Array.from({ length: 10 }, (_, minute) => ({
        MetricName: power === 1 ? 'Revenue' : 'RevenueSquared',
        Dimensions: [
          { Name: 'EndpointName', Value: 'digits' },
          { Name: 'VariantName', Value: variant },
        ],
        Timestamp: new Date(testEnv.nowMs + minute * 60_000),
        Values: all.map(([value]) => value ** power),
        Counts: all.map(([, times]) => times),
      }));
      await testEnv.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
    }

    async function publishBoth(): Promise<void> {
      for (const power of [1, 2]) {
        await publish(
          'main',
          [
            [10, 150],
            [20, 100],
          ],
          power,
        );
        await publish(
          candidateVariant,
          [
            [15, 150],
            [30, 100],
          ],
          power,
        );
      }
    }

    it('watchTraffic: a few huge values -> capped at the percentile of both models, and decided', async () => {
      await putBoth();
      await publishBoth();
      const report = await testEnv.run(
        'watchTraffic',
        requestAt(testEnv, { guardrails: [], goals: [revenue()] }),
      );
      assert.deepEqual([report.kind, verdictOf(report).reason], ['clear', 'better']);
      assert.match(verdictOf(report).message, /^revenue: .*, values above 30 count as 30$/);
    });

    it('watchTraffic: values above a cap that CloudWatch cannot count -> excluded, undecided', async () => {
      await putBoth();
      await publishBoth();
      await publish('main', [[-1, 1]], 1);
      const goals = [revenue({ cap: { kind: 'value', value: 30 } })];
      const report = await testEnv.run('watchTraffic', requestAt(testEnv, { guardrails: [], goals }));
      assert.deepEqual([report.kind, verdictOf(report).reason], ['undecided', 'noData']);
    });
  });

  it('watchTraffic: shadow -> compared with the production variant', async () => {
    const ShadowProductionVariants = [variantOf(candidateVariant, 'digits-v2', 1, 100)];
    await testEnv.putConfig('both', [variantOf('main', 'digits-v1', 1, 100)], { ShadowProductionVariants });
    await testEnv.putEndpoint('both');
    const traffic = variantsTraffic('both', true);
    const weights = { baseline: 100, candidate: 0 };
    const report = await testEnv.run('watchTraffic', requestAt(testEnv, { traffic, weights }));
    assert.equal(report.kind, 'clear');
    const { arms } = verdictOf(report).evidence.comparison ?? assert.fail('no evidence');
    assert.ok(arms.candidate.requests > 0.9 * arms.baseline.requests);
    assert.deepEqual(
      report.state.stats.map(({ role, variant }) => [role, variant]),
      [
        ['baseline', 'main'],
        ['candidate', candidateVariant],
      ],
    );
  });

  it('watchTraffic: two endpoints -> compared, and another split is drift', async () => {
    await testEnv.putConfig('digits-config', [variantOf('main', 'digits-v1')]);
    await testEnv.putEndpoint('digits-config');
    const Tags = [{ Key: 'penstock:rollout', Value: rolloutId }];
    await testEnv.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2')], { Tags });
    await testEnv.putEndpoint(`${rolloutId}-b`, rolloutId);
    await testEnv.emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond: 100 });
    testEnv.split = splitAt(50);
    const request = requestAt(testEnv, { traffic: endpointsTraffic });
    const report = await testEnv.run('watchTraffic', request);
    assert.equal(report.kind, 'clear');
    testEnv.split = splitAt(5);
    const drifted = await testEnv.run('watchTraffic', requestAt(testEnv, { traffic: endpointsTraffic }));
    assert.equal(drifted.kind, 'drift');
    assert.match(drifted.message, /endpoints digits and digits-1a2b3c4d: baseline has 95 % of the traffic/);
  });

  describe('experiments', () => {
    const experiment = (changes: Partial<WatchRequest> = {}) =>
      requestAt(testEnv, { guardrails: [], goals: [conversionGoal()], bakeSeconds: 1_800, ...changes });

    it('watchTraffic: goal decided for the candidate -> clear after the minimum time', async () => {
      await putBoth();
      await improve(0.08);
      const began = testEnv.nowMs;
      const report = await testEnv.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['clear', 'better']);
      assert.ok(testEnv.nowMs - began >= 1_800_000);
      const split = report.verdicts.find(({ guardrail }) => guardrail === 'sampleRatio');
      assert.equal(split?.reason, 'splitAsPlanned');
      assert.match(report.message, /^conversion: candidate \d.* %, baseline \d.* %, \+\d.* % \[\+\d/);
    });

    it('watchTraffic: goal decided against the candidate -> fail', async () => {
      await putBoth();
      await improve(0.02);
      const report = await testEnv.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worse']);
    });

    it('watchTraffic: goal undecided at the minimum time -> reports once, polls until it is decided', async () => {
      await putBoth();
      const report = await testEnv.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['undecided', 'undecided']);
      const since = new Date(startMs + 60_000).toISOString();
      const watch = testEnv.start('watchTraffic', experiment({ since, continued: report.state }));
      for (let attempt = 0; attempt < 5; attempt += 1) assert.ok('retried' in (await watch.once()));
      await improve(0.1);
      const decided = await watch.all(400);
      assert.deepEqual([decided.kind, verdictOf(decided).reason], ['clear', 'better']);
    });
  });
});
