import assert from 'node:assert/strict';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import type { Hold, HoldReason } from '../../../src/workflows/messages.js';
import { decideInconclusive, decideUnknown, endsHold } from '../../../src/workflows/monitoring/policy.js';
import { verdict } from '../fake-activities.js';

const goals = [{ id: 'goal:orders' }] as Goal[];
const undecided = { ...verdict('inconclusive', 'orders: 3 % more'), guardrail: 'goal:orders' };
const report: WatchReport = {
  kind: 'undecided',
  message: 'orders: 3 % more',
  verdicts: [{ ...undecided, reason: 'undecided' }],
  state: { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null },
};
/** The message says something else than the reason: no decision may depend on it. */
const heldFor = (reason: HoldReason): Hold => ({ reason, message: 'no data' });

describe('an experiment whose longest time is over', () => {
  for (const onInconclusive of ['promote', 'rollBack', 'hold'] as const)
    it(`does what the spec says: ${onInconclusive}`, () => {
      const decision = decideInconclusive(null, report, { goals, onInconclusive });
      assert.equal(decision.kind, onInconclusive);
      assert.match('message' in decision ? decision.message : '', /orders: 3 % more/);
    });

  it('is held once, whatever the message of the hold is', () => {
    const plan = { goals, onInconclusive: 'hold' } as const;
    assert.deepEqual(decideInconclusive(heldFor('inconclusive'), report, plan), { kind: 'keepHolding' });
  });

  it('may still be promoted where it was inconclusive before', () => {
    const decision = decideInconclusive(heldFor('inconclusive'), report, {
      goals,
      onInconclusive: 'promote',
    });
    assert.equal(decision.kind, 'promote');
  });

  for (const reason of ['unknown', 'drift', 'rollbackUnverified'] as const)
    it(`goes on holding where it is held for: ${reason}`, () => {
      const decision = decideInconclusive(heldFor(reason), report, { goals, onInconclusive: 'rollBack' });
      assert.deepEqual(decision, { kind: 'keepHolding' });
    });

  it('holds instead of promoting where a guardrail has not passed', () => {
    const verdicts = [
      ...report.verdicts,
      { ...undecided, guardrail: 'errorRate', reason: 'noData' as const },
    ];
    const decision = decideInconclusive(null, { ...report, verdicts }, { goals, onInconclusive: 'promote' });
    assert.equal(decision.kind, 'hold');
  });
});

describe('a hold', () => {
  it('outlasts an undecided report only where it is inconclusive', () => {
    assert.equal(endsHold(heldFor('inconclusive'), { kind: 'undecided' }), false);
    assert.equal(endsHold(heldFor('inconclusive'), { kind: 'round' }), true);
    assert.equal(endsHold(heldFor('unknown'), { kind: 'undecided' }), true);
    assert.equal(endsHold(null, { kind: 'undecided' }), true);
  });

  const limits = { holdSeconds: 60 } as Parameters<typeof decideUnknown>[2]['limits'];

  it('on something unknown has an end only where the spec says to roll back', () => {
    const times = { heldSinceMs: 1_000, nowMs: 1_000_000 };
    const plan = { limits, onInconclusive: 'hold' } as const;
    assert.deepEqual(decideUnknown('no data', times, plan), { kind: 'hold', endsMs: null });
  });

  it('on something unknown ends in a rollback when its time is over', () => {
    const plan = { limits, onInconclusive: 'rollBack' } as const;
    const at = (nowMs: number) => decideUnknown('no data', { heldSinceMs: 1_000, nowMs }, plan);
    assert.deepEqual(at(60_999), { kind: 'hold', endsMs: 61_000 });
    assert.deepEqual(at(61_000), {
      kind: 'rollBack',
      message: 'still unknown after the maximum hold time: no data',
    });
  });
});
