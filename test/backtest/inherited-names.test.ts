/** A label such as `constructor`, which every JavaScript object inherits as a name, is a label like any other. */
import assert from 'node:assert/strict';
import { differencesOf } from '../../src/backtest/outcome/differences.js';
import { outcomeFromTimeline } from '../../src/backtest/outcome/recorded-outcome.js';
import { backtest, canary, fine, rowsOf } from './backtests.js';

const rule = {
  metric: 'constructor',
  below: 50,
  window: '5m',
  source: { namespace: 'queue', name: 'depth', stat: 'Maximum', dimensions: {} },
};

const column = 'queue/depth.Maximum';
const spec = { ...canary, guardrails: [rule] };

describe('backtest of a label that objects inherit', () => {
  it('backtest: label constructor, values in the bound -> promoted, first pass of the label', async () => {
    const rows = rowsOf(20, (i, role) => ({ ...fine(i, role), [column]: 7 }));
    const { outcome, firstDecisions } = await backtest(rows, spec);
    assert.equal(outcome.outcome, 'promoted', outcome.message);
    assert.deepEqual(Object.keys(firstDecisions), ['constructor']);
    assert.match(firstDecisions['constructor']?.pass?.message ?? '', /7 < 50/);
  });

  it('backtest: label constructor, values out of the bound -> rolled back by it', async () => {
    const rows = rowsOf(20, (i, role) => ({ ...fine(i, role), [column]: 70 }));
    const { outcome } = await backtest(rows, spec);
    assert.deepEqual([outcome.outcome, outcome.by], ['rolledBack', 'constructor']);
  });

  it('backtest: label constructor without cells in most rows -> held for missing data', async () => {
    const rows = rowsOf(20, (i, role) => ({ ...fine(i, role), ...(i === 0 && { [column]: 7 }) }));
    const { outcome } = await backtest(rows, spec);
    assert.equal(outcome.outcome, 'held', outcome.message);
  });

  it('differencesOf: rule constructor failed only live -> named as a difference', () => {
    const at = '2026-11-02T14:20:00Z';
    const verdict = { guardrail: 'constructor', result: 'fail', message: 'depth 70 is not < 50' };
    const live = outcomeFromTimeline(
      [{ at, kind: 'verdict', report: 'fail', message: 'x', verdicts: [verdict] }],
      'timeline.json',
    );
    const outcome = { outcome: 'promoted' as const, at, by: null, message: 'it passed' };
    const [, difference] = differencesOf(live, { outcome, firstDecisions: {} });
    assert.deepEqual([difference?.guardrail, difference?.isSame], ['constructor', false]);
  });
});
