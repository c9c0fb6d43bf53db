import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addToGoal, judgeGoal, startGoal, type GoalRule } from '../../../src/analysis/verdicts/judge-goal.js';
import {
  addToNotWorse,
  judgeNotWorse,
  startNotWorse,
  type NotWorseRule,
} from '../../../src/analysis/verdicts/judge-not-worse.js';
import {
  maturityOfCounts,
  describeTimeToDecision,
  timesNeeded,
  type EvidenceState,
} from '../../../src/analysis/time-to-decision/time-to-decision.js';
import { addWindow, emptyCountTest, logEvidence } from '../../../src/analysis/statistics/count-test.js';
import { mixtureScale, sequenceEvidence } from '../../../src/analysis/statistics/mean-sequence.js';
import { hourly } from '../verdicts/comparisons.js';

const standing = fc.record<EvidenceState>({
  logE: fc.double({ min: -2, max: 2.9, noNaN: true }),
  needed: fc.constantFrom(20, 100, 1_000),
  maturity: fc.double({ min: 0.01, max: 500, noNaN: true }),
  sides: fc.constantFrom('one', 'two'),
});
const settings = { alpha: 0.05, plannedSize: 5_000 };

/** A difference of a twentieth of a standard deviation, estimated from `size` observations with an even split. */
function sequenceAt(size: number): EvidenceState {
  const estimate = { estimate: 0.05, standardError: 2 / Math.sqrt(size), size };
  const { logE } = sequenceEvidence(estimate, settings);
  return { logE, needed: 20, maturity: size * mixtureScale(settings) ** 2, sides: 'two' };
}

/** `events` events in the ratio 13 to 10, with an even split. */
function countsAt(events: number): { evidenceState: EvidenceState; logE: number } {
  const counted = { candidateEvents: (events * 13) / 23, events, candidateShare: 0.5 };
  const test = addWindow(emptyCountTest({ margin: 0, dispersion: 1, alpha: 0.05 }), counted);
  const logE = logEvidence(test, 0, 'above');
  return { logE, evidenceState: { logE, needed: 20, maturity: maturityOfCounts(test), sides: 'one' } };
}

describe('timesNeeded', () => {
  it('timesNeeded: mean sequence -> the size at which it decides', () => {
    const times = timesNeeded(sequenceAt(4_000));
    assert.ok(times !== null);
    assert.ok(sequenceAt(4_000 * times).logE >= Math.log(20));
    assert.ok(sequenceAt(4_000 * (times - 0.01)).logE < Math.log(20));
  });

  it('timesNeeded: count test -> within a tenth of the size at which it decides', () => {
    for (const events of [150, 250, 350]) {
      const times = timesNeeded(countsAt(events).evidenceState);
      assert.ok(times !== null && times > 1);
      assert.ok(countsAt(1.1 * times * events).logE >= Math.log(20), `${events}`);
      assert.ok(countsAt(0.9 * times * events).logE < Math.log(20), `${events}`);
    }
  });

  it('timesNeeded: more evidence -> never longer; higher limit -> never shorter', () => {
    fc.assert(
      fc.property(standing, (now) => {
        const times = timesNeeded(now);
        if (times === null) return;
        const more = timesNeeded({ ...now, logE: now.logE + 0.1 });
        assert.ok(more !== null && more <= times + 0.001);
        const stricter = timesNeeded({ ...now, needed: 2 * now.needed });
        assert.ok(stricter === null || stricter >= times - 0.001);
      }),
    );
  });

  it('timesNeeded: evidence without direction -> null', () => {
    assert.equal(timesNeeded({ logE: -1, needed: 20, maturity: 4, sides: 'two' }), null);
    assert.equal(timesNeeded({ logE: 0, needed: 20, maturity: 0, sides: 'two' }), null);
  });
});

describe('describeTimeToDecision', () => {
  const from = '2026-11-02T00:00:00.000Z';
  const seen = { from, to: '2026-11-02T10:00:00.000Z', requests: 20_040 };

  it('describeTimeToDecision: requests so far -> remaining time at that rate', () => {
    assert.equal(
      describeTimeToDecision(sequenceAt(4_000), seen),
      '; about 29 h to a decision at 2,000 requests/h',
    );
  });

  it('describeTimeToDecision: long time -> days; short time -> minutes', () => {
    const days = { ...seen, to: '2026-11-12T00:00:00.000Z' };
    assert.match(describeTimeToDecision(sequenceAt(4_000), days), /about 29 days to a decision/);
    const minutes = { ...seen, to: '2026-11-02T00:30:00.000Z' };
    assert.match(describeTimeToDecision(sequenceAt(4_000), minutes), /about 86 min to a decision/);
  });

  it('describeTimeToDecision: no forecast -> empty text', () => {
    assert.equal(describeTimeToDecision(sequenceAt(100), seen), '');
    assert.equal(describeTimeToDecision(sequenceAt(4_000), { from: null, to: null, requests: 0 }), '');
    assert.equal(describeTimeToDecision(sequenceAt(4_000), { ...seen, to: from }), '');
  });
});

describe('undecided verdicts', () => {
  const windows = [1_000, 1_040].map((baseline, n) => hourly(n, [20_000, baseline], [20_000, baseline + 55]));

  it('goal verdict: undecided -> the message has the time to a decision', () => {
    const rule: GoalRule = {
      id: 'goal:conversion',
      label: 'conversion',
      kind: 'proportion',
      scale: 'relative',
      unit: null,
      higherIsBetter: true,
      minimumEffect: 0,
      alpha: 0.05,
      goals: 1,
      plannedSize: 5_000,
      cap: null,
      maximumExcludedPercent: 10,
    };
    const state = windows.reduce((before, window) => addToGoal(rule, before, window), startGoal(rule));
    const { reason, message } = judgeGoal(rule, state, 2);
    assert.equal(reason, 'undecided');
    assert.match(
      message,
      /^conversion: candidate 5\.38 %, .*; about \d+ h to a decision at 40,000 requests\/h$/,
    );
  });

  it('proof verdict: not proven -> the message has the time to a decision; proven -> it does not', () => {
    const rule: NotWorseRule = {
      id: 'errors',
      label: 'error rate',
      alpha: 0.05,
      maximumExcludedPercent: 10,
      marginPercent: 12,
      dispersion: 1,
      minimumRequests: 100,
      mustBeProven: true,
      negligiblePercent: null,
      watchedSeconds: 86_400,
    };
    const judge = (marginPercent: number) => {
      const asked = { ...rule, marginPercent };
      const state = windows.reduce(
        (state, window) => addToNotWorse(asked, state, window),
        startNotWorse(asked),
      );
      return judgeNotWorse(asked, state, 2);
    };
    assert.equal(judge(12).reason, 'notProven');
    assert.match(judge(12).message, /; about \d+ (min|h) to a decision at 40,000 requests\/h$/);
    assert.equal(judge(50).reason, 'notWorseThanBaseline');
    assert.doesNotMatch(judge(50).message, /requests\/h/);
  });
});
