/** What an experiment is decided by, and how sure a comparison must be. */
import type { MetricSeries } from './guardrail.js';

/** How often all comparisons of a rollout together may be wrong, at all looks together. */
export interface JudgingPlan {
  /** A guardrail rolls back a candidate that is not worse: all comparison guardrails together, in percent. */
  falseAlarmPercent: number;
  /** A goal decides wrongly: all goals together, in percent. */
  wrongDecisionPercent: number;
  /** Requests of both models at which a goal is expected to decide: its interval is narrowest there. */
  plannedSize: number;
}

export const defaultJudging: JudgingPlan = {
  falseAlarmPercent: 1,
  wrongDecisionPercent: 5,
  plannedSize: 5_000,
};

/** What an experiment is decided by; placeholders as in ComparisonGuardrail. */
export interface Goal {
  id: string;
  label: string;
  kind: 'proportion' | 'mean';
  higherIsBetter: boolean;
  /** `total`: conversions, or the sum of a value. `squares`: sum of squared values, for a mean only. */
  total: MetricSeries;
  squares: MetricSeries | null;
  trials: MetricSeries;
  windowSeconds: number;
  dataDelaySeconds: number;
  /** Absent: to be better, by whatever little. */
  target?: GoalTarget;
  /** Variance of the counts over that of independent trials; absent: not said, and taken for 1. */
  dispersion?: number;
}

/** What decides a goal for the candidate: a gain above `byPercent`, or a loss surely below it. Relative to the baseline. */
export type GoalTarget = { kind: 'better' | 'notWorse'; byPercent: number };
