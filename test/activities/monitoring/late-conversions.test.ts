/** Conversions that come after the split has changed belong to users of the previous split. */
import assert from 'node:assert/strict';
import type { DriftSpan } from '../../../src/activities/drift/drift-history.js';
import type { ComparisonProgress, WatchRequest } from '../../../src/activities/interface/watch.js';
import type { SeriesReader } from '../../../src/activities/metrics/metric-reader.js';
import { comparisonsOf } from '../../../src/activities/monitoring/comparisons.js';
import { judgeComparison } from '../../../src/activities/monitoring/judge-comparison.js';
import type { GoalState } from '../../../src/analysis/verdicts/judge-goal.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal } from './comparisons.js';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-02T12:00:00Z');
const at = (minutes: number) => new Date(startMs + minutes * minuteMs).toISOString();

/** With these, every count is a whole number. */
const visitorsPerMinute = 120_000;
const rate = 0.05;
/** Conversions come evenly within this time after the visit. Minutes. */
const lag = 6;

/** The candidate's share at the beginning of each minute. */
type Course = (minute: number) => number;

/** Both models convert alike. Visits before the first change count too: users of the baseline convert later. */
function metricsOf(course: Course): SeriesReader {
  const visitors = (variant: string, minute: number) =>
    visitorsPerMinute * (variant === 'main' ? 1 - course(minute) : course(minute));
  const conversions = (variant: string, minute: number) => {
    const visits = Array.from({ length: lag }, (_, ago) => visitors(variant, minute - ago));
    return Math.round((visits.reduce((sum, each) => sum + each, 0) / lag) * rate);
  };
  return {
    readSeries({ series, fromMs, toMs }) {
      const count = series.name === 'Visitors' ? visitors : conversions;
      const points = [];
      for (let atMs = fromMs; atMs < toMs; atMs += minuteMs)
        points.push({ atMs, value: count(series.dimensions['VariantName']!, (atMs - startMs) / minuteMs) });
      return Promise.resolve({ kind: 'complete', points });
    },
  };
}

function requestOf(share: number, sinceMinute: number, delayMinutes: number): WatchRequest {
  return {
    rolloutId: 'digits-1a2b3c4d',
    traffic: variantsTraffic('both'),
    weights: { baseline: 100 - share, candidate: share },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [],
    goals: [conversionGoal({ conversionDelaySeconds: delayMinutes * 60 })],
    since: at(sinceMinute),
    bakeSeconds: 3_600,
    roundEnds: at(600),
    mode: 'bake',
    continued: null,
  };
}

interface Poll {
  request: WatchRequest;
  minute: number;
  drifts?: DriftSpan[];
}

async function judge(course: Course, polls: Poll[]): Promise<ComparisonProgress> {
  let before: ComparisonProgress | null = null;
  for (const { request, minute, drifts = [] } of polls) {
    const [comparison] = comparisonsOf(request);
    assert.ok(comparison);
    const nowMs = startMs + (minute + 2) * minuteMs;
    const { progress } = await judgeComparison(metricsOf(course), comparison, request, {
      before,
      nowMs,
      drifts,
    });
    before = progress;
  }
  return before ?? assert.fail();
}

/** The candidate's rate relative to the baseline's, by share. */
function effectsOf({ sums }: ComparisonProgress): [number | null, number][] {
  return (sums as GoalState).stages.map(({ share, baseline, candidate }) => [
    share,
    candidate.sum / candidate.n / (baseline.sum / baseline.n) - 1,
  ]);
}

/** 10 % from minute 0 on, 50 % from minute 40 on. */
const jump: Course = (minute) => (minute < 0 ? 0 : minute < 40 ? 0.1 : 0.5);

function judgeJump(delayMinutes: number): Promise<ComparisonProgress> {
  return judge(jump, [
    { request: requestOf(10, 0, delayMinutes), minute: 39 },
    { request: requestOf(50, 40, delayMinutes), minute: 80 },
  ]);
}

describe('conversions after a change of the split', () => {
  it('goal: 10 to 50 %, equal models, late conversions counted -> the candidate looks worse', async () => {
    const [tenth, half] = effectsOf(await judgeJump(0));
    assert.ok(tenth && half && tenth[1] < -0.05 && half[1] < -0.09, JSON.stringify([tenth, half]));
  });

  it('goal: 10 to 50 %, equal models, conversionDelay -> no difference at either share', async () => {
    const progress = await judgeJump(lag);
    const effects = effectsOf(progress);
    assert.deepEqual(
      effects.map(([share]) => share),
      [10, 50],
    );
    for (const [, effect] of effects) assert.ok(Math.abs(effect) < 1e-9, String(effect));
    assert.ok(Math.abs(progress.last.evidence.comparison?.effect ?? 1) < 1e-9);
  });

  it('goal: windows after a change -> excluded, and no reason to hold', async () => {
    const { last } = await judgeJump(lag);
    const { exclusions, excludedWindows } = last.evidence.comparison ?? assert.fail();
    const span = { from: at(39), to: at(46), windows: 7, reason: 'weightsChanging' };
    assert.deepEqual(exclusions, { counts: { weightsChanging: 7 }, latest: [span] });
    assert.equal(excludedWindows, 0);
    assert.equal(last.evidence.windowsJudged, 39 - lag + (80 - 46));
    assert.equal(last.reason, 'undecided');
  });

  it('goal: delay between two window ends -> leaves out whole windows, on the same grid', async () => {
    const request = requestOf(10, 0, 5.5);
    const progress = await judge(jump, [{ request, minute: 20 }]);
    assert.equal(progress.last.evidence.from, at(6));
    assert.equal(progress.last.evidence.windowsPlanned, 60 - 6);
  });

  it('goal: weights changed by someone else and back -> also leaves out the windows after that', async () => {
    const course: Course = (minute) => (minute >= 20 && minute < 24 ? 0.5 : 0.1);
    const request = requestOf(10, 0, lag);
    const drifts = [{ from: at(20), to: at(24) }];
    const progress = await judge(course, [{ request, minute: 60, drifts }]);
    const [effect] = effectsOf(progress);
    assert.ok(effect && Math.abs(effect[1]) < 1e-9, JSON.stringify(effect));
    const { exclusions, excludedWindows } = progress.last.evidence.comparison ?? assert.fail();
    assert.deepEqual(exclusions?.counts, { drift: 4, weightsChanging: lag });
    assert.equal(excludedWindows, 4);
  });

  it('sample ratio: windows after a change -> counted, because requests come at once', async () => {
    const request = requestOf(10, 0, lag);
    const sampleRatio = comparisonsOf(request).find(({ id }) => id === 'sampleRatio') ?? assert.fail();
    const now = { before: null, nowMs: startMs + 12 * minuteMs, drifts: [] };
    const { windowsJudged } = await judgeComparison(metricsOf(jump), sampleRatio, request, now);
    assert.equal(windowsJudged, 10);
  });
});
