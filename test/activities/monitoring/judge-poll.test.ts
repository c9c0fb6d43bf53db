import assert from 'node:assert/strict';
import type { WatchRequest, WatchState } from '../../../src/activities/interface/watch.js';
import { judgePoll } from '../../../src/activities/monitoring/judge-poll.js';
import type { MetricReader } from '../../../src/activities/metrics/metric-reader.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { notWorseGuardrail } from './comparisons.js';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-02T12:00:00Z');

const request: WatchRequest = {
  rolloutId: 'digits-1a2b3c4d',
  traffic: variantsTraffic('both'),
  weights: { baseline: 50, candidate: 50 },
  stage: 1,
  metricPeriodSeconds: 60,
  guardrails: [notWorseGuardrail()],
  goals: [],
  since: new Date(startMs).toISOString(),
  bakeSeconds: 86_400,
  roundEnds: new Date(startMs + 1_440 * minuteMs).toISOString(),
  mode: 'bake',
  continued: null,
};

/** Each model has 100 requests a minute, two of them errors. */
const metrics: MetricReader = {
  readSeries: ({ series, fromMs, toMs }) => {
    const value = series.name === 'Invocations' ? 100 : 2;
    const points = [];
    for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) points.push({ atMs, value });
    return Promise.resolve({ kind: 'complete', points });
  },
  readExpression: () => Promise.resolve({ kind: 'failed', reason: 'not supported' }),
};

/** Polls at these minutes, each with or without drift. */
async function pollAt(...polls: [minutes: number, drift: string | null][]) {
  let state: WatchState = { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null };
  for (const [minutes, drift] of polls) {
    const seen = { alarms: [], drift, unseen: null };
    const poll = await judgePoll(metrics, request, state, seen, startMs + minutes * minuteMs);
    // Heartbeat details are JSON.
    state = { ...state, ...(JSON.parse(JSON.stringify(poll.progress)) as typeof poll.progress) };
  }
  const [progress] = Object.values(state.comparisons);
  return progress?.last.evidence.comparison ?? assert.fail('no comparison');
}

describe('judgePoll with drift', () => {
  it('judgePoll: drift between two clean polls -> excludes the windows between them', async () => {
    const clean = await pollAt([10, null], [40, null]);
    assert.deepEqual([clean.arms.baseline.requests, clean.exclusions], [3_800, undefined]);
    const drifted = await pollAt([10, null], [20, 'moved'], [30, null], [40, null]);
    assert.equal(drifted.arms.baseline.requests, 1_800);
    const span = { from: '2026-11-02T12:10:00.000Z', to: '2026-11-02T12:30:00.000Z' };
    assert.deepEqual(drifted.exclusions?.latest, [{ ...span, reason: 'drift', windows: 20 }]);
  });

  it('judgePoll: drift continues -> excludes all later windows', async () => {
    const { arms, excludedWindows } = await pollAt([10, null], [20, 'moved'], [300, 'moved']);
    assert.deepEqual([arms.baseline.requests, excludedWindows], [1_000, 288]);
  });
});
