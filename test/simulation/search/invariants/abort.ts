/** An accepted abort moves the first users back within one attempt. */
import { deadlineOf, obstaclesOf } from './obstacles.js';
import { isPromotion, shareAt, trafficChangesOf } from './traffic-changes.js';
import type { Invariant } from './violation.js';

/** One attempt has 60 s, and a retry after a failure waits up to 30 s. */
const attemptMs = 90_000;

export const abortMovesUsersBack: Invariant = (record) => {
  const abort = record.given.find(({ command, answer }) => command === 'abort' && answer === 'accepted');
  if (abort?.answeredMs === undefined || abort.answeredMs === null) return [];
  const fromMs = abort.answeredMs;
  const changes = trafficChangesOf(record);
  const shareThen = shareAt(record, fromMs);
  const last = changes.findLast(({ atMs }) => atMs <= fromMs);
  const isMovingBack = last !== undefined && last.after < last.before;
  const isPromoted = changes.some((change) => isPromotion(change) && change.atMs <= fromMs);
  if (shareThen <= 0 || isMovingBack || isPromoted) return [];
  // Someone else's update can move them first.
  const seen = record.samples.find(
    ({ atMs, candidateShare }) => atMs >= fromMs && candidateShare < shareThen,
  );
  const requested = changes.find(({ atMs, before, after }) => atMs >= fromMs && after < before);
  const movedMs = Math.min(seen?.atMs ?? Infinity, requested?.atMs ?? Infinity);
  const deadlineMs = deadlineOf(fromMs, attemptMs, obstaclesOf(record, { fromMs, needed: /./ }));
  if (Math.min(movedMs, record.endedMs ?? Infinity) <= deadlineMs) return [];
  const seconds = Math.round((movedMs - fromMs) / 1000);
  const late =
    movedMs === Infinity
      ? 'no users were ever moved back'
      : `the first users were moved back ${seconds} s later`;
  return [
    {
      atMs: deadlineMs,
      message: `aborted with ${Math.round(shareThen)} % of the users on the candidate, and ${late}`,
    },
  ];
};
