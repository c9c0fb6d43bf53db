/** What would make a rule decide that does not within the plan: each by itself, found by trying. */
import { decisionTimeOf, type TestQuestion } from './decision-time.js';
import type { Conditions, Period } from './polls.js';

/** Where nine in ten rollouts decide within the plan. Null: not by this alone, or not within reason. */
export interface Suggestions {
  /** Relative, as the question's; null also where the question has none. */
  minEffect: number | null;
  /** Watched seconds in all, with the longest time at the best share made longer. */
  seconds: number | null;
  /** The candidate's share, 0 to 1, in the period that tells most. */
  share: number | null;
  requestsPerHour: number | null;
}

/** Fewer than for a forecast: these figures are rounded anyway. */
const runs = 150;
const farthest = { effect: 9, times: 64, traffic: 1_024 };
const shares = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5];

export function suggestChanges(question: TestQuestion, conditions: Conditions): Suggestions {
  const told = mostInformative(conditions.periods);
  if (told === null) return { minEffect: null, seconds: null, share: null, requestsPerHour: null };
  const decides = (asked: TestQuestion, under: Conditions) =>
    decisionTimeOf(asked, under, runs).maxSeconds !== null;
  const change = (period: Partial<Period>): Conditions => {
    const periods = conditions.periods.map((old, i) => (i === told.index ? { ...old, ...period } : old));
    return { ...conditions, periods };
  };
  const { candidate, baseline, seconds } = told.period;
  const divided = Math.abs(baseline + candidate - 1) < 1e-9;
  return {
    minEffect: minEffectOf(question, (asked) => decides(asked, conditions)),
    seconds: decisionTimeOf(question, change({ seconds: seconds * farthest.times }), runs).maxSeconds,
    share:
      shares.find(
        (share) =>
          divided &&
          share > candidate &&
          decides(question, change({ baseline: 1 - share, candidate: share })),
      ) ?? null,
    requestsPerHour: scaled(
      conditions.requestsPerHour,
      minFactor(farthest.traffic, (factor) =>
        decides(question, { ...conditions, requestsPerHour: factor * conditions.requestsPerHour }),
      ),
    ),
  };
}

function scaled(value: number, factor: number | null): number | null {
  return factor === null ? null : value * factor;
}

/** The period that carries the most evidence: by its time and by how even its split is. */
function mostInformative(periods: readonly Period[]): { index: number; period: Period } | null {
  const telling = ({ seconds, baseline, candidate }: Period) =>
    (seconds * baseline * candidate) / (baseline + candidate || 1);
  return periods.reduce<{ index: number; period: Period } | null>((best, period, index) => {
    const least = best === null ? 0 : telling(best.period);
    return telling(period) > least ? { index, period } : best;
  }, null);
}

function minEffectOf(question: TestQuestion, decides: (asked: TestQuestion) => boolean): number | null {
  if (question.kind === 'notWorse' || question.effect === 0) return null;
  const { effect } = question;
  // A hair less: rounding must not lift a rate above 1.
  const maxFactor = (Math.min(farthest.effect, maxEffect(question)) / effect) * (1 - 1e-9);
  return scaled(
    effect,
    minFactor(maxFactor, (factor) => decides({ ...question, effect: effect * factor })),
  );
}

/** No rate exceeds 1, and nothing falls by more than all of it. */
function maxEffect(question: Exclude<TestQuestion, { kind: 'notWorse' }>): number {
  if (question.kind === 'worse') return 1 / question.baseRate - 1;
  const { higherIsBetter, kind } = question.rule;
  if (!higherIsBetter) return 1;
  return kind === 'proportion' ? 1 / question.base.mean - 1 : Infinity;
}

/** The least factor up to `most` that is enough, found by doubling and then by halving; good to 3 %. */
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
