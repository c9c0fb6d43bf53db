import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/analysis/verdicts/verdict.js';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import type { Hold, HoldReason, RequiredKnowledge } from '../../../src/workflows/messages.js';
import {
  decideInconclusive,
  decideUnknown,
  endsHold,
  unknownReason,
} from '../../../src/workflows/monitoring/policy.js';
import { verdict } from '../fake-activities.js';

const goals = [{ id: 'goal:orders' }] as Goal[];
const undecided = { ...verdict('inconclusive', 'orders: 3 % more'), guardrail: 'goal:orders' };
const report: WatchReport = {
  kind: 'undecided',
  message: 'orders: 3 % more',
  verdicts: [{ ...undecided, reason: 'undecided' }],
  state: { guardrails: {}, alarms: [], comparisons: {}, stats: [], observation: null },
};
/** The message does not fit the reason, because no decision may depend on it. */
const heldFor = (reason: HoldReason): Hold => ({ reason, message: 'no data' });

describe('knowledge that a check needs', () => {
  const alarmWith = (result: Verdict['result'], reason: Verdict['reason']): WatchReport => ({
    ...report,
    message: 'the alarm is unknown',
    verdicts: [{ ...verdict(result, 'the alarm is unknown'), reason }],
  });
  for (const [result, reason, allRead] of [
    ['inconclusive', 'alarmInsufficientData', 'continues'],
    ['inconclusive', 'alarmNotEvaluated', 'holds'],
    ['error', 'alarmMissing', 'holds'],
    ['error', 'readError', 'holds'],
  ] as const)
    it(`check: ${reason} -> allRead ${allRead}, allKnown holds, noAlarmFiring continues`, () => {
      const reasonFor = (need: RequiredKnowledge) => unknownReason(alarmWith(result, reason), need, []);
      assert.equal(reasonFor('allRead') === null, allRead === 'continues');
      assert.notEqual(reasonFor('allKnown'), null);
      assert.equal(reasonFor('noAlarmFiring'), null);
    });
});

describe('inconclusive experiment', () => {
  for (const onInconclusive of ['promote', 'rollBack', 'hold'] as const)
    it(`experiment: undecided at the end, onInconclusive ${onInconclusive} -> ${onInconclusive}`, () => {
      const decision = decideInconclusive(null, report, { goals, onInconclusive });
      assert.equal(decision.kind, onInconclusive);
      assert.match('message' in decision ? decision.message : '', /orders: 3 % more/);
    });

  it('experiment: held as inconclusive with another message -> keeps holding', () => {
    const plan = { goals, onInconclusive: 'hold' } as const;
    assert.deepEqual(decideInconclusive(heldFor('inconclusive'), report, plan), { kind: 'keepHolding' });
  });

  it('experiment: held as inconclusive, onInconclusive promote -> promotes', () => {
    const decision = decideInconclusive(heldFor('inconclusive'), report, {
      goals,
      onInconclusive: 'promote',
    });
    assert.equal(decision.kind, 'promote');
  });

  for (const reason of ['unknown', 'drift', 'rollbackUnverified'] as const)
    it(`experiment: held for ${reason}, onInconclusive rollBack -> keeps holding`, () => {
      const decision = decideInconclusive(heldFor(reason), report, { goals, onInconclusive: 'rollBack' });
      assert.deepEqual(decision, { kind: 'keepHolding' });
    });

  it('experiment: a guardrail has not passed, onInconclusive promote -> holds', () => {
    const verdicts = [
      ...report.verdicts,
      { ...undecided, guardrail: 'errorRate', reason: 'noData' as const },
    ];
    const decision = decideInconclusive(null, { ...report, verdicts }, { goals, onInconclusive: 'promote' });
    assert.equal(decision.kind, 'hold');
  });
});

describe('hold', () => {
  it('hold: an undecided report -> ends unless the reason is inconclusive', () => {
    assert.equal(endsHold(heldFor('inconclusive'), { kind: 'undecided' }), false);
    assert.equal(endsHold(heldFor('inconclusive'), { kind: 'round' }), true);
    assert.equal(endsHold(heldFor('unknown'), { kind: 'undecided' }), true);
    assert.equal(endsHold(null, { kind: 'undecided' }), true);
  });

  const limits = { holdSeconds: 60 } as Parameters<typeof decideUnknown>[2]['limits'];

  it('hold on unknown: onInconclusive hold -> no end', () => {
    const times = { heldSinceMs: 1_000, nowMs: 1_000_000 };
    const plan = { limits, onInconclusive: 'hold' } as const;
    assert.deepEqual(decideUnknown('no data', times, plan), { kind: 'hold', endsMs: null });
  });

  it('hold on unknown: maximum hold time over, onInconclusive rollBack -> rolls back', () => {
    const plan = { limits, onInconclusive: 'rollBack' } as const;
    const at = (nowMs: number) => decideUnknown('no data', { heldSinceMs: 1_000, nowMs }, plan);
    assert.deepEqual(at(60_999), { kind: 'hold', endsMs: 61_000 });
    assert.deepEqual(at(61_000), {
      kind: 'rollBack',
      message: 'still unknown after the maximum hold time: no data',
    });
  });
});
