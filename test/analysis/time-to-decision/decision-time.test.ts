import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decisionTimeOf,
  type DecisionTime,
  type TestQuestion,
} from '../../../src/analysis/time-to-decision/decision-time.js';
import type { Conditions } from '../../../src/analysis/time-to-decision/polls.js';
import { better, countRule, hour, rampOf, worse } from './questions.js';

const order = ({ halfSeconds, maxSeconds }: DecisionTime) => [
  halfSeconds ?? Infinity,
  maxSeconds ?? Infinity,
];

/** Tolerance for few runs and discrete polls: a tenth, plus two windows. */
function assertNoLater(sooner: DecisionTime, later: DecisionTime): void {
  order(sooner).forEach((time, i) => {
    const other = order(later)[i]!;
    assert.ok(time <= 1.1 * other + 2 * hour, `${time / hour} h after ${other / hour} h`);
  });
}

const questions = fc.oneof(
  fc.record({
    of: fc.constant(worse),
    rate: fc.constantFrom(0.002, 0.01, 0.1),
    effect: fc.double({ min: 0.15, max: 2, noNaN: true }),
  }),
  fc.record({
    of: fc.constant(better),
    rate: fc.constantFrom(0.02, 0.1, 0.3),
    effect: fc.double({ min: 0.03, max: 0.5, noNaN: true }),
  }),
);
const some = { numRuns: 25, seed: 7 };
const quick = (question: TestQuestion, conditions: Conditions) => decisionTimeOf(question, conditions, 200);

describe('decisionTimeOf', () => {
  it('decisionTimeOf: worse candidate -> the measured times of docs/statistics.md', () => {
    // docs/statistics.md, power: half after 54, 21, 14 and 10 hours.
    const halves = [0.2, 0.5, 1, 2].map(
      (effect) => decisionTimeOf(worse(effect), rampOf(2_000)).halfSeconds! / hour,
    );
    [54, 21, 14, 10].forEach((measured, i) =>
      assert.ok(Math.abs(halves[i]! - measured) <= 1 + 0.06 * measured, `${halves[i]} for ${measured}`),
    );
  });

  it('decisionTimeOf: equal candidate, proof -> the measured times of docs/statistics.md', () => {
    // docs/statistics.md, power: half after 38 and 20 hours.
    const halves = [25, 50].map((marginPercent) => {
      const question: TestQuestion = {
        kind: 'notWorse',
        rule: { ...countRule, marginPercent },
        baseRate: 0.01,
      };
      return decisionTimeOf(question, rampOf(2_000)).halfSeconds! / hour;
    });
    [38, 20].forEach((measured, i) => assert.ok(Math.abs(halves[i]! - measured) <= 3, `${halves[i]}`));
  });

  it('decisionTimeOf: same question twice -> same answer', () => {
    assert.deepEqual(decisionTimeOf(worse(0.3), rampOf(2_000)), decisionTimeOf(worse(0.3), rampOf(2_000)));
  });

  it('decisionTimeOf: plan ends before a decision -> null', () => {
    assert.deepEqual(decisionTimeOf(worse(0.2), rampOf(2_000, 24)), { halfSeconds: null, maxSeconds: null });
    const { halfSeconds, maxSeconds } = decisionTimeOf(worse(0.2), rampOf(2_000, 72));
    assert.ok(halfSeconds !== null && maxSeconds === null);
  });

  it('decisionTimeOf: effect within the margin -> null', () => {
    const question = worse(0.1, 0.01, { marginPercent: 25 });
    assert.equal(decisionTimeOf(question, rampOf(20_000)).halfSeconds, null);
  });

  it('decisionTimeOf: one model without traffic -> null', () => {
    const alone = { seconds: 100 * hour, earliestSeconds: 0, baseline: 0, candidate: 1 };
    const conditions = { ...rampOf(2_000), periods: [alone] };
    assert.deepEqual(decisionTimeOf(worse(5), conditions), { halfSeconds: null, maxSeconds: null });
  });

  it('decisionTimeOf: goal -> not before the minimum time of the experiment', () => {
    const period = { seconds: 336 * hour, earliestSeconds: 168 * hour, baseline: 0.5, candidate: 0.5 };
    const conditions = { ...rampOf(2_000), periods: [period], dataDelaySeconds: 600 };
    const { halfSeconds, maxSeconds } = decisionTimeOf(better(0.5), conditions);
    assert.deepEqual([halfSeconds, maxSeconds], [168 * hour + 600, 168 * hour + 600]);
  });

  it('decisionTimeOf: higher variance or dispersion -> longer', () => {
    const mean = (deviation: number): TestQuestion => {
      const rule = { ...better(0.05).rule, kind: 'mean' } as Extract<
        TestQuestion,
        { kind: 'better' }
      >['rule'];
      return { kind: 'better', rule, base: { mean: 1, deviation }, effect: 0.05 };
    };
    const [narrow, wide] = [0.5, 1].map((deviation) => quick(mean(deviation), rampOf(2_000)).halfSeconds!);
    assert.ok(wide! > 1.5 * narrow!, `${narrow} ${wide}`);
    const [single, clustered] = [1, 3].map(
      (dispersion) => quick(worse(0.5, 0.01, { dispersion }), rampOf(2_000)).halfSeconds!,
    );
    assert.ok(clustered! > 1.5 * single!, `${single} ${clustered}`);
  });

  it('decisionTimeOf: more traffic -> never later', () => {
    fc.assert(
      fc.property(questions, fc.integer({ min: 200, max: 20_000 }), ({ of, rate, effect }, traffic) => {
        const [less, more] = [1, 1.5].map((times) => quick(of(effect, rate), rampOf(times * traffic)));
        assertNoLater(more!, less!);
      }),
      some,
    );
  });

  it('decisionTimeOf: larger effect -> never later', () => {
    fc.assert(
      fc.property(questions, fc.integer({ min: 200, max: 20_000 }), ({ of, rate, effect }, traffic) => {
        const [small, large] = [1, 1.3].map((times) => quick(of(times * effect, rate), rampOf(traffic)));
        assertNoLater(large!, small!);
      }),
      some,
    );
  });

  it('decisionTimeOf: rate above 1 -> RangeError', () => {
    assert.throws(() => decisionTimeOf(worse(3, 0.5), rampOf(100)), /expected a rate from 0 to 1, got 2/);
  });
});
