/** A/B tests of weeks, in the simulation. */
import assert from 'node:assert/strict';
import { runLongRollout, type LongRollout } from './long-rollout.js';

const goals = [
  {
    metric: 'conversions',
    higherIsBetter: true,
    source: { namespace: 'Shop', name: 'Conversions', per: 'Visitors' },
  },
];

function twoWeeks(endpoint: string, onInconclusive: string, others: Partial<LongRollout>): LongRollout {
  const strategy = { abTest: { split: '50%', for: '14d', atMost: '21d' } };
  const guardrails = [{ metric: 'errorRate', below: '2%', window: '6h' }];
  const fields = { strategy, goals, guardrails, onInconclusive, serve: { metricsEvery: '300s' } };
  return { endpoint, fields, ...others };
}

describe('A/B test of two weeks', function () {
  // Weeks of polls are minutes of computing on a busy machine.
  this.timeout(900_000);

  it('A/B test: candidate converts more -> promoted', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.055 };
    const { result, days, timeline } = await runLongRollout(twoWeeks('winner', 'hold', { conversionRates }));
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(result.serving, 'winner-2');
    assert.ok(days >= 14 && days < 17, `${days} days`);
    const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
    const goal = verdicts.find(({ guardrail }) => guardrail === 'goal:conversions');
    assert.equal(goal?.result, 'pass', JSON.stringify(goal));
  });

  it('A/B test: candidate converts less -> rolled back', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.045 };
    const { result, served } = await runLongRollout(twoWeeks('loser', 'hold', { conversionRates }));
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /conversions/);
    assert.equal(served.config, 'loser-original');
  });

  it('A/B test: six hours without CloudWatch -> continues, and evaluates every missed window later', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.055 };
    const metricsOutage = { from: 5 * 24, to: 5 * 24 + 6 };
    // A window that is still unknown after the two weeks would cause a rollback.
    const record = await runLongRollout(twoWeeks('outage', 'rollBack', { conversionRates, metricsOutage }));
    const { result, days, timeline, messagesInOutage } = record;
    assert.equal(messagesInOutage.length, 6);
    for (const message of messagesInOutage)
      assert.match(message, /conversions: .*; newer data cannot be read/);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(days >= 14 && days < 15, `${days} days`);
    const reports = timeline.flatMap((entry) => (entry.kind === 'verdict' ? [entry.verdicts] : []));
    const decision = reports.findLastIndex((report) =>
      report.some(({ guardrail }) => guardrail === 'goal:conversions'),
    );
    const verdicts = reports[decision] ?? assert.fail('the goal was not judged');
    // The first window of the split is left out of the goal: conversions of the previous split come in it.
    for (const [id, hours, leftOut] of [
      ['goal:conversions', 1, 1],
      ['sampleRatio', 1, 0],
      ['errorRate', 6, 0],
    ] as const) {
      const { result, evidence } = verdicts.find(({ guardrail }) => guardrail === id) ?? assert.fail(id);
      assert.equal(result, 'pass', id);
      assert.ok(
        (evidence.windowsJudged + leftOut) * hours >= 14 * 24,
        `${id}: ${evidence.windowsJudged} windows`,
      );
      const { comparison, from, to } = evidence;
      if (comparison === undefined) continue;
      assert.equal(evidence.windowsJudged, (Date.parse(to ?? '') - Date.parse(from ?? '')) / 3_600_000);
      assert.deepEqual([comparison.excludedWindows, comparison.exclusions], [0, undefined]);
    }
    // The bake at 100 % is one window.
    const atAllTraffic = reports.slice(decision + 1).flat();
    assert.deepEqual(
      atAllTraffic.flatMap(({ guardrail, result, evidence }) =>
        result === 'pass' ? [[guardrail, evidence.windowsJudged]] : [],
      ),
      [['errorRate', 1]],
    );
  });

  it('A/B test: no difference and onInconclusive: rollBack -> inconclusive after atMost', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.05 };
    const { result, days } = await runLongRollout(twoWeeks('draw', 'rollBack', { conversionRates }));
    assert.equal(result.outcome, 'inconclusive', result.reason);
    assert.ok(days >= 21 && days < 25, `${days} days`);
  });
});
