/** The invariants by name. docs/reliability.md describes them. */
import type { Record } from '../play/record.js';
import { abortMovesUsersBack } from './abort.js';
import { noMoreUsersInAlarm, noPromotionInAlarm } from './alarm-veto.js';
import { everyCommandOnce, gatesHold, historyReplays, pauseHolds } from './commands.js';
import { breachedBoundIsActedOn, firingAlarmIsActedOn } from './danger.js';
import { everyEffectOnce, nothingAfterTheEnd } from './effects.js';
import {
  badCandidateIsNotPromoted,
  endpointServes,
  everyRolloutEnds,
  leftoversAreComplete,
  nameIsAsPromised,
  onlyTheWinnerServes,
  rollbackSucceeds,
} from './ends.js';
import { scalingIsKept, settingsAreKept } from './kept.js';
import { othersAreKept } from './others.js';
import {
  everyShareBakes,
  everyWindowIsReadOnce,
  transientFailuresEndNothing,
  onlyRealDrift,
} from './progress.js';
import type { Violation } from './violation.js';

export const invariants = {
  everyRolloutEnds,
  nameIsAsPromised,
  onlyTheWinnerServes,
  leftoversAreComplete,
  rollbackSucceeds,
  endpointServes,
  scalingIsKept,
  settingsAreKept,
  othersAreKept,
  badCandidateIsNotPromoted,
  transientFailuresEndNothing,
  everyShareBakes,
  everyWindowIsReadOnce,
  onlyRealDrift,
  everyEffectOnce,
  nothingAfterTheEnd,
  everyCommandOnce,
  historyReplays,
  gatesHold,
  pauseHolds,
  noMoreUsersInAlarm,
  noPromotionInAlarm,
  firingAlarmIsActedOn,
  breachedBoundIsActedOn,
  abortMovesUsersBack,
};
export type InvariantName = keyof typeof invariants;

export interface Found extends Violation {
  invariant: InvariantName;
}

/** The first violation of each invariant. */
export function judge(record: Record): Found[] {
  return (Object.keys(invariants) as InvariantName[]).flatMap((invariant) =>
    invariants[invariant](record)
      .slice(0, 1)
      .map((violation) => ({ invariant, ...violation })),
  );
}
