/** The goals of an experiment, and the error rates of the comparisons. */
import type { MetricSeries, UserSeries } from './guardrail.js';

/** Error rates of all tests of a rollout together, over all polls. */
export interface JudgingSettings {
  /** Chance in percent that any tested guardrail rolls back a candidate that it should pass. */
  falseAlarmPercent: number;
  /** Chance in percent that any goal decides wrongly. */
  wrongDecisionPercent: number;
  /** Requests of both models at which a goal is expected to decide. Its interval is narrowest there. */
  plannedSize: number;
}

export interface JudgingPlan extends JudgingSettings {
  /** Number of guardrails that share `falseAlarmPercent`: comparisons, and bounds that are tests. At least 1. */
  testedGuardrails: number;
  /** The longest time that the plan lets users have the candidate beside guardrails, without holds. */
  watchedSeconds: number;
}

export const defaultJudging: JudgingPlan = {
  falseAlarmPercent: 1,
  wrongDecisionPercent: 5,
  plannedSize: 5_000,
  testedGuardrails: 1,
  watchedSeconds: 3_600,
};

/**
 * Values above the cap count as the cap. `percentile`: of all requests' values on the first day, zeros included. `value`:
 * in the unit of the values.
 */
export type CapRule = { kind: 'percentile'; percent: number } | { kind: 'value'; value: number };

export const defaultCap: CapRule = { kind: 'percentile', percent: 99.9 };

/** A goal decides an experiment. Its series can have placeholders, as in ComparisonGuardrail. */
export interface Goal {
  id: string;
  label: string;
  /** `ratio`: any number of events for each trial, which is a user. */
  kind: 'proportion' | 'mean' | 'ratio';
  higherIsBetter: boolean;
  /** `total`: conversions, or the sum of a value. `squares`: sum of squared values, for a mean only. */
  total: MetricSeries;
  squares: MetricSeries | null;
  trials: MetricSeries;
  /** Present: the windows measure the variance by user. */
  byUser?: UserSeries;
  windowSeconds: number;
  dataDelaySeconds: number;
  /** How long after its trial a conversion can be counted. Absent: 0. */
  conversionDelaySeconds?: number;
  /** Absent: the candidate must be better, by any amount. */
  target?: GoalTarget;
  /** The rule by which the values of a mean are capped. Absent: `defaultCap`. */
  cap?: CapRule;
  /** Variance of the counts divided by that of independent trials. Absent: as `byUser` measures it, or 1. */
  dispersion?: number;
}

/**
 * The result that decides for the candidate, relative to the baseline: a gain above `byPercent`, or a loss proven to
 * be below it.
 */
export type GoalTarget = { kind: 'better' | 'notWorse'; byPercent: number };
