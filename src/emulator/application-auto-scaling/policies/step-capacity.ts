import type { MetricAlarm } from '../../cloudwatch/alarms/alarm-state.js';
import type { CheckedStepConfiguration } from '../scaling-state.js';
import { lowerOf, upperOf } from './step-configuration.js';

/** The capacity that a policy starts from, and the newest datapoint of the alarm. */
export interface CapacityReading {
  present: number;
  metric: number;
}

/**
 * The capacity by the step for the distance between metric and threshold, or null. Source of the bounds: botocore,
 * StepAdjustment.
 */
export function stepCapacity(
  configuration: CheckedStepConfiguration,
  { request }: MetricAlarm,
  { present, metric }: CapacityReading,
): number | null {
  const distance = metric - (request.Threshold ?? 0);
  const isAbove = distance >= 0;
  const step = configuration.StepAdjustments.find((each) =>
    isAbove
      ? distance >= lowerOf(each) && distance < upperOf(each)
      : distance > lowerOf(each) && distance <= upperOf(each),
  );
  if (!step) return null;
  const { AdjustmentType, MinAdjustmentMagnitude = 1 } = configuration;
  const { ScalingAdjustment } = step;
  if (AdjustmentType === 'ExactCapacity') return ScalingAdjustment;
  if (AdjustmentType === 'ChangeInCapacity') return present + ScalingAdjustment;
  return present + percentOf(present, ScalingAdjustment, MinAdjustmentMagnitude);
}

/**
 * Rounded as the user guide says (step-scaling-policy-overview, "Scaling adjustment types"): towards zero above 1, and
 * away from it below, so that a change changes something.
 */
function percentOf(present: number, percent: number, least: number): number {
  if (percent === 0) return 0;
  const change = Math.trunc((present * percent) / 100);
  return Math.sign(percent) * Math.max(least, Math.abs(change));
}
