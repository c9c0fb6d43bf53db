import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addToStage,
  differ,
  hasEnoughEvents,
  type ArmPair,
  type ArmTotals,
  type DifferenceSettings,
  type ArmDifference,
  type StageTotals,
} from '../../../src/analysis/statistics/arm-difference.js';
import { armTotals } from './arbitraries.js';
import { assertClose } from './closeness.js';

const absoluteMean: DifferenceSettings = { kind: 'mean', scale: 'absolute' };
const windows = fc.array(
  fc.record({
    stage: fc.integer({ min: 1, max: 4 }),
    share: fc.constantFrom(null, 10, 50),
    baseline: armTotals,
    candidate: armTotals,
  }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

function stagesOf(all: StageTotals[]): StageTotals[] {
  return all.reduce<StageTotals[]>(
    (stages, { baseline, candidate, ...stratum }) => addToStage(stages, stratum, { baseline, candidate }),
    [],
  );
}

function proportion(n: number, events: number): ArmTotals {
  return { n, sum: events, sumSquares: events };
}

function known(found: ArmDifference | null): ArmDifference {
  assert.ok(found !== null);
  return found;
}

describe('differ', () => {
  it('differ: windows in any order -> same difference', () => {
    const twoOrders = windows.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(twoOrders, ([all, shuffled]) => {
        assert.deepEqual(stagesOf(shuffled), stagesOf(all));
        assert.deepEqual(differ(stagesOf(shuffled), absoluteMean), differ(stagesOf(all), absoluteMean));
      }),
    );
  });

  it('differ: arms swapped -> opposite sign', () => {
    fc.assert(
      fc.property(windows, (all) => {
        const swapped = all.map(({ stage, share, baseline, candidate }) => ({
          stage,
          share,
          baseline: candidate,
          candidate: baseline,
        }));
        const [a, b] = [
          known(differ(stagesOf(all), absoluteMean)),
          known(differ(stagesOf(swapped), absoluteMean)),
        ];
        assertClose(a.estimate, -b.estimate);
        assertClose(a.standardError, b.standardError);
        assertClose(a.size, b.size);
      }),
    );
  });

  it('differ: values scaled -> absolute difference scales, relative difference does not change', () => {
    fc.assert(
      fc.property(windows, fc.integer({ min: 2, max: 50 }), (all, unit) => {
        const scale = ({ n, sum, sumSquares }: ArmTotals) => {
          return { n, sum: unit * sum, sumSquares: unit * unit * sumSquares };
        };
        const scaled = all.map(({ stage, share, baseline, candidate }) => {
          return { stage, share, baseline: scale(baseline), candidate: scale(candidate) };
        });
        const [a, b] = [
          known(differ(stagesOf(all), absoluteMean)),
          known(differ(stagesOf(scaled), absoluteMean)),
        ];
        assertClose(b.estimate / unit, a.estimate);
        assertClose(b.standardError / unit, a.standardError);
        const relative: DifferenceSettings = { kind: 'mean', scale: 'relative' };
        const [c, d] = [differ(stagesOf(all), relative), differ(stagesOf(scaled), relative)];
        if (c !== null) assertClose(known(d).estimate, c.estimate);
      }),
    );
  });

  it('differ: ramp without effect -> no difference, although pooled totals have one', () => {
    const ramp: ArmPair[] = [
      { baseline: proportion(99_000, 9_900), candidate: proportion(1_000, 100) },
      { baseline: proportion(50_000, 1_500), candidate: proportion(50_000, 1_500) },
    ];
    const pooled = [11_400 / 149_000, 1_600 / 51_000];
    assert.ok(pooled[0]! > 2 * pooled[1]!);
    const { estimate, baseline, candidate } = known(differ(ramp, { kind: 'proportion', scale: 'absolute' }));
    assertClose(estimate, 0);
    assertClose(baseline, candidate);
  });

  it('differ: share changes within a stage, as with a bandit -> no difference', () => {
    const morning = { baseline: proportion(9_000, 900), candidate: proportion(1_000, 100) };
    const evening = { baseline: proportion(1_000, 20), candidate: proportion(9_000, 180) };
    const all = [
      { stage: 1, share: 10, ...morning },
      { stage: 1, share: 90, ...evening },
    ];
    assert.equal(stagesOf(all).length, 2);
    assertClose(known(differ(stagesOf(all), { kind: 'proportion', scale: 'absolute' })).estimate, 0);
  });

  it('differ: single stage -> the textbook formula', () => {
    const one: ArmPair[] = [{ baseline: proportion(400, 40), candidate: proportion(600, 90) }];
    const { estimate, standardError, size } = known(differ(one, { kind: 'proportion', scale: 'absolute' }));
    assertClose(estimate, 0.05);
    assertClose(standardError, Math.sqrt((0.1 * 0.9) / 400 + (0.15 * 0.85) / 600));
    assertClose(size, 960);
  });

  it('differ: no spread, or a single observation -> null', () => {
    const still = { n: 100, sum: 100, sumSquares: 100 };
    assert.equal(differ([{ baseline: still, candidate: still }], absoluteMean), null);
    assert.equal(differ([], absoluteMean), null);
    const single = { n: 1, sum: 3, sumSquares: 9 };
    assert.equal(differ([{ baseline: single, candidate: single }], absoluteMean), null);
  });

  it('differ: relative, baseline mean near zero -> null', () => {
    const aroundZero = { n: 100, sum: 1, sumSquares: 10_000 };
    const arms = { baseline: aroundZero, candidate: { n: 100, sum: 500, sumSquares: 10_000 } };
    assert.equal(differ([arms], { kind: 'mean', scale: 'relative' }), null);
    assert.ok(differ([arms], absoluteMean) !== null);
  });

  it('differ: relative, negative baseline mean -> the sign gives the direction', () => {
    const baseline = { n: 100, sum: -1000, sumSquares: 10_100 };
    const candidate = { n: 100, sum: -500, sumSquares: 2_600 };
    const { estimate } = known(differ([{ baseline, candidate }], { kind: 'mean', scale: 'relative' }));
    assertClose(estimate, 0.5);
  });

  const gates: [string, ArmTotals, boolean][] = [
    ['30 events and 30 non-events', proportion(60, 30), true],
    ['29 events', proportion(1000, 29), false],
    ['29 non-events', proportion(1000, 971), false],
  ];
  for (const [name, candidate, enough] of gates) {
    it(`hasEnoughEvents: ${name} -> ${enough}`, () => {
      const stages = [{ baseline: proportion(1000, 500), candidate }];
      assert.equal(hasEnoughEvents(stages), enough);
      assert.equal(hasEnoughEvents([{ baseline: candidate, candidate: proportion(1000, 500) }]), enough);
    });
  }

  it('hasEnoughEvents: several stages -> counts their totals', () => {
    const small = { baseline: proportion(1000, 20), candidate: proportion(100, 20) };
    assert.equal(hasEnoughEvents([small]), false);
    assert.equal(hasEnoughEvents([small, small]), true);
    assert.equal(hasEnoughEvents([]), false);
  });
});
