/** A/B tests of weeks, in seconds: the server's clock and the emulator's are one, and skip. */
import assert from 'node:assert/strict';
import { endTimeSkipping } from '../support/time-skipping.js';
import { tell, type LongRollout } from './long-rollout.js';

const limits = { deploy: '4d', shift: '4d' };
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
  const fields = { strategy, goals, guardrails, onInconclusive, serve: { limits, metricsEvery: '300s' } };
  return { endpoint, fields, lookHours: 6, ...others };
}

describe('an A/B test of two weeks', function () {
  after(endTimeSkipping);
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('promotes a candidate whose users convert more', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.055 };
    const { result, days, timeline } = await tell(twoWeeks('winner', 'hold', { conversionRates }));
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(result.serving, 'winner-2');
    assert.ok(days >= 14 && days < 17, `${days} days`);
    const verdicts = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : []));
    const goal = verdicts.find(({ guardrail }) => guardrail === 'goal:conversions');
    assert.equal(goal?.result, 'pass', JSON.stringify(goal));
  });

  it('rolls back a candidate whose users convert less', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.045 };
    const { result, served } = await tell(twoWeeks('loser', 'hold', { conversionRates }));
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /conversions/);
    assert.equal(served.config, 'loser-original');
  });

  it('without a difference ends inconclusive, as its spec says', async () => {
    const conversionRates = { baseline: 0.05, candidate: 0.05 };
    const { result, days } = await tell(twoWeeks('draw', 'rollBack', { conversionRates }));
    assert.equal(result.outcome, 'inconclusive', result.reason);
    assert.ok(days >= 21 && days < 25, `${days} days`);
  });
});
