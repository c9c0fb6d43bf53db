import assert from 'node:assert/strict';
import type { WatchReport, WatchRequest } from '../../../src/activities/interface/watch.js';
import { candidateVariant, endpointsTraffic, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal, notWorseGuardrail } from './comparisons.js';
import { splitAt } from '../traffic/splits.js';
import { ActivityTestEnvironment, startMs, variantOf } from '../activity-environment.js';

const errorRate = 0.01;

function requestAt(stage: ActivityTestEnvironment, changes: Partial<WatchRequest> = {}): WatchRequest {
  return {
    rolloutId,
    traffic: variantsTraffic('both'),
    weights: { baseline: 50, candidate: 50 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [notWorseGuardrail()],
    goals: [],
    since: new Date(stage.nowMs).toISOString(),
    bakeSeconds: 600,
    roundEnds: new Date(stage.nowMs + 86_400_000).toISOString(),
    mode: 'bake',
    continued: null,
    ...changes,
  };
}

/** Of the guardrail or the goal; an experiment has one on the split besides. */
function verdictOf({ verdicts }: WatchReport) {
  const [verdict, ...others] = verdicts.filter(({ guardrail }) => guardrail !== 'sampleRatio');
  assert.deepEqual(others, []);
  assert.ok(verdict);
  return verdict;
}

describe('comparing the candidate with the baseline while traffic is watched', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open(
      { traffic: [{ endpoint: 'digits', requestsPerSecond: 100 }] },
      30,
    );
    await stage.putModel('digits-v1');
    await stage.putModel('digits-v2');
    await stage.emulator.setBehaviour({ model: 'digits-v1', errorRate, conversionRate: 0.05 });
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate, conversionRate: 0.05 });
  });
  afterEach(() => stage.close());

  async function putBoth(): Promise<void> {
    await stage.putConfig('both', [
      variantOf('main', 'digits-v1', 1, 50),
      variantOf(candidateVariant, 'digits-v2', 1, 50),
    ]);
    await stage.putEndpoint('both');
  }
  const improve = (conversionRate: number) =>
    stage.emulator.setBehaviour({ model: 'digits-v2', errorRate, conversionRate });

  it('is clear where they are alike', async () => {
    await putBoth();
    const report = await stage.run('watchTraffic', requestAt(stage));
    assert.equal(report.kind, 'clear');
    assert.match(verdictOf(report).message, /^error rate \d.* % vs \d.* %, ratio \d/);
    assert.equal(verdictOf(report).evidence.windowsJudged, 10);
  });

  it('fails where the candidate is much worse', async () => {
    await putBoth();
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate: 0.03 });
    const report = await stage.run('watchTraffic', requestAt(stage));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worseThanBaseline']);
  });

  it('finds requests slower than with the baseline, and none where they are alike', async () => {
    await putBoth();
    const events = { ...notWorseGuardrail().events, name: 'ModelLatency', stat: 'TC(55000:)' };
    const guardrails = [notWorseGuardrail({ label: 'requests slower than 55 ms', events })];
    const alike = await stage.run('watchTraffic', requestAt(stage, { guardrails }));
    assert.equal(alike.kind, 'clear');
    assert.match(verdictOf(alike).message, /^requests slower than 55 ms 1\.\d+ % vs 1\.\d+ %, ratio /);
    await stage.emulator.setBehaviour({ model: 'digits-v2', errorRate, latencyMs: { p50: 20, p99: 90 } });
    const report = await stage.run('watchTraffic', requestAt(stage, { guardrails }));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worseThanBaseline']);
  });

  it('does not take a missing latency for a fast one', async () => {
    await putBoth();
    const events = { ...notWorseGuardrail().events, name: 'NoLatency', stat: 'TC(55000:)' };
    const report = await stage.run(
      'watchTraffic',
      requestAt(stage, { guardrails: [notWorseGuardrail({ events })] }),
    );
    assert.equal(report.kind, 'undecided');
  });

  it('holds while the data is partial, and takes in every window when it is back', async () => {
    await putBoth();
    const watch = stage.start('watchTraffic', requestAt(stage));
    await stage.emulator.setMetricsOutage('partial');
    const held = await watch.all();
    assert.deepEqual([held.kind, verdictOf(held).reason], ['undecided', 'partialData']);
    await stage.emulator.setMetricsOutage(null);
    const later = requestAt(stage, {
      since: new Date(startMs + 60_000).toISOString(),
      continued: held.state,
    });
    const report = await stage.run('watchTraffic', later);
    assert.equal(report.kind, 'clear');
    assert.ok(verdictOf(report).evidence.windowsJudged >= 10);
    assert.equal(verdictOf(report).evidence.comparison?.excludedWindows, 0);
  });

  it('does not pass where the candidate’s metrics are missing', async () => {
    await putBoth();
    await stage.emulator.withholdMetrics('digits', candidateVariant);
    const report = await stage.run('watchTraffic', requestAt(stage));
    assert.deepEqual([report.kind, verdictOf(report).reason], ['undecided', 'noData']);
  });

  it('goes on from what former stages have seen', async () => {
    await putBoth();
    const first = await stage.run('watchTraffic', requestAt(stage, { bakeSeconds: 300 }));
    const { comparisons } = first.state;
    const continued = { guardrails: {}, alarms: [], comparisons, stats: [], observation: null };
    const second = await stage.run(
      'watchTraffic',
      requestAt(stage, { bakeSeconds: 300, stage: 2, continued }),
    );
    assert.equal(second.kind, 'clear');
    assert.equal(verdictOf(second).evidence.windowsJudged, 10);
  });

  it('keeps what comparisons have seen through looks at the alarms alone', async () => {
    await putBoth();
    const first = await stage.run('watchTraffic', requestAt(stage, { bakeSeconds: 300 }));
    const final = requestAt(stage, { guardrails: [], mode: 'final', continued: first.state });
    const look = await stage.run('watchTraffic', final);
    assert.deepEqual(look.state.comparisons, first.state.comparisons);
  });

  it('ends a bake only with the proof that the spec asks for, and lets a person go on without', async () => {
    await putBoth();
    const guardrails = [notWorseGuardrail({ mustBeProven: true, marginPercent: 1 })];
    const held = await stage.run('watchTraffic', requestAt(stage, { guardrails, bakeSeconds: 300 }));
    assert.deepEqual([held.kind, verdictOf(held).reason], ['undecided', 'notProven']);
    assert.match(verdictOf(held).message, /and it has to be under 1.01$/);
    const lenient = [notWorseGuardrail({ mustBeProven: true, marginPercent: 1, negligiblePercent: 20 })];
    const passed = await stage.run(
      'watchTraffic',
      requestAt(stage, { guardrails: lenient, bakeSeconds: 300 }),
    );
    assert.deepEqual([passed.kind, verdictOf(passed).reason], ['clear', 'notWorseThanBaseline']);
    const final = requestAt(stage, { guardrails, bakeSeconds: 300, mode: 'final', continued: held.state });
    assert.equal((await stage.run('watchTraffic', final)).kind, 'clear');
  });

  it('compares the shadow with the variant that answers', async () => {
    const ShadowProductionVariants = [variantOf(candidateVariant, 'digits-v2', 1, 100)];
    await stage.putConfig('both', [variantOf('main', 'digits-v1', 1, 100)], { ShadowProductionVariants });
    await stage.putEndpoint('both');
    const traffic = variantsTraffic('both', true);
    const weights = { baseline: 100, candidate: 0 };
    const report = await stage.run('watchTraffic', requestAt(stage, { traffic, weights }));
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

  it('compares two endpoints, and watches the split between them', async () => {
    await stage.putConfig('digits-config', [variantOf('main', 'digits-v1')]);
    await stage.putEndpoint('digits-config');
    const Tags = [{ Key: 'penstock:rollout', Value: rolloutId }];
    await stage.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2')], { Tags });
    await stage.putEndpoint(`${rolloutId}-b`, rolloutId);
    await stage.emulator.setTraffic({ endpoint: rolloutId, requestsPerSecond: 100 });
    stage.split = splitAt(50);
    const request = requestAt(stage, { traffic: endpointsTraffic });
    const report = await stage.run('watchTraffic', request);
    assert.equal(report.kind, 'clear');
    stage.split = splitAt(5);
    const drifted = await stage.run('watchTraffic', requestAt(stage, { traffic: endpointsTraffic }));
    assert.equal(drifted.kind, 'drift');
    assert.match(drifted.message, /endpoints digits and digits-1a2b3c4d: baseline has 95 % of the traffic/);
  });

  describe('in an experiment', () => {
    const experiment = (changes: Partial<WatchRequest> = {}) =>
      requestAt(stage, { guardrails: [], goals: [conversionGoal()], bakeSeconds: 1_800, ...changes });

    it('is clear when the goal is decided for the candidate, and not before its shortest time', async () => {
      await putBoth();
      await improve(0.08);
      const began = stage.nowMs;
      const report = await stage.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['clear', 'better']);
      assert.ok(stage.nowMs - began >= 1_800_000);
      const split = report.verdicts.find(({ guardrail }) => guardrail === 'sampleRatio');
      assert.equal(split?.reason, 'splitAsPlanned');
      assert.match(report.message, /^conversion \d.* % vs \d.* %, \+\d.* % \[\+\d/);
    });

    it('fails when the goal is decided against it', async () => {
      await putBoth();
      await improve(0.02);
      const report = await stage.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['fail', 'worse']);
    });

    it('is undecided at its shortest time, says so once, and looks on until the goal decides', async () => {
      await putBoth();
      const report = await stage.run('watchTraffic', experiment());
      assert.deepEqual([report.kind, verdictOf(report).reason], ['undecided', 'undecided']);
      const since = new Date(startMs + 60_000).toISOString();
      const watch = stage.start('watchTraffic', experiment({ since, continued: report.state }));
      for (let look = 0; look < 5; look += 1) assert.ok('retried' in (await watch.once()));
      await improve(0.1);
      const decided = await watch.all(400);
      assert.deepEqual([decided.kind, verdictOf(decided).reason], ['clear', 'better']);
    });
  });
});
