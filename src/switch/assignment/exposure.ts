import type { Role } from '../../plan/compiled/role.js';
import type { FallbackReason } from '../sagemaker/fallback.js';
import type { Reason } from './assignment.js';

/** One side of one rollout's comparison. */
export interface ExposureArm {
  endpoint: string;
  rolloutId: string;
  role: Role;
}

/** One invocation: who met which arm, and how it went. */
export interface Exposure {
  atMs: number;
  /** In lower case. */
  endpoint: string;
  /** Null where no rollout was known. */
  rolloutId: string | null;
  role: Role;
  variant: string | null;
  reason: Reason;
  user: string | null;
  inferenceId: string;
  /** As the client saw it. */
  status: number;
  /** The arm answered 5xx or ModelError, or not at all, whatever a second attempt brought. */
  hasFailed: boolean;
  /** Until the answer's end, a second attempt included. */
  latencyMs: number;
  fallback: FallbackReason | null;
}

/**
 * Only what the hash decided tells anything about the arms, where that arm answered: everything else would bias the
 * comparison. A failure that the baseline made good is the candidate's all the same.
 */
export function isCounted({ reason, fallback }: Exposure): boolean {
  return reason === 'bucket' && (fallback === null || fallback === 'candidateFailed');
}

/** Someone chose the arm. */
export function isForced({ reason }: Exposure): boolean {
  return reason === 'tester' || reason === 'cohort' || reason === 'named';
}

export interface UserOutcome {
  inferenceId: string;
  conversion: boolean;
  value: number;
}
