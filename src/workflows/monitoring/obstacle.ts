/** Failures that block a rollout without danger for users. Pure. */
import type { FailureType } from '../../activities/interface/failure-type.js';
import type { WatchReport } from '../../activities/interface/watch.js';

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

type Reads = Pick<WatchReport, 'verdicts' | 'unseen'>;

export function couldReadAll({ verdicts, unseen }: Reads): boolean {
  return unseen === undefined && verdicts.every(({ result }) => result !== 'error');
}

/**
 * The cause of an obstacle, if the report's `message` is about something that could not be read. All reads have one cause:
 * bad credentials and throttling affect each of them in turn. A deleted alarm is a cause of its own.
 */
export function unreadCause({ verdicts, unseen }: Reads, message: string): string | null {
  const verdict = verdicts.find((each) => each.message === message);
  if (!verdict) return unseen === undefined ? null : 'unreadable';
  if (verdict.result !== 'error') return null;
  return verdict.reason === 'readError' ? 'unreadable' : `${verdict.reason} ${verdict.guardrail}`;
}
