/** The rules that may end a rollout, and the numbers that they read. */

/** A rule that may end the rollout. `id` is unique within the plan and stable. */
export type Guardrail =
  { kind: 'alarm'; id: string; alarmName: string } | BoundGuardrail | ComparisonGuardrail;

/**
 * The candidate must not be worse than the baseline. Dimension values of the series may hold `{endpoint}`, `{variant}`,
 * `{role}` and `{rolloutId}`, which stand for the arm's that is read.
 */
export interface ComparisonGuardrail {
  kind: 'comparison';
  id: string;
  label: string;
  /** Counts of what is bad, and of what it is counted among. */
  events: MetricSeries;
  trials: MetricSeries;
  /** How much worse, relative to the baseline's rate, is still allowed. Percent. */
  marginPercent: number;
  /** Variance over mean of the events, from history; 1 where they come one by one. */
  dispersion: number;
  /** A bake ends only with proof that the rate is within the margin. Else, and where absent: without evidence of harm. */
  mustBeProven?: boolean;
  /** A candidate's rate that is surely under this is not worse, whatever the ratio. Null or absent: no such rate. */
  negligiblePercent?: number | null;
  windowSeconds: number;
  dataDelaySeconds: number;
}

export interface BoundGuardrail {
  kind: 'bound';
  id: string;
  /** For people, e.g. `error rate`. */
  label: string;
  metric: Metric;
  direction: 'below' | 'above';
  /** In `metric.unit`. */
  bound: number;
  /** Fewer requests than this in a window, and it is judged together with the next. */
  minimumRequests: number;
  windowSeconds: number;
  /** How long after a window's end its data counts as complete. */
  dataDelaySeconds: number;
}

/** A number of the candidate's, read from CloudWatch and multiplied by `scale` to be in `unit`. */
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

/** Metric math over `operands`, by their ids; CloudWatch computes it. */
export interface ExpressionMetric extends InUnit {
  expression: string;
  operands: Record<string, MetricSeries>;
}

export interface MetricSeries {
  namespace: string;
  name: string;
  /** CloudWatch statistic: Sum, Average, Minimum, Maximum, SampleCount, p0.0 to p100; TC(low:), the count of values above `low`. */
  stat: string;
  dimensions: Record<string, string>;
}
