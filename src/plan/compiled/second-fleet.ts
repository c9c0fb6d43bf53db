/** Whether the last update starts another fleet of the candidate. Pure. */
import type { Plan } from './plan.js';

/**
 * The candidate keeps its fleet only under its own name on the same endpoint. SageMaker maintains the old fleet until the new
 * one serves: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html
 */
export function startsSecondFleet({ models, serve, topology }: Plan): boolean {
  if (models.baseline.kind === 'none') return false;
  return topology === 'endpoints' || serve.variantNames?.kind === 'stable';
}
