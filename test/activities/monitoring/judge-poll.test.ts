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

/** 100 requests a minute of each model, two of them errors. */
const metrics: MetricReader = {
  readSeries: ({ series, fromMs, toMs }) => {
    const value = series.name === 'Invocations' ? 100 : 2;
    const points = [];
    for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) points.push({ atMs, value });
    return Promise.resolve({ kind: 'complete', points });
  },
  readExpression: () => Promise.resolve({ kind: 'failed', reason: 'there is none' }),
};

/** Looks at these minutes, each of which may find drift. */
async function lookAt(...looks: [minutes: number, drift: string | null][]) {
  let state: WatchState = { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null };
  for (const [minutes, drift] of looks) {
    const seen = { alarms: [], drift, endpointSeen: true };
    const look = await judgePoll(metrics, request, state, seen, startMs + minutes * minuteMs);
    // As it goes from one try to the next.
    state = { ...state, ...(JSON.parse(JSON.stringify(look.progress)) as typeof look.progress) };
  }
  const [progress] = Object.values(state.comparisons);
  return progress?.last.evidence.comparison ?? assert.fail('no comparison');
}

describe('looks before, during and after drift', () => {
  it('compare what was between clean looks, and leave out the rest', async () => {
    const clean = await lookAt([10, null], [40, null]);
    assert.deepEqual([clean.arms.baseline.requests, clean.exclusions], [3_800, undefined]);
    const drifted = await lookAt([10, null], [20, 'moved'], [30, null], [40, null]);
    assert.equal(drifted.arms.baseline.requests, 1_800);
    const span = { from: '2026-11-02T12:10:00.000Z', to: '2026-11-02T12:30:00.000Z' };
    assert.deepEqual(drifted.exclusions?.latest, [{ ...span, reason: 'drift', windows: 20 }]);
  });

  it('go on leaving out while it lasts', async () => {
    const { arms, excludedWindows } = await lookAt([10, null], [20, 'moved'], [300, 'moved']);
    assert.deepEqual([arms.baseline.requests, excludedWindows], [1_000, 288]);
  });
});
