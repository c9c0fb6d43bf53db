import assert from 'node:assert/strict';
import { comparisonsOf } from '../../../src/activities/monitoring/comparisons.js';
import type { GoalState } from '../../../src/analysis/verdicts/judge-goal.js';
import type { MetricSeries } from '../../../src/plan/compiled/guardrail.js';
import type { DriftSpan } from '../../../src/activities/drift/drift-history.js';
import type { ComparisonProgress, WatchRequest } from '../../../src/activities/interface/watch.js';
import { judgeComparison } from '../../../src/activities/monitoring/judge-comparison.js';
import type {
  SeriesReader,
  SeriesQuery,
  SeriesReading,
} from '../../../src/activities/metrics/metric-reader.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal, notWorseGuardrail } from './comparisons.js';

const minuteMs = 60_000;
const sinceMs = Date.parse('2026-11-02T12:00:30Z');
const startMs = sinceMs + minuteMs / 2;

function requestOf(changes: Partial<WatchRequest> = {}): WatchRequest {
  return {
    rolloutId: 'digits-1a2b3c4d',
    traffic: variantsTraffic('both'),
    weights: { baseline: 50, candidate: 50 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [notWorseGuardrail()],
    goals: [],
    since: new Date(sinceMs).toISOString(),
    bakeSeconds: 600,
    roundEnds: new Date(sinceMs + 3_600_000).toISOString(),
    mode: 'bake',
    continued: null,
    ...changes,
  };
}

/** Each arm has 100 requests a minute, one of them an event. Records each query. */
class Metrics implements SeriesReader {
  readonly queries: SeriesQuery[] = [];
  /** Readings by the series' name that replace the default. */
  readonly broken = new Map<string, SeriesReading>();

  nonZero = 1;
  percentile = 3.14;

  private answerOf({ name, stat }: MetricSeries): number {
    if (name === 'Invocations' || name === 'Visitors') return 100;
    if (stat === 'TC(0:)' || stat === 'SampleCount') return this.nonZero;
    return stat.startsWith('p') ? this.percentile : 1;
  }

  readonly readSeries = (query: SeriesQuery): Promise<SeriesReading> => {
    this.queries.push(query);
    const { series, fromMs, toMs } = query;
    const value = this.answerOf(series);
    const points = [];
    for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) points.push({ atMs, value });
    return Promise.resolve(this.broken.get(series.name) ?? { kind: 'complete', points });
  };
}

function judge(
  metrics: Metrics,
  request: WatchRequest,
  minutes: number,
  before: ComparisonProgress | null,
  drifts: DriftSpan[] = [],
) {
  const [comparison] = comparisonsOf(request);
  assert.ok(comparison);
  // A window's data is due two minutes after its end.
  const nowMs = startMs + (minutes + 2) * minuteMs;
  return judgeComparison(metrics, comparison, request, { before, nowMs, drifts });
}

const tallyOf = ({ sums }: ComparisonProgress) => (sums as { tally: { windows: number } }).tally;

