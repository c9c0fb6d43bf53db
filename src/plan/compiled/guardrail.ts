/** The rules that can end a rollout, and the metrics that they read. */

/** A rule that can end the rollout. `id` is unique within the plan and stable. */
export type Guardrail = (AlarmGuardrail | CandidateAlarmGuardrail | WindowedGuardrail) & OnFail;

/** `report`: its failure is reported once, and the rollout continues. Absent: it rolls back. */
export interface OnFail {
  onFail?: 'report';
}

/** Judged by windows of metrics. */
export type WindowedGuardrail = BoundGuardrail | ComparisonGuardrail;

export function isWindowed(rule: Guardrail): rule is WindowedGuardrail {
  return rule.kind !== 'alarm' && rule.kind !== 'candidateAlarm';
}

/** Whether the rule is a statistical test, which can raise a false alarm with a known chance. */
export function isTested(rule: Guardrail): boolean {
  return rule.kind === 'comparison' || (rule.kind === 'bound' && rule.rule.kind === 'rate');
}

/** The state of an alarm in CloudWatch. `asDefined`: also of an alarm that cannot see the candidate. Absent: false. */
export interface AlarmGuardrail {
  kind: 'alarm';
  id: string;
  alarmName: string;
  asDefined?: boolean;
}

/** The rule of an alarm in CloudWatch, on the metrics of the candidate's variant. */
export interface CandidateAlarmGuardrail {
  kind: 'candidateAlarm';
  id: string;
  alarmName: string;
  /** The endpoint whose variant the alarm's own metrics name. */
  endpoint: string;
}

/**
 * The candidate must not be worse than the baseline. Dimension values of the series can contain the placeholders
 * `{endpoint}`, `{variant}`, `{role}` and `{rolloutId}`, which are replaced for each arm.
 */
export interface ComparisonGuardrail {
  kind: 'comparison';
  id: string;
  label: string;
  /** Count of bad events, and count of the trials that they are part of. */
  events: MetricSeries;
  trials: MetricSeries;
  /** Present: the windows measure the dispersion by user, and `dispersion` does not count. */
  byUser?: UserSeries;
  /** The candidate's rate may exceed the baseline's by this much, relative to it. Percent. */
  marginPercent: number;
  /** Variance divided by mean of the events in history; 1 if events are independent. */
  dispersion: number;
  /**
   * True: a bake ends only with proof that the rate is within the margin. False or absent: without evidence of harm.
   */
  mustBeProven?: boolean;
  /** A candidate's rate that is proven to be under this is not worse, at any ratio. Null or absent: no such rate. */
  negligiblePercent?: number | null;
  windowSeconds: number;
  dataDelaySeconds: number;
}

/**
 * `rate`: a rate of requests, which CloudWatch gives as two counts. It fails by the evidence of all windows.
 * `windows`: fails if `failures` of the latest `of` windows are out of the bound.
 */
export type BoundRule =
  | {
      kind: 'rate';
      /** Variance divided by mean of the events in history; 1 if events are independent. */
      dispersion: number;
    }
  | { kind: 'windows'; failures: number; of: number };

export interface BoundGuardrail {
  kind: 'bound';
  id: string;
  /** For people, e.g. `error rate`. */
  label: string;
  metric: Metric;
  direction: 'below' | 'above';
  /** In `metric.unit`. */
  bound: number;
  rule: BoundRule;
  /** A window with fewer requests than this is judged together with the next window. */
  minimumRequests: number;
  windowSeconds: number;
  /** Delay after a window's end until its data counts as complete. */
  dataDelaySeconds: number;
}

/** Whether CloudWatch has the counts of a rate: a bound in percent on a quotient. */
export function hasCounts({ metric }: BoundGuardrail): boolean {
  return metric.expression === undefined && metric.denominator !== null && metric.unit === 'percent';
}

/** A metric of the candidate, read from CloudWatch and multiplied by `scale` to be in `unit`. */
export type Metric = StatisticMetric | ExpressionMetric;

interface InUnit {
  unit: 'percent' | 'ms' | 'none';
  scale: number;
}

export interface StatisticMetric extends InUnit {
  numerator: MetricSeries;
  /** Present for a ratio; null for a plain statistic. */
  denominator: MetricSeries | null;
  expression?: undefined;
}

/** Metric math over `operands`, by their ids. CloudWatch computes it. */
export interface ExpressionMetric extends InUnit {
  expression: string;
  operands: Record<string, MetricSeries>;
}

/** Sums over users, or over buckets of users, for the variance of `total` among `trials`. See user-dispersion.ts. */
export interface UserSeries {
  trials: MetricSeries;
  total: MetricSeries;
  product: MetricSeries;
  processes: MetricSeries;
}

export interface MetricSeries {
  namespace: string;
  name: string;
  /**
   * CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount, p0.0 to p100, or TC(low:), the count of values
   * above `low`.
   */
  stat: string;
  dimensions: Record<string, string>;
}
