/** Changes that make a rule decide within the plan. Each change is tried on its own. */
import { decisionTimeOf, type TestQuestion } from './decision-time.js';
import type { Conditions, Period } from './polls.js';

/**
 * Values at which nine in ten rollouts decide within the plan. Null: this change alone is not enough, within limits.
 */
export interface Suggestions {
  /** Relative effect, as in the question. Null also if the question has no effect. */
  minEffect: number | null;
  /** Total watched seconds, if the most informative period is longer. */
  seconds: number | null;
  /** The candidate's share, 0 to 1, in the most informative period. */
  share: number | null;
  requestsPerHour: number | null;
}

/** Fewer runs than for a forecast, because these figures are rounded. */
const runs = 150;
const limits = { effect: 9, times: 64, traffic: 1_024 };
const shares = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5];

export function suggestChanges(question: TestQuestion, conditions: Conditions): Suggestions {
  const best = mostInformative(conditions.periods);
  if (best === null) return { minEffect: null, seconds: null, share: null, requestsPerHour: null };
  const decides = (changed: TestQuestion, changedConditions: Conditions) =>
    decisionTimeOf(changed, changedConditions, runs).maxSeconds !== null;
  const change = (period: Partial<Period>): Conditions => {
    const periods = conditions.periods.map((old, i) => (i === best.index ? { ...old, ...period } : old));
    return { ...conditions, periods };
  };
  const { candidate, baseline, seconds } = best.period;
  const divided = Math.abs(baseline + candidate - 1) < 1e-9;
  return {
    minEffect: minEffectOf(question, (changed) => decides(changed, conditions)),
    seconds: decisionTimeOf(question, change({ seconds: seconds * limits.times }), runs).maxSeconds,
    share:
      shares.find(
        (share) =>
          divided &&
          share > candidate &&
          decides(question, change({ baseline: 1 - share, candidate: share })),
      ) ?? null,
    requestsPerHour: scaled(
      conditions.requestsPerHour,
      minFactor(limits.traffic, (factor) =>
        decides(question, { ...conditions, requestsPerHour: factor * conditions.requestsPerHour }),
      ),
    ),
  };
}

function scaled(value: number, factor: number | null): number | null {
  return factor === null ? null : value * factor;
}

/** The period with the most evidence, which depends on its length and on how even its split is. */
function mostInformative(periods: readonly Period[]): { index: number; period: Period } | null {
  const informationOf = ({ seconds, baseline, candidate }: Period) =>
    (seconds * baseline * candidate) / (baseline + candidate || 1);
  return periods.reduce<{ index: number; period: Period } | null>((best, period, index) => {
    const least = best === null ? 0 : informationOf(best.period);
    return informationOf(period) > least ? { index, period } : best;
  }, null);
}

function minEffectOf(question: TestQuestion, decides: (changed: TestQuestion) => boolean): number | null {
  if (question.kind === 'notWorse' || question.effect === 0) return null;
  const { effect } = question;
  // Slightly less, so that rounding never lifts a rate above 1.
  const maxFactor = (Math.min(limits.effect, maxEffect(question)) / effect) * (1 - 1e-9);
  return scaled(
    effect,
    minFactor(maxFactor, (factor) => decides({ ...question, effect: effect * factor })),
  );
}

/** A rate is at most 1, and a value can fall by at most 100 %. */
function maxEffect(question: Exclude<TestQuestion, { kind: 'notWorse' }>): number {
  if (question.kind === 'worse') return 1 / question.baseRate - 1;
  const { higherIsBetter, kind } = question.rule;
  if (!higherIsBetter) return 1;
  return kind === 'proportion' ? 1 / question.base.mean - 1 : Infinity;
}

/** The smallest sufficient factor up to `maxFactor`, by doubling and then bisection. Accurate to 3 %. */
function minFactor(maxFactor: number, isEnough: (factor: number) => boolean): number | null {
  let [low, high] = [1, 1];
  do {
    if (high >= maxFactor) return null;
    low = high;
    high = Math.min(maxFactor, 2 * high);
  } while (!isEnough(high));
  while (high / low > 1.03) {
    const middle = Math.sqrt(low * high);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
