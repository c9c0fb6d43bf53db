import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../src/servers/run-tool.js';
import {
  addWindow,
  emptyCountTest,
  logEvidenceAtMargin,
  ratioInterval,
  ratioOf,
} from '../../src/analysis/statistics/count-test.js';
import {
  addToDetector,
  emptyHarmDetector,
  logHarmEvidence,
} from '../../src/analysis/statistics/harm-detector.js';
import { differ, totalOf, type ArmTotals } from '../../src/analysis/statistics/arm-difference.js';
import {
  oneSidedBounds,
  sequenceEvidence,
  twoSidedInterval,
} from '../../src/analysis/statistics/mean-sequence.js';
import { dispersionOfCounts } from '../../src/analysis/statistics/user-dispersion.js';
import { addRateWindow, emptyRateTest, logRateEvidence } from '../../src/analysis/statistics/rate-test.js';
import { logBayesFactor, logOneSidedEvidence } from '../../src/analysis/statistics/sample-ratio.js';
import { probabilityHigherMean, probabilityHigherRate } from '../../src/analysis/statistics/thompson.js';
import {
  effectiveCount,
  reportedPercentile,
  weightOf,
  winsorise,
} from '../../src/analysis/statistics/winsorised.js';
import {
  addToSpread,
  dispersionOfWindows,
  emptySpread,
} from '../../src/analysis/statistics/window-dispersion.js';
import { pythonEnv } from '../support/python-env.js';
import { cases, type Cases, type Kind } from './cases.js';

type Results = (number | null)[];

const ours: { [K in Kind]: (one: Cases[K][number]) => Results } = {
  countTest: ({ windows, ...settings }) => {
    const test = windows.reduce(
      (state, [candidateEvents, events, candidateShare]) =>
        addWindow(state, { candidateEvents, events, candidateShare }),
      emptyCountTest(settings),
    );
    const needed = Math.log(2 / settings.alpha);
    const { lower, upper } = ratioInterval(test, { above: needed, below: needed });
    const [above, below] = [logEvidenceAtMargin(test, 'above'), logEvidenceAtMargin(test, 'below')];
    return [above, below, ratioOf(test), lower, upper];
  },
  harm: ({ windows, watchedSeconds, ...settings }) => {
    const evidence: number[] = [];
    windows.reduce((state, [candidateEvents, events, candidateShare, seconds]) => {
      const next = addToDetector(state, settings, { candidateEvents, events, candidateShare }, seconds);
      evidence.push(logHarmEvidence(next));
      return next;
    }, emptyHarmDetector(watchedSeconds));
    return evidence;
  },
  rateTest: ({ windows, plannedWindows, ...settings }) => {
    const test = windows.reduce(
      (state, [requests, events]) => addRateWindow(state, settings, { requests, events, fromMs: 0 }),
      emptyRateTest,
    );
    return [logRateEvidence(test, plannedWindows)];
  },
  windowDispersion: ({ windows, ratio }) => {
    const spread = windows.reduce(
      (state, [candidateEvents, events, candidateShare]) =>
        addToSpread(state, { candidateEvents, events, candidateShare }, ratio),
      emptySpread,
    );
    return [dispersionOfWindows(spread)];
  },
  sequence: ({ alpha, plannedSize, nullValue, ...estimate }) => {
    const settings = { alpha, plannedSize };
    const [two, one] = [twoSidedInterval(estimate, settings), oneSidedBounds(estimate, settings)];
    return [two.lower, two.upper, one.lower, one.upper, sequenceEvidence(estimate, settings, nullValue).logE];
  },
  difference: ({ stages, kind, scale }) => {
    const totals = stages.map(([baseline, candidate]) => {
      return { baseline: total(baseline), candidate: total(candidate) };
    });
    const found = differ(totals, { kind, scale });
    return found === null ? [null, null, null] : [found.estimate, found.standardError, found.size];
  },
  byUser: ({ stages, kind, scale }) => {
    const totals = stages.map(([baseline, candidate]) => {
      return { baseline: totalByUser(baseline), candidate: totalByUser(candidate) };
    });
    const found = differ(totals, { kind, scale });
    const dispersion = dispersionOfCounts(totals);
    return found === null
      ? [null, null, null, dispersion]
      : [found.estimate, found.standardError, found.size, dispersion];
  },
  winsorised: ({ stages, cap }) => {
    const totals = stages.map(([baseline, candidate]) => {
      return { baseline: cappedTotal(baseline, cap), candidate: cappedTotal(candidate, cap) };
    });
    const found = differ(totals, { kind: 'mean', scale: 'absolute' });
    const arms = (['baseline', 'candidate'] as const).flatMap((arm) => {
      const all = totalOf(totals, arm);
      return [effectiveCount(all), weightOf(all, cap)];
    });
    return found === null ? [] : [found.estimate, found.standardError, found.size, ...arms];
  },
  reportedPercentile: ({ requests, nonZero, zeros, percent }) => [
    reportedPercentile({ requests, values: nonZero + zeros, nonZero }, percent),
  ],
  sampleRatio: ({ counts, shares, concentration }) => [logBayesFactor(counts, shares, concentration)],
  oneSided: ({ share, concentration, ...counted }) =>
    (['above', 'below'] as const).map((side) => logOneSidedEvidence(counted, share, concentration, side)),
  higherRate: ({ baseline: [n, events], candidate: [m, hits] }) => [
    probabilityHigherRate({ n, events }, { n: m, events: hits }),
  ],
  higherMean: (estimate) => [probabilityHigherMean(estimate)],
};

