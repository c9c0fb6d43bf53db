/** Failures that block a rollout without danger for users. Pure. */
import type { FailureType } from '../../activities/interface/failure-type.js';

const blockingTypes: FailureType[] = [
  'AccessDenied',
  'QuotaExceeded',
  'Throttled',
  'Unavailable',
  'Busy',
  'WrongAccount',
];

/**
 * Whether a failed change says nothing about the candidate: AWS did not carry it out, or could not be asked. SageMaker's
 * rejection of the first change ends a rollout, because nothing is at stake yet. Later it blocks.
 */
export function isBlocking(type: string, { isDeployed }: { isDeployed: boolean }): boolean {
  return blockingTypes.some((each) => each === type) || (isDeployed && type === 'Rejected');
}
