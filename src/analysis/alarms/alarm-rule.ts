/** The rule of a CloudWatch metric alarm, without the metric. Plain JSON. */

export type EvaluatedState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** CloudWatch's `ComparisonOperator`, without those of anomaly detection. */
export const alarmComparisons = {
  GreaterThanThreshold: { sign: '>', breaches: (value: number, threshold: number) => value > threshold },
  GreaterThanOrEqualToThreshold: {
    sign: '>=',
    breaches: (value: number, threshold: number) => value >= threshold,
  },
  LessThanThreshold: { sign: '<', breaches: (value: number, threshold: number) => value < threshold },
  LessThanOrEqualToThreshold: {
    sign: '<=',
    breaches: (value: number, threshold: number) => value <= threshold,
  },
};

/** CloudWatch's `TreatMissingData`. */
export const missingDataTreatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

export interface MetricAlarmRule {
  periodSeconds: number;
  /** N of "M out of N". */
  evaluationPeriods: number;
  /** M of "M out of N". */
  datapointsToAlarm: number;
  comparison: keyof typeof alarmComparisons;
  threshold: number;
  missingData: (typeof missingDataTreatments)[number];
  /**
   * With fewer samples in its datapoints, the alarm keeps its state. Null: any number decides. Source:
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
   */
  minimumSamples: number | null;
}

/** `samples`: how many values it is made of. Null: not read. */
export interface AlarmDatapoint {
  /** Start of its period, in milliseconds since the epoch. */
  atMs: number;
  value: number;
  samples: number | null;
}
