import type { Role } from '../../plan/compiled/names.js';
import type { FallbackReason } from '../sagemaker/fallback.js';
import type { Reason } from './assignment.js';

/** One side of one rollout's comparison. */
export interface ExposureArm {
  endpoint: string;
  rolloutId: string;
  role: Role;
}

/** One invocation: the user, the arm that served the user, and the result. */
export interface Exposure {
  atMs: number;
  /** In lower case. */
  endpoint: string;
  /** Null if the switch knew no rollout of the endpoint. */
  rolloutId: string | null;
  role: Role;
  /** The split under which the arm was chosen. Null if the switch knew none. */
  split: { sequence: number; candidateShare: number } | null;
  variant: string | null;
  reason: Reason;
  user: string | null;
  inferenceId: string;
  /** The status that the client got. */
  status: number;
  /** The assigned arm returned 5xx or ModelError, or no response. A second attempt does not change this. */
  hasFailed: boolean;
  /** Until the end of the response, including a second attempt. */
  latencyMs: number;
  fallback: FallbackReason | null;
}

/**
 * Only an arm that was chosen by the hash and that served the request counts. Anything else would bias the comparison.
 * If the baseline served the request after a failure of the candidate, the failure still counts for the candidate.
 */
export function isCounted({ reason, fallback }: Exposure): boolean {
  return reason === 'bucket' && (fallback === null || fallback === 'candidateFailed');
}

/** The client or the configuration chose the arm, not the hash. */
export function isForced({ reason }: Exposure): boolean {
  return reason === 'tester' || reason === 'cohort' || reason === 'named';
}

export interface UserOutcome {
  inferenceId: string;
  conversion: boolean;
  value: number;
}
