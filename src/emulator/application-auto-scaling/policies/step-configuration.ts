import { validationError } from '../../http/service-error.js';
import { quotaExceeded } from '../targets/scalable-resource.js';
import type { CheckedStepConfiguration, ScalingPolicy, StepConfiguration } from '../scaling-state.js';

type StepAdjustmentRequest = CheckedStepConfiguration['StepAdjustments'][number];

/** Quota "StepAdjustmentRequest adjustments per step scaling policy". */
const mostSteps = 20;

/**
 * The new configuration of a policy. The rules for the intervals are those of
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export function checkStepConfiguration(
  given: StepConfiguration | undefined,
  known: ScalingPolicy | undefined,
): CheckedStepConfiguration {
  const before = known?.type === 'StepScaling' ? known.configuration : undefined;
  const configuration = given ?? before;
  if (!configuration) throw validationError('StepScalingPolicyConfiguration must be specified');
  const AdjustmentType = configuration.AdjustmentType ?? before?.AdjustmentType;
  const StepAdjustments = configuration.StepAdjustments ?? before?.StepAdjustments ?? [];
  if (!AdjustmentType) throw validationError('AdjustmentType must be specified');
  if (StepAdjustments.length === 0) throw validationError('At least one step adjustment must be specified');
  if (StepAdjustments.length > mostSteps)
    throw quotaExceeded(`A step scaling policy can have at most ${mostSteps} step adjustments.`);
  if ((configuration.Cooldown ?? 0) < 0) throw validationError('Cooldown cannot be negative');
  if (configuration.MinAdjustmentMagnitude !== undefined && AdjustmentType !== 'PercentChangeInCapacity')
    throw validationError('MinAdjustmentMagnitude can only be specified with PercentChangeInCapacity');
  if (AdjustmentType === 'ExactCapacity' && StepAdjustments.some((step) => step.ScalingAdjustment < 0))
    throw validationError('ScalingAdjustment cannot be negative for ExactCapacity');
  checkIntervals(StepAdjustments);
  return { ...configuration, AdjustmentType, StepAdjustments };
}

export function lowerOf({ MetricIntervalLowerBound = -Infinity }: StepAdjustmentRequest): number {
  return MetricIntervalLowerBound;
}

export function upperOf({ MetricIntervalUpperBound = Infinity }: StepAdjustmentRequest): number {
  return MetricIntervalUpperBound;
}

function checkIntervals(steps: StepAdjustmentRequest[]): void {
  const ordered = [...steps].sort((a, b) => lowerOf(a) - lowerOf(b));
  for (const [index, step] of ordered.entries()) {
    const next = ordered[index + 1];
    if (lowerOf(step) >= upperOf(step))
      throw validationError('The upper bound of a step adjustment must be greater than its lower bound');
    if (next && upperOf(step) > lowerOf(next))
      throw validationError("StepAdjustmentRequest adjustment intervals can't overlap");
    if (next && upperOf(step) < lowerOf(next))
      throw validationError('There is a gap between the step adjustment intervals');
  }
  const lowest = Math.min(...steps.map(lowerOf));
  const highest = Math.max(...steps.map(upperOf));
  if (lowest < 0 && lowest !== -Infinity)
    throw validationError('With a negative lower bound, one step adjustment needs an empty lower bound');
  if (highest > 0 && highest !== Infinity)
    throw validationError('With a positive upper bound, one step adjustment needs an empty upper bound');
}