/** From the statistics that CloudWatch has of these values. */
function cappedTotal(values: number[], cap: number): ArmTotals {
  const within = values.filter((value) => value <= cap);
  const all = total(values);
  const sums = winsorise(
    {
      sum: all.sum,
      count: values.length,
      minimum: Math.min(...values),
      maximum: Math.max(...values),
      above: values.length - within.length,
      within: total(within).sum,
      squares: all.sumSquares,
      squaresCount: values.length,
      squaresWithin: total(within).sumSquares,
    },
    cap,
  );
  return { n: values.length, ...(sums ?? assert.fail('unknown sums')) };
}

function total(values: number[]): ArmTotals {
  const sum = (of: (value: number) => number) => values.reduce((before, value) => before + of(value), 0);
  return { n: values.length, sum: sum((value) => value), sumSquares: sum((value) => value * value) };
}

function totalByUser(users: [number, number, number][]): ArmTotals {
  const sum = (of: (user: [number, number, number]) => number) =>
    users.reduce((before, user) => before + of(user), 0);
  const [n, events, first] = [sum(([t]) => t), sum(([, e]) => e), sum(([, , one]) => one)];
  return {
    ...{ n, sum: events, sumSquares: events },
    users: {
      trials: sum(([t]) => t * t),
      total: sum(([, e]) => e * e),
      product: sum(([t, e]) => t * e),
      processes: first ** 2 + (n - first) ** 2,
    },
  };
}

describe('statistics against the Python reference', () => {
  let folder: string;
  let reference: Record<Kind, Results[]>;
  before(async function () {
    this.timeout(600_000);
    folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const file = path.join(folder, 'cases.json');
    await writeFile(file, JSON.stringify(cases));
    const { python } = await pythonEnv();
    const script = fileURLToPath(new URL('statistics.py', import.meta.url));
    reference = JSON.parse(await runTool(python, [script, file])) as Record<Kind, Results[]>;
  });
  after(() => rm(folder, { recursive: true }));

  for (const kind of Object.keys(cases) as Kind[])
    it(`${kind}: random cases -> equal to the reference to nine digits`, () => compare(kind));

  function compare<K extends Kind>(kind: K): void {
    const of: readonly Cases[K][number][] = cases[kind];
    assert.equal(reference[kind].length, of.length);
    for (const [i, one] of of.entries()) {
      const [actual, expected] = [ours[kind](one), reference[kind][i]!];
      const isClose = actual.map((value, j) => isNear(value, expected[j]!));
      assert.ok(
        !isClose.includes(false),
        `${JSON.stringify(one)}: ${String(actual)} is not ${String(expected)}`,
      );
    }
  }
});

/** Within 1e-9, absolute below 1 and relative above. */
function isNear(actual: number | null, expected: number | null): boolean {
  if (actual === null || expected === null) return actual === expected;
  return Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}
