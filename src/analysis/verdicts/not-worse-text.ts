/** Messages of comparison guardrails: the rates of both models, their ratio, its interval and the tolerated ratio. */
import { ratioOf } from '../statistics/count-test.js';
import { formatApart } from './formatted-numbers.js';
import type { CountedPeriod } from './suspected-harm.js';

export interface ShownRatio {
  period: CountedPeriod;
  /** ISO 8601: start of the period. Null: the first window. */
  since: string | null;
  interval: { lower: number; upper: number | null };
  /** The tolerated ratio. */
  tolerated: number;
}

/**
 * `: candidate 1.31 %, baseline 1.02 %, ratio 1.28 [0.97, 1.69]; CONCLUSION the tolerated 1.1`. With `since`:
 * `: since 2026-11-09 04:00 UTC candidate 2.1 %, ...`.
 */
export function describeNotWorse(shown: ShownRatio, conclusion: string): string {
  const { period, since, interval, tolerated } = shown;
  const ratio = ratioOf(period.test);
  const texts = formatKnown([ratio, interval.lower, interval.upper, tolerated]);
  const span = `[${texts[1]}, ${texts[2] ?? 'no upper bound'}]`;
  return `: ${sinceText(since)}${describeRates(period)}, ratio ${texts[0] ?? 'unknown'} ${span}; ${conclusion} the tolerated ${texts[3]}`;
}

function describeRates({ test, weight }: CountedPeriod): string {
  const { candidate, baseline } = test.weighted;
  const percentOf = (events: number) => (weight === 0 ? 0 : (100 * events) / weight);
  const [first, second] = formatApart([percentOf(candidate), percentOf(baseline)]);
  return `candidate ${first} %, baseline ${second} %`;
}

function sinceText(since: string | null): string {
  return since === null ? '' : `since ${since.slice(0, 16).replace('T', ' ')} UTC `;
}

/** Null for null. */
function formatKnown(values: readonly (number | null)[]): (string | null)[] {
  const texts = formatApart(values.filter((value) => value !== null));
  return values.map((value) => (value === null ? null : (texts.shift() ?? null)));
}
