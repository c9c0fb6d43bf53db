/**
 * The windows since the time at which harm has probably begun, as in a CUSUM: windows that speak against harm end the
 * earlier ones. People see their rates. Plain JSON; no I/O, no clock.
 */
import {
  addWindow,
  emptyCountTest,
  logEvidenceAtMargin,
  type CountTest,
  type CountWindow,
} from '../statistics/count-test.js';

/** The counts of a period. */
export interface CountedPeriod {
  test: CountTest;
  /** Mantel-Haenszel weight of the requests. The test's weighted events divided by this give the two rates. */
  weight: number;
}

export interface SuspectedHarm extends CountedPeriod {
  /** ISO 8601: start of the first window. */
  from: string;
  /** ln of the weight of this beginning (harm-detector.ts). */
  logWeight: number;
}

export interface CountedWindow extends CountWindow {
  /** Requests of both models. */
  requests: number;
}

export function addToPeriod({ test, weight }: CountedPeriod, window: CountedWindow): CountedPeriod {
  const { requests, candidateShare } = window;
  return {
    test: addWindow(test, window),
    weight: weight + requests * candidateShare * (1 - candidateShare),
  };
}

/** Null: the latest data speaks against harm. `begin`: of a period that begins with this window. */
export function addToSuspected(
  before: SuspectedHarm | null,
  window: CountedWindow,
  begin: Pick<SuspectedHarm, 'from' | 'logWeight'>,
  settings: CountTest['settings'],
): SuspectedHarm | null {
  const { from, logWeight, test, weight } = before ?? { ...begin, test: emptyCountTest(settings), weight: 0 };
  const period = addToPeriod({ test: { ...test, settings }, weight }, window);
  return logEvidenceAtMargin(period.test, 'above') > 0 ? { from, logWeight, ...period } : null;
}
