import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decisionTimeOf, type TestQuestion } from '../../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../../src/analysis/time-to-decision/polls.js';
import { suggestChanges } from '../../../src/analysis/time-to-decision/suggestions.js';
import { better, countRule, hour, rampOf, worse } from './questions.js';

const short = rampOf(2_000, 24);
const decides = (question: TestQuestion, conditions: Conditions) =>
  decisionTimeOf(question, conditions).maxSeconds !== null;

describe('suggestChanges', function () {
  this.timeout(60_000);

  it('names an effect that would be found, and little less would not', () => {
    const { minEffect } = suggestChanges(worse(0.2), short);
    assert.ok(minEffect !== null && minEffect > 0.4);
    assert.ok(decides(worse(1.15 * minEffect), short));
    assert.ok(!decides(worse(0.8 * minEffect), short));
  });

  it('names a rate of requests that would be enough, and little less would not', () => {
    const { requestsPerHour } = suggestChanges(worse(0.2), short);
    assert.ok(requestsPerHour !== null);
    assert.ok(decides(worse(0.2), rampOf(1.2 * requestsPerHour, 24)));
    assert.ok(!decides(worse(0.2), rampOf(0.75 * requestsPerHour, 24)));
  });

  it('names a time that would be enough, by making the time at the best share longer', () => {
    const { seconds } = suggestChanges(worse(0.2), short);
    assert.ok(seconds !== null);
    assert.ok(decides(worse(0.2), rampOf(2_000, (1.2 * seconds) / hour)));
    assert.ok(!decides(worse(0.2), rampOf(2_000, (0.75 * seconds) / hour)));
  });

  it('names a larger share where that is enough', () => {
    const period = { seconds: 120 * hour, earliestSeconds: 0, baseline: 0.95, candidate: 0.05 };
    const at = (share: number) => {
      return { ...short, periods: [{ ...period, baseline: 1 - share, candidate: share }] };
    };
    const { share } = suggestChanges(worse(0.3), at(0.05));
    assert.ok(share !== null && share > 0.05 && share < 0.5);
    assert.ok(decides(worse(0.3), at(share)));
    assert.equal(suggestChanges(worse(0.2), short).share, null);
  });

  it('names no effect for a proof of equality, and none beyond what there can be', () => {
    const rule = { ...countRule, marginPercent: 10 };
    assert.equal(suggestChanges({ kind: 'notWorse', rule, baseRate: 0.01 }, short).minEffect, null);
    const fewer = better(0.2, 0.9, { higherIsBetter: true });
    assert.throws(() => decisionTimeOf(fewer, short), RangeError);
    assert.equal(suggestChanges(better(0.05, 0.9), rampOf(10, 24)).minEffect, null);
  });

  it('tries no rate above 1, whatever the base rate', () => {
    const tiny = rampOf(1, 20);
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.95, noNaN: true }), (rate) => {
        const { minEffect } = suggestChanges(worse(0.02, rate), tiny);
        assert.ok(minEffect === null || rate * (1 + minEffect) <= 1);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('knows no help where the candidate never stands beside the baseline', () => {
    const conditions = { ...short, periods: [] };
    assert.deepEqual(suggestChanges(worse(0.2), conditions), {
      minEffect: null,
      seconds: null,
      share: null,
      requestsPerHour: null,
    });
  });
});
