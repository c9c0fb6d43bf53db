/** Reproducible random cases for the reference. The cases of each kind are arguments of a function in statistics.py. */
import fc from 'fast-check';

const seed = 20261102;
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

const countWindow = fc
  .record({ events: fc.nat(500), ratio: between(0.3, 3), share: between(0.01, 0.99) })
  .map(({ events, ratio, share }): [number, number, number] => {
    return [Math.round((events * share * ratio) / (1 - share + share * ratio)), events, share];
  });

const countTest = fc.record({
  windows: fc.array(countWindow, { maxLength: 10 }),
  margin: between(0, 3),
  dispersion: between(1, 8),
  alpha: between(0.001, 0.2),
});

const windowDispersion = fc.record({
  windows: fc.array(countWindow, { maxLength: 30 }),
  ratio: between(0.1, 10),
});

/** In some cases the windows take longer than planned. */
const harm = fc
  .record({
    windows: fc.array(fc.tuple(countWindow, fc.integer({ min: 60, max: 7_200 })), { maxLength: 15 }),
    margin: between(0, 3),
    dispersion: between(1, 8),
    watchedSeconds: fc.integer({ min: 3_600, max: 1_209_600 }),
  })
  .map(({ windows, ...rest }) => {
    type Window = [events: number, ofBoth: number, share: number, seconds: number];
    return { ...rest, windows: windows.map(([counted, seconds]): Window => [...counted, seconds]) };
  });

const rateWindow = fc
  .record({ requests: fc.integer({ min: 1, max: 5_000 }), ratio: between(0, 5) })
  .map(({ requests, ratio }): [number, number] => [requests, ratio]);

/** Rates around the bound. Windows of [requests, events]. */
const rateTest = fc
  .record({
    windows: fc.array(rateWindow, { minLength: 1, maxLength: 40 }),
    bound: between(0.0005, 0.3),
    dispersion: between(1, 8),
    plannedWindows: fc.integer({ min: 40, max: 20_000 }),
  })
  .map(({ windows, bound, ...others }) => {
    const counted = windows.map(([requests, ratio]): [number, number] => [
      requests,
      Math.round(requests * Math.min(1, bound * ratio)),
    ]);
    return { windows: counted, bound, ...others };
  });

const sequence = fc.record({
  estimate: between(-10, 10),
  standardError: between(0.01, 10),
  size: between(2, 1e7),
  alpha: between(1e-4, 0.2),
  plannedSize: between(100, 1e6),
  nullValue: between(-1, 1),
});

const values = (kind: 'proportion' | 'mean') => {
  const value = kind === 'mean' ? fc.integer({ min: -100, max: 1000 }) : fc.nat(1);
  return fc.array(value, { minLength: 2, maxLength: 40 }).filter((all) => new Set(all).size > 1);
};
const differenceOf = (kind: 'proportion' | 'mean') =>
  fc.record({
    stages: fc.array(fc.tuple(values(kind), values(kind)), { minLength: 1, maxLength: 4 }),
    kind: fc.constant(kind),
    scale: fc.constantFrom('absolute' as const, 'relative' as const),
  });

/** Trials and events of one user, and the trials of each process that counted them. */
const user = fc
  .record({ trials: fc.integer({ min: 1, max: 30 }), part: between(0, 1), first: between(0.2, 1) })
  .map(({ trials, part, first }): [number, number, number] => [
    trials,
    Math.round(trials * part),
    Math.round(trials * first),
  ]);
const usersOfArm = fc
  .array(user, { minLength: 3, maxLength: 30 })
  .filter((all) => all.some(([, events]) => events > 0) && all.some(([n, events]) => events < n));
const byUser = fc.record({
  stages: fc.array(fc.tuple(usersOfArm, usersOfArm), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('proportion' as const, 'ratio' as const),
  scale: fc.constantFrom('absolute' as const, 'relative' as const),
});

const amounts = fc
  .array(fc.oneof(fc.constant(0), between(0.01, 1000)), { minLength: 2, maxLength: 40 })
  .filter((all) => new Set(all.map((value) => Math.min(value, 10))).size > 1);
const winsorised = fc.record({
  stages: fc.array(fc.tuple(amounts, amounts), { minLength: 1, maxLength: 4 }),
  cap: between(10, 900),
});
const reportedPercentile = fc.record({
  requests: fc.integer({ min: 1000, max: 1e6 }),
  nonZero: fc.integer({ min: 1, max: 900 }),
  zeros: fc.nat(100),
  percent: fc.constantFrom(99.9, 99, 95.5),
});

const shares = fc.array(between(0.01, 1), { minLength: 2, maxLength: 4 }).map((parts) => {
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
});
const sampleRatio = fc
  .record({ shares, concentration: between(1, 1000) })
  .chain(({ shares: chosen, concentration }) =>
    fc
      .array(fc.nat(10_000), { minLength: chosen.length, maxLength: chosen.length })
      .map((counts) => ({ counts, shares: chosen, concentration })),
  );

/** Close enough to the share that the smaller side is more than a rounding error. */
const oneSided = fc
  .record({
    n: fc.integer({ min: 1, max: 2000 }),
    share: between(0.01, 0.99),
    concentration: between(1, 1000),
    z: between(-5, 5),
  })
  .map(({ n, share, concentration, z }) => {
    const x = Math.round(n * share + z * Math.sqrt(n * share * (1 - share)));
    return { x: Math.min(n, Math.max(0, x)), n, share, concentration };
  });

const conversions = fc
  .record({ n: fc.nat(1000), part: between(0, 1) })
  .map(({ n, part }): [number, number] => [n, Math.floor(n * part)]);
const higherRate = fc.record({ baseline: conversions, candidate: conversions });
const higherMean = fc.record({ estimate: between(-5, 5), standardError: between(0.5, 5) });

const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { seed, numRuns: count });

export const cases = {
  countTest: sample(countTest, 30),
  harm: sample(harm, 60),
  rateTest: sample(rateTest, 100),
  windowDispersion: sample(windowDispersion, 100),
  sequence: sample(sequence, 200),
  difference: [...sample(differenceOf('proportion'), 60), ...sample(differenceOf('mean'), 60)],
  byUser: sample(byUser, 120),
  winsorised: sample(winsorised, 100),
  reportedPercentile: sample(reportedPercentile, 100),
  sampleRatio: sample(sampleRatio, 100),
  oneSided: sample(oneSided, 100),
  higherRate: sample(higherRate, 100),
  higherMean: sample(higherMean, 100),
};

export type Cases = typeof cases;
export type Kind = keyof Cases;
