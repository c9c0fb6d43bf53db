import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decisionTimeOf, type TestQuestion } from '../../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../../src/analysis/time-to-decision/polls.js';
import { suggestChanges } from '../../../src/analysis/time-to-decision/suggestions.js';
import { better, countRule, hour, rampOf, worse } from './questions.js';

const short = rampOf(2_000, 24);
const decides = (question: TestQuestion, conditions: Conditions) =>
  decisionTimeOf(question, conditions).maxSeconds !== null;

describe('suggestChanges', () => {
  it('suggestChanges: minEffect -> decides, and a slightly smaller effect does not', () => {
    const { minEffect } = suggestChanges(worse(0.2), short);
    assert.ok(minEffect !== null && minEffect > 0.4);
    assert.ok(decides(worse(1.15 * minEffect), short));
    assert.ok(!decides(worse(0.8 * minEffect), short));
  });

  it('suggestChanges: requestsPerHour -> decides, and slightly fewer requests do not', () => {
    const { requestsPerHour } = suggestChanges(worse(0.2), short);
    assert.ok(requestsPerHour !== null);
    assert.ok(decides(worse(0.2), rampOf(1.2 * requestsPerHour, 24)));
    assert.ok(!decides(worse(0.2), rampOf(0.75 * requestsPerHour, 24)));
  });

  it('suggestChanges: seconds -> decides, with a longer period at the best share', () => {
    const { seconds } = suggestChanges(worse(0.2), short);
    assert.ok(seconds !== null);
    assert.ok(decides(worse(0.2), rampOf(2_000, (1.2 * seconds) / hour)));
    assert.ok(!decides(worse(0.2), rampOf(2_000, (0.75 * seconds) / hour)));
  });

  it('suggestChanges: a larger share is enough -> that share', () => {
    const period = { seconds: 120 * hour, earliestSeconds: 0, baseline: 0.95, candidate: 0.05 };
    const at = (share: number) => {
      return { ...short, periods: [{ ...period, baseline: 1 - share, candidate: share }] };
    };
    const { share } = suggestChanges(worse(0.3), at(0.05));
    assert.ok(share !== null && share > 0.05 && share < 0.5);
    assert.ok(decides(worse(0.3), at(share)));
    assert.equal(suggestChanges(worse(0.2), short).share, null);
  });

  it('suggestChanges: proof of equality, or no possible effect -> minEffect null', () => {
    const rule = { ...countRule, marginPercent: 10 };
    assert.equal(suggestChanges({ kind: 'notWorse', rule, baseRate: 0.01 }, short).minEffect, null);
    const fewer = better(0.2, 0.9, { higherIsBetter: true });
    assert.throws(() => decisionTimeOf(fewer, short), RangeError);
    assert.equal(suggestChanges(better(0.05, 0.9), rampOf(10, 24)).minEffect, null);
  });

  it('suggestChanges: any base rate -> never tries a rate above 1', () => {
    const tiny = rampOf(1, 20);
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.95, noNaN: true }), (rate) => {
        const { minEffect } = suggestChanges(worse(0.02, rate), tiny);
        assert.ok(minEffect === null || rate * (1 + minEffect) <= 1);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it('suggestChanges: no period with both models -> all null', () => {
    const conditions = { ...short, periods: [] };
    assert.deepEqual(suggestChanges(worse(0.2), conditions), {
      minEffect: null,
      seconds: null,
      share: null,
      requestsPerHour: null,
    });
  });
});