describe('judgeComparison', () => {
  let metrics: Metrics;
  beforeEach(() => {
    metrics = new Metrics();
  });

  it('judgeComparison: no window due -> awaiting the first window, no query', async () => {
    const { windowsJudged, progress } = await judge(metrics, requestOf(), 0, null);
    assert.equal(windowsJudged, 0);
    assert.equal(progress.last.reason, 'awaitingFirstWindow');
    assert.equal(metrics.queries.length, 0);
  });

  it('judgeComparison: windows due -> reads the same periods of both arms', async () => {
    const { progress } = await judge(metrics, requestOf(), 3, null);
    assert.deepEqual(
      metrics.queries.map(({ series, fromMs, toMs, periodSeconds }) => [
        series.name,
        series.dimensions['VariantName'],
        (fromMs - startMs) / minuteMs,
        (toMs - startMs) / minuteMs,
        periodSeconds,
      ]),
      [
        ['Invocations', 'main', 0, 3, 60],
        ['Invocation5XXErrors', 'main', 0, 3, 60],
        ['Invocations', 'b-1a2b3c4d', 0, 3, 60],
        ['Invocation5XXErrors', 'b-1a2b3c4d', 0, 3, 60],
      ],
    );
    assert.deepEqual(progress.last.evidence.comparison?.arms.candidate, { requests: 300, events: 3 });
    assert.equal(progress.last.evidence.windowsPlanned, 10);
  });

  it('judgeComparison: long outage -> adds each window once and in order', async () => {
    const request = requestOf();
    let before: ComparisonProgress | null = null;
    for (const minutes of [1, 1, 2, 1300, 1300, 1300]) {
      before = (await judge(metrics, request, minutes, before)).progress;
    }
    assert.equal(before && tallyOf(before).windows, 1300);
    const spans = metrics.queries
      .filter(({ series }) => series.name === 'Invocations' && series.dimensions['VariantName'] === 'main')
      .map(({ fromMs, toMs }) => [(fromMs - startMs) / minuteMs, (toMs - startMs) / minuteMs]);
    assert.deepEqual(spans, [
      [0, 1],
      [1, 2],
      [2, 502],
      [502, 1002],
      [1002, 1300],
    ]);
  });

  it('judgeComparison: next stage -> keeps earlier windows, counts windows of the stage from 0', async () => {
    const first = await judge(metrics, requestOf(), 5, null);
    const since = new Date(startMs + 8 * minuteMs).toISOString();
    const second = await judge(metrics, requestOf({ since, stage: 2 }), 8, first.progress);
    assert.equal(second.windowsJudged, 0);
    const third = await judge(metrics, requestOf({ since, stage: 2 }), 12, second.progress);
    assert.equal(third.windowsJudged, 4);
    assert.equal(tallyOf(third.progress).windows, 9);
    assert.equal(third.progress.last.evidence.comparison?.stage, 2);
  });

  const at = (minutes: number) => new Date(startMs + minutes * minuteMs).toISOString();

  it('judgeComparison: time between two stages -> excluded once', async () => {
    const first = await judge(metrics, requestOf(), 5, null);
    const request = requestOf({ since: at(8), stage: 2 });
    const second = await judge(metrics, request, 12, first.progress);
    const third = await judge(metrics, request, 14, second.progress);
    for (const { progress } of [second, third]) {
      const { exclusions, excludedWindows } = progress.last.evidence.comparison ?? assert.fail();
      const span = { from: at(5), to: at(8), windows: 3, reason: 'weightsChanging' };
      assert.deepEqual(exclusions, { counts: { weightsChanging: 3 }, latest: [span] });
      assert.equal(excludedWindows, 0);
    }
  });

  it('judgeComparison: drift during some windows -> excludes and reports them', async () => {
    const drifts = [
      { from: at(2.5), to: at(4) },
      { from: at(98), to: null },
    ];
    const { progress } = await judge(metrics, requestOf(), 100, null, drifts);
    const { exclusions, arms } = progress.last.evidence.comparison ?? assert.fail();
    assert.deepEqual(exclusions?.counts, { drift: 4 });
    assert.deepEqual(
      exclusions?.latest.map(({ from, to, windows }) => [from, to, windows]),
      [
        [at(2), at(4), 2],
        [at(98), at(100), 2],
      ],
    );
    assert.equal(arms.baseline.requests, 9_600);
    assert.equal(progress.last.result, 'pass');
  });

  it('judgeComparison: drift during half of the bake -> does not pass', async () => {
    const { progress } = await judge(metrics, requestOf(), 10, null, [{ from: at(0), to: at(5) }]);
    assert.equal(progress.last.reason, 'partialData');
  });

  it('judgeComparison: other window grid -> counts no data twice', async () => {
    const long = requestOf({ guardrails: [notWorseGuardrail({ windowSeconds: 300 })] });
    const since = new Date(sinceMs + 2 * minuteMs).toISOString();
    const first = await judge(metrics, { ...long, since }, 7, null);
    assert.equal(first.windowsJudged, 1);
    const second = await judge(metrics, long, 15, first.progress);
    assert.deepEqual(
      metrics.queries.slice(4).map(({ fromMs }) => (fromMs - startMs) / minuteMs),
      [10, 10, 10, 10],
    );
    assert.equal(second.windowsJudged, 3);
  });

  for (const [reading, reason, message] of [
    [{ kind: 'partial' }, 'partialData', /newer data is partial$/],
    [{ kind: 'failed', reason: 'Forbidden' }, 'readError', /newer data cannot be read \(Forbidden\)$/],
  ] as const) {
    it(`judgeComparison: newer data is ${reading.kind} -> adds nothing, does not pass`, async () => {
      const first = await judge(metrics, requestOf(), 5, null);
      assert.equal(first.progress.last.result, 'pass');
      metrics.broken.set('Invocation5XXErrors', reading);
      const second = await judge(metrics, requestOf(), 7, first.progress);
      assert.equal(second.progress.judgedTo, first.progress.judgedTo);
      assert.deepEqual(second.progress.sums, first.progress.sums);
      assert.equal(second.progress.last.reason, reason);
      assert.match(second.progress.last.message, message);
      metrics.broken.clear();
      const third = await judge(metrics, requestOf(), 7, second.progress);
      assert.equal(tallyOf(third.progress).windows, 7);
      assert.equal(third.progress.last.result, 'pass');
    });
  }

  it('judgeComparison: state passed on as JSON -> same result', async () => {
    const first = await judge(metrics, requestOf(), 5, null);
    const passedOn = JSON.parse(JSON.stringify(first.progress)) as ComparisonProgress;
    const [a, b] = await Promise.all([
      judge(metrics, requestOf(), 9, first.progress),
      judge(metrics, requestOf(), 9, passedOn),
    ]);
    assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
  });

  it('judgeComparison: goal on a mean -> reads trials, sums and sums of squares', async () => {
    const series = { ...conversionGoal().total, name: 'ValueSquared' };
    const goal = conversionGoal({ kind: 'mean', squares: series, cap: { kind: 'value', value: 9 } });
    const request = requestOf({ guardrails: [], goals: [goal] });
    const { progress } = await judge(metrics, request, 5, null);
    assert.deepEqual(
      [...new Set(metrics.queries.map(({ series: { name } }) => name))],
      ['Visitors', 'Conversions', 'ValueSquared'],
    );
    assert.equal(progress.last.evidence.comparison?.arms.baseline.requests, 500);
  });

  it('judgeComparison: cap is a percentile -> found once in the data of both models, then kept', async () => {
    const squares = { ...conversionGoal().total, name: 'ValueSquared' };
    const request = requestOf({
      guardrails: [],
      goals: [conversionGoal({ kind: 'mean', squares })],
      bakeSeconds: 86_400,
    });
    const few = await judge(metrics, request, 5, null);
    assert.deepEqual([few.windowsJudged, few.progress.last.reason], [0, 'awaitingCap']);
    const before = metrics.queries.length;
    const again = await judge(metrics, request, 5, few.progress);
    assert.equal(metrics.queries.length, before);
    metrics.nonZero = 6_000;
    const found = await judge(metrics, request, 6, again.progress);
    assert.equal(found.windowsJudged, 6);
    assert.equal((found.progress.sums as GoalState).cap, 3.2);
    metrics.percentile = 99;
    const later = await judge(metrics, request, 8, found.progress);
    assert.equal((later.progress.sums as GoalState).cap, 3.2);
  });

  it('comparisonsOf: candidate alone -> no comparisons', () => {
    const { arms } = variantsTraffic('both');
    const traffic = { topology: 'variants' as const, arms: { ...arms, baseline: null } };
    assert.deepEqual(comparisonsOf(requestOf({ traffic })), []);
  });
});
