import assert from 'node:assert/strict';
import type { VariantStats, WatchRequest, WatchState } from '../../../src/activities/interface/watch.js';
import { judgePoll } from '../../../src/activities/monitoring/judge-poll.js';
import type { MetricReader, SeriesQuery } from '../../../src/activities/metrics/metric-reader.js';
import { sampleRatioChecks } from '../../../src/activities/monitoring/sample-ratio.js';
import type { MetricSeries } from '../../../src/plan/compiled/guardrail.js';
import { holdReason } from '../../../src/workflows/monitoring/policy.js';
import { variantsTraffic } from '../endpoint/arms.js';
import { conversionGoal } from './comparisons.js';
import { assertRunbookEntry } from '../../support/runbook.js';

const minuteMs = 60_000;
const startMs = Date.parse('2026-11-02T12:00:00Z');

const request: WatchRequest = {
  rolloutId: 'digits-1a2b3c4d',
  traffic: variantsTraffic('both'),
  weights: { baseline: 50, candidate: 50 },
  stage: 1,
  metricPeriodSeconds: 60,
  guardrails: [],
  goals: [conversionGoal()],
  since: new Date(startMs).toISOString(),
  bakeSeconds: 600,
  roundEnds: new Date(startMs + 1_440 * minuteMs).toISOString(),
  mode: 'bake',
  continued: null,
};

/** The baseline has 1,000 visitors a minute. One in twenty visitors converts. */
function metrics(candidateVisitors: number): MetricReader {
  return {
    readSeries: ({ series, fromMs, toMs }: SeriesQuery) => {
      const visitors = series.dimensions['VariantName'] === 'main' ? 1_000 : candidateVisitors;
      const value = series.name === 'Visitors' ? visitors : visitors / 20;
      const points = [];
      for (let atMs = fromMs; atMs < toMs; atMs += minuteMs) points.push({ atMs, value });
      return Promise.resolve({ kind: 'complete', points });
    },
    readExpression: () => Promise.resolve({ kind: 'failed', reason: 'not supported' }),
  };
}

const stats: VariantStats[] = [
  { role: 'baseline', variant: 'main', requests: 10_000, errors: 10, p99Ms: null },
  { role: 'candidate', variant: 'b-1a2b3c4d', requests: 8_000, errors: 400, p99Ms: null },
];

function poll(visitors: number, minutes: number, changes: Partial<WatchRequest> = {}, progress = {}) {
  const before: WatchState = {
    ...{ guardrails: {}, alarms: [], comparisons: {}, observation: null, stats },
    ...progress,
  };
  const seen = { alarms: [], drift: null, unseen: null };
  const nowMs = startMs + minutes * minuteMs;
  return judgePoll(metrics(visitors), { ...request, ...changes }, before, seen, nowMs);
}

const ratioVerdictOf = ({ verdicts }: Awaited<ReturnType<typeof poll>>) =>
  verdicts.find(({ guardrail }) => guardrail === 'sampleRatio') ??
  assert.fail('no verdict on the sample ratio');

describe('sample ratio of an experiment', () => {
  it('sample ratio: visitors match the shares -> pass', async () => {
    assert.equal(ratioVerdictOf(await poll(1_000, 12)).result, 'pass');
  });

  it('sample ratio: candidate lacks visitors -> undecided, message has the arm, the time and error rates', async () => {
    const result = await poll(800, 12);
    const verdict = ratioVerdictOf(result);
    assert.deepEqual([verdict.result, verdict.reason], ['inconclusive', 'sampleRatioMismatch']);
    assertRunbookEntry(
      verdict.message,
      'split ... for a mismatch, seen at ...: the candidate lacks requests since ...',
    );
    assert.match(
      verdict.message,
      /: the candidate lacks requests since 2026-11-02T12:00Z, when the shares changed/,
    );
    assert.match(
      verdict.message,
      /, while 0.1 % of the baseline's and 5 % of the candidate's requests got 5xx$/,
    );
    assert.equal(result.conclusion?.kind, 'undecided');
    const report = { ...result.conclusion, verdicts: result.verdicts };
    assert.equal(holdReason(report, request.goals), verdict.message);
  });

  it('sample ratio: mismatch, then matching visitors -> stays a mismatch until the final check', async () => {
    const first = await poll(800, 12);
    const later = await poll(1_200, 24, {}, first.progress);
    assert.equal(ratioVerdictOf(later).reason, 'sampleRatioMismatch');
    const final = await poll(1_200, 24, { mode: 'final', goals: [] }, later.progress);
    assert.equal(final.conclusion?.kind, 'clear');
  });

  describe('sample ratio checks', () => {
    const trialsIn = (namespace: string): MetricSeries => ({ ...conversionGoal().trials, namespace });
    const isTested = (namespace: string, topology: 'variants' | 'endpoints', dispersion?: number) => {
      const given = dispersion === undefined ? {} : { dispersion };
      return (
        sampleRatioChecks([conversionGoal({ trials: trialsIn(namespace), ...given })], topology).length === 1
      );
    };

    it('sample ratio checks: trials of SageMaker or of a switch -> only SageMaker’s own draw is tested', () => {
      assert.ok(isTested('AWS/SageMaker', 'variants'));
      assert.ok(!isTested('AWS/SageMaker', 'endpoints'));
      assert.ok(!isTested('Penstock/Switch', 'variants'));
    });

    it('sample ratio checks: custom metrics or known dispersion -> tested', () => {
      assert.ok(isTested('Shop', 'endpoints'));
      assert.ok(isTested('Penstock/Switch', 'endpoints', 40));
    });

    it('sample ratio checks: goals with the same trials -> one check', () => {
      const other = conversionGoal({ id: 'goal:clicks' });
      const third = conversionGoal({ id: 'goal:orders', trials: trialsIn('Orders') });
      const ids = sampleRatioChecks([conversionGoal(), other, third], 'variants').map(({ id }) => id);
      assert.deepEqual(ids, ['sampleRatio', 'sampleRatio-2']);
    });
  });
});
