import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decisionTimeOf, type Question } from '../../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../../src/analysis/time-to-decision/polls.js';
import { whatHelps } from '../../../src/analysis/time-to-decision/suggestions.js';
import { better, countRule, hour, rampOf, worse } from './questions.js';

const short = rampOf(2_000, 24);
const decides = (question: Question, conditions: Conditions) =>
  decisionTimeOf(question, conditions).mostSeconds !== null;

describe('whatHelps', function () {
  this.timeout(60_000);

  it('names an effect that would be found, and little less would not', () => {
    const { leastEffect } = whatHelps(worse(0.2), short);
    assert.ok(leastEffect !== null && leastEffect > 0.4);
    assert.ok(decides(worse(1.15 * leastEffect), short));
    assert.ok(!decides(worse(0.8 * leastEffect), short));
  });

  it('names a rate of requests that would be enough, and little less would not', () => {
    const { requestsPerHour } = whatHelps(worse(0.2), short);
    assert.ok(requestsPerHour !== null);
    assert.ok(decides(worse(0.2), rampOf(1.2 * requestsPerHour, 24)));
    assert.ok(!decides(worse(0.2), rampOf(0.75 * requestsPerHour, 24)));
  });

  it('names a time that would be enough, by making the time at the best share longer', () => {
    const { seconds } = whatHelps(worse(0.2), short);
    assert.ok(seconds !== null);
    assert.ok(decides(worse(0.2), rampOf(2_000, (1.2 * seconds) / hour)));
    assert.ok(!decides(worse(0.2), rampOf(2_000, (0.75 * seconds) / hour)));
  });

  it('names a larger share where that is enough', () => {
    const period = { seconds: 120 * hour, earliestSeconds: 0, baseline: 0.95, candidate: 0.05 };
    const at = (share: number) => {
      return { ...short, periods: [{ ...period, baseline: 1 - share, candidate: share }] };
    };
    const { share } = whatHelps(worse(0.3), at(0.05));
    assert.ok(share !== null && share > 0.05 && share < 0.5);
    assert.ok(decides(worse(0.3), at(share)));
    assert.equal(whatHelps(worse(0.2), short).share, null);
  });

  it('names no effect for a proof of equality, and none beyond what there can be', () => {
    const rule = { ...countRule, marginPercent: 10 };
    assert.equal(whatHelps({ kind: 'notWorse', rule, baseRate: 0.01 }, short).leastEffect, null);
    const fewer = better(0.2, 0.9, { higherIsBetter: true });
    assert.throws(() => decisionTimeOf(fewer, short), RangeError);
    assert.equal(whatHelps(better(0.05, 0.9), rampOf(10, 24)).leastEffect, null);
  });

  it('tries no rate above 1, whatever the base rate', () => {
    const tiny = rampOf(1, 20);
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.95, noNaN: true }), (rate) => {
        const { leastEffect } = whatHelps(worse(0.02, rate), tiny);
        assert.ok(leastEffect === null || rate * (1 + leastEffect) <= 1);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('knows no help where the candidate never stands beside the baseline', () => {
    const conditions = { ...short, periods: [] };
    assert.deepEqual(whatHelps(worse(0.2), conditions), {
      leastEffect: null,
      seconds: null,
      share: null,
      requestsPerHour: null,
    });
  });
});
