import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addSplitCounts,
  logBayesFactor,
  logOneSidedEvidence,
  sampleRatioEvidence,
  type SplitCounts,
} from '../../../src/analysis/statistics/sample-ratio.js';
import { assertClose, assertPrinted } from './closeness.js';

const settings = { concentration: 1000, dispersion: 1 };
const counts = fc.record({
  candidateShare: fc.constantFrom(0.01, 0.05, 0.25, 0.5),
  baseline: fc.nat(100_000),
  candidate: fc.nat(100_000),
});

function splitsOf(all: SplitCounts[]): SplitCounts[] {
  return all.reduce<SplitCounts[]>(addSplitCounts, []);
}

describe('sample ratio evidence', () => {
  const closedForms: [number, number, number, number, string, string][] = [
    [30, 40, 0.5, 2, '3.454324363', '4.146746035'],
    [20, 100, 0.1, 10, '2.55528157', '3.501017121'],
  ];
  for (const [x, n, share, k, two, one] of closedForms) {
    it(`logBayesFactor: ${x} of ${n} against ${share} -> the closed form`, () => {
      assertPrinted(logBayesFactor([x, n - x], [share, 1 - share], k), two);
      assertPrinted(logOneSidedEvidence({ x, n }, share, k, 'above'), one);
    });
  }

  it('logBayesFactor: three arms -> the published Bayes factor and p', () => {
    // The first value is a difference of log-gammas near 1e5, so its last five digits are lost.
    assertClose(Math.exp(logBayesFactor([2, 1, 7], [0.1, 0.5, 0.4], 10_000)), 1.0017496120131435, 1e-10);
    assertClose(Math.exp(-logBayesFactor([40, 129, 233], [0.1, 0.4, 0.5], 100)), 0.04845591105969517, 1e-13);
  });

  it('sampleRatioEvidence: windows in any order -> same evidence', () => {
    const twoOrders = fc
      .array(counts, { maxLength: 20 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(twoOrders, ([all, shuffled]) => assert.deepEqual(splitsOf(shuffled), splitsOf(all))),
    );
  });

  it('sampleRatioEvidence: arms swapped -> same evidence', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 10 }), (all) => {
        const swapped = all.map(({ candidateShare, baseline, candidate }) => {
          return { candidateShare: 1 - candidateShare, baseline: candidate, candidate: baseline };
        });
        const [a, b] = [splitsOf(all), splitsOf(swapped)];
        assertClose(sampleRatioEvidence(a, settings), sampleRatioEvidence(b, settings), 1e-7);
      }),
    );
  });

  it('sampleRatioEvidence: higher dispersion -> less evidence', () => {
    const all = [{ candidateShare: 0.5, baseline: 10_000, candidate: 10_800 }];
    const halved = [{ candidateShare: 0.5, baseline: 5_000, candidate: 5_400 }];
    assertClose(
      sampleRatioEvidence(all, { ...settings, dispersion: 2 }),
      sampleRatioEvidence(halved, settings),
    );
  });

  it('sampleRatioEvidence: several stages -> sum of their logs', () => {
    const first = { candidateShare: 0.01, baseline: 99_000, candidate: 1_200 };
    const second = { candidateShare: 0.5, baseline: 10_000, candidate: 10_400 };
    const both = sampleRatioEvidence(splitsOf([first, second]), settings);
    assertClose(both, sampleRatioEvidence([first], settings) + sampleRatioEvidence([second], settings));
    assert.equal(sampleRatioEvidence([], settings), 0);
  });

  it('logOneSidedEvidence: above and below -> evidence for the correct side', () => {
    const many = { x: 90, n: 100 };
    assert.ok(logOneSidedEvidence(many, 0.5, 2, 'above') > 20);
    assert.ok(logOneSidedEvidence(many, 0.5, 2, 'below') < -2);
    assertClose(
      logOneSidedEvidence({ x: 10, n: 100 }, 0.5, 2, 'below'),
      logOneSidedEvidence(many, 0.5, 2, 'above'),
    );
  });
});
