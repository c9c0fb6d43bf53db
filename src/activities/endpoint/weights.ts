/** SageMaker's weights: 32-bit floats without a unit. Their ratio is the traffic share. */
import type { VariantObservation } from '../interface/endpoint.js';

/** Equal within the precision of a 32-bit float: SageMaker returns 99.9 as 99.90000152587890625. */
export function isSameWeight(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
}

/** The variant has its desired weight and count, so no change is in progress. */
export function isSettled(variant: VariantObservation): boolean {
  return (
    isSameWeight(variant.currentWeight, variant.desiredWeight) &&
    variant.currentCount === variant.desiredCount
  );
}

/**
 * Shares in percent, equal within the rounding of 32-bit weights. The tolerance is far below the minimum share
 * of 0.1 %.
 */
export function isSameShare(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-3;
}
