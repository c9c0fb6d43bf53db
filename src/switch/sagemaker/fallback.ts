/** What is asked next where an answer is not one for the user. Pure. */
import type { Split, SplitTarget } from '../../plan/split/split.js';
import type { Assignment } from '../assignment/assignment.js';

export type FallbackReason = 'variantGone' | 'endpointGone' | 'candidateFailed';

export interface Fallback {
  target: SplitTarget;
  reason: FallbackReason;
}

export interface Failure {
  status: number;
  /** The answer's body as text. */
  text: string;
}

/** Once for a request. Null: the answer goes to the user as it is. */
export function fallbackOf(
  { status, text }: Failure,
  { role, target, reason }: Assignment,
  split: Split | null,
  retryOnBaseline: boolean,
): Fallback | null {
  if (split === null || reason === 'named') return null;
  if (status === 400) return whereGone(text, target, split);
  const baseline = split.targets.baseline;
  const hasFailed = status >= 500 || status === modelError;
  return retryOnBaseline && hasFailed && role === 'candidate' && baseline !== null
    ? { target: baseline, reason: 'candidateFailed' }
    : null;
}

/** SageMaker's answer where the model's container failed or refused. */
const modelError = 424;

/**
 * The rollout has ended and nobody has said so yet, or the endpoint was changed behind its back. A refusal of the
 * request itself names neither the variant nor the endpoint.
 */
function whereGone(text: string, target: SplitTarget, { targets }: Split): Fallback | null {
  if (target.variant !== null && names(text, target.variant))
    return { target: { endpoint: target.endpoint, variant: null }, reason: 'variantGone' };
  const other = [targets.baseline, targets.candidate].find(
    (found) => found !== null && found.endpoint !== target.endpoint,
  );
  if (other && /not found|could not find/i.test(text) && names(text, target.endpoint))
    return { target: other, reason: 'endpointGone' };
  return null;
}

/** As a whole word: names have hyphens. */
function names(text: string, name: string): boolean {
  return text.split(/[^A-Za-z0-9-]+/).some((word) => word.toLowerCase() === name.toLowerCase());
}
