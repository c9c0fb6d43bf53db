/** Weights as SageMaker keeps them: 32-bit floats without a unit, whose ratio is the traffic share. */
import type { VariantObservation } from '../interface/endpoint.js';

/** Equal within what a 32-bit float can hold: 99.9 reads back as 99.90000152587890625. */
export function isSameWeight(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
}

/** Nothing is under way: what the variant has is what it was asked to have. */
export function isSettled(variant: VariantObservation): boolean {
  return (
    isSameWeight(variant.currentWeight, variant.desiredWeight) &&
    variant.currentCount === variant.desiredCount
  );
}

/** Equal in percent, within the rounding of 32-bit weights; far below the smallest share of 0.1 %. */
export function isSameShare(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-3;
}
