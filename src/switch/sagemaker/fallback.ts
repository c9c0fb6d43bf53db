/** Chooses the second target of a request after a failure. Pure. */
import type { Split, SplitTarget } from '../../plan/split/split.js';
import type { Assignment } from '../assignment/assignment.js';

export type FallbackReason = 'variantGone' | 'endpointGone' | 'candidateFailed';

export interface Fallback {
  target: SplitTarget;
  reason: FallbackReason;
}

export interface Failure {
  status: number;
  /** Body of the response. */
  text: string;
}

/** At most once for a request. Null: the client gets the response as it is. */
export function fallbackOf(
  { status, text }: Failure,
  { role, target, reason }: Assignment,
  split: Split | null,
  retryOnBaseline: boolean,
): Fallback | null {
  if (split === null || reason === 'named') return null;
  if (status === 400) return fallbackOfMissing(text, target, split);
  const baseline = split.targets.baseline;
  const hasFailed = status >= 500 || status === modelError;
  return retryOnBaseline && hasFailed && role === 'candidate' && baseline !== null
    ? { target: baseline, reason: 'candidateFailed' }
    : null;
}

/** SageMaker's status if the model's container failed or returned an error. */
const modelError = 424;

/**
 * The rollout has ended and the switch has not read that yet, or someone changed the endpoint by hand. If SageMaker
 * rejects the request itself, its message names neither the variant nor the endpoint.
 */
function fallbackOfMissing(text: string, target: SplitTarget, { targets }: Split): Fallback | null {
  if (target.variant !== null && names(text, target.variant))
    return { target: { endpoint: target.endpoint, variant: null }, reason: 'variantGone' };
  const other = [targets.baseline, targets.candidate].find(
    (found) => found !== null && found.endpoint !== target.endpoint,
  );
  if (other && /not found|could not find/i.test(text) && names(text, target.endpoint))
    return { target: other, reason: 'endpointGone' };
  return null;
}

/** Compares whole words, because one name can be part of another: names have hyphens. */
function names(text: string, name: string): boolean {
  return text.split(/[^A-Za-z0-9-]+/).some((word) => word.toLowerCase() === name.toLowerCase());
}
