/** While a guardrail's alarm fires, the candidate gets no more users and is not promoted. */
import type { Record } from '../play/record.js';
import { alarmSpansOf } from './danger.js';
import { isPromotion, trafficChangesOf } from './traffic-changes.js';
import type { Invariant } from './violation.js';

/** docs/reliability.md: after a poll has seen the alarm, or this long after it fired. */
const reactMs = 150_000;

export const noMoreUsersInAlarm: Invariant = (record) =>
  trafficChangesOf(record)
    .filter((change) => change.hasEffect && change.after > change.before && !isPromotion(change))
    .flatMap(({ atMs, before, after }) =>
      hasFiredFor(record, atMs)
        ? [
            {
              atMs,
              message: `the candidate went from ${Math.round(before)} % to ${Math.round(after)} % of the users while an alarm was firing`,
            },
          ]
        : [],
    );

export const noPromotionInAlarm: Invariant = (record) =>
  trafficChangesOf(record)
    .filter(isPromotion)
    .flatMap(({ atMs }) =>
      hasFiredFor(record, atMs)
        ? [{ atMs, message: 'the candidate was promoted while an alarm was firing' }]
        : [],
    );

function hasFiredFor(record: Record, atMs: number): boolean {
  return alarmSpansOf(record).some(({ fromMs, toMs }) => atMs < toMs && atMs > fromMs + reactMs);
}
