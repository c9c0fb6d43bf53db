import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CountWindow } from '../../../src/analysis/statistics/count-test.js';
import {
  addToDetector,
  emptyHarmDetector,
  logHarmEvidence,
  logNextWeight,
  type HarmDetector,
} from '../../../src/analysis/statistics/harm-detector.js';
import { likelyWindow } from './arbitraries.js';
import { assertClose } from './closeness.js';

const settings = { margin: 0.1, dispersion: 1 };
const day = 24;

/** Hourly windows. */
function detectorOf(windows: readonly CountWindow[], watchedDays = 14): HarmDetector {
  return windows.reduce(
    (before, window) => addToDetector(before, settings, window, 3_600),
    emptyHarmDetector(watchedDays * 86_400),
  );
}

function hoursOf(count: number, candidateEvents: number, baselineEvents = 10): CountWindow[] {
  const window = { candidateEvents, events: candidateEvents + baselineEvents, candidateShare: 0.5 };
  return Array.from({ length: count }, () => window);
}

describe('harm detector', () => {
  it('logHarmEvidence: no windows, and windows without events -> no evidence', () => {
    assertClose(logHarmEvidence(emptyHarmDetector(3_600)), 0);
    assertClose(logHarmEvidence(detectorOf(hoursOf(30 * day, 0, 0))), 0);
  });

  it('logNextWeight: all beginnings, also after the planned time -> weights of 1 in all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 100_000 }),
        fc.integer({ min: 60, max: 7_200 }),
        (planned, length) => {
          let detector = emptyHarmDetector(planned);
          let sum = 0.5;
          for (let i = 0; i < 500; i += 1) {
            sum += Math.exp(logNextWeight(detector, length));
            const none = { candidateEvents: 0, events: 0, candidateShare: 0.5 };
            detector = addToDetector(detector, settings, none, length);
          }
          assert.ok(sum < 1 && sum > 0.5, `${sum}`);
        },
      ),
    );
  });

  /** The average E-value of one more window, if the ratio is exactly the tolerated one. */
  it('logHarmEvidence: any past, ratio at the margin -> expected evidence stays the same', () => {
    const chance = 1.1 / 2.1;
    fc.assert(
      fc.property(
        fc.array(likelyWindow, { maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (windows, events) => {
          const before = detectorOf(windows, 1);
          let [expected, probability] = [0, (1 - chance) ** events];
          for (let x = 0; x <= events; x += 1) {
            const window = { candidateEvents: x, events, candidateShare: 0.5 };
            expected +=
              probability * Math.exp(logHarmEvidence(addToDetector(before, settings, window, 3_600)));
            probability *= ((events - x) / (x + 1)) * (chance / (1 - chance));
          }
          assertClose(Math.log(expected), logHarmEvidence(before), 1e-8);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('logHarmEvidence: harm after a clean week -> found nearly as fast as from the start', () => {
    const hoursToFind = (clean: number) => {
      const enough = Math.log(100);
      const count = Array.from({ length: 100 }, (_, i) => i + 1).find(
        (hours) => logHarmEvidence(detectorOf([...hoursOf(clean, 10), ...hoursOf(hours, 20)])) >= enough,
      );
      return count ?? Infinity;
    };
    assert.ok(hoursToFind(0) <= 6, `${hoursToFind(0)}`);
    assert.ok(hoursToFind(7 * day) <= 10, `${hoursToFind(7 * day)}`);
    assert.ok(hoursToFind(21 * day) <= 14, `after the planned time: ${hoursToFind(21 * day)}`);
  });

  it('addToDetector: the dispersion grows -> less evidence of harm before, and no less evidence against it', () => {
    const [quiet] = hoursOf(1, 0, 0);
    const grow = (detector: HarmDetector) =>
      addToDetector(detector, { ...settings, dispersion: 3 }, quiet!, 3_600);
    const harmful = detectorOf(hoursOf(2 * day, 20));
    const harmless = detectorOf(hoursOf(2 * day, 5));
    assert.ok(logHarmEvidence(grow(harmful)) < logHarmEvidence(harmful) / 2);
    assert.ok(
      logHarmEvidence(grow(harmless)) <= logHarmEvidence(detectorOf([...hoursOf(2 * day, 5), quiet!])),
    );
  });

  it('addToDetector: window without a length -> RangeError', () => {
    const [window] = hoursOf(1, 1);
    for (const seconds of [0, -1, NaN])
      assert.throws(() => addToDetector(emptyHarmDetector(60), settings, window!, seconds), RangeError);
  });

  it('emptyHarmDetector: time that is not positive -> RangeError', () => {
    for (const seconds of [0, -1, NaN, Infinity]) assert.throws(() => emptyHarmDetector(seconds), RangeError);
  });
});
