/** Commands, gates and the history. */
import { findLostCommands } from '../../../../bench/soak/invariants.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import type { Record } from '../play/record.js';
import { isPromotion, trafficChangesOf } from './traffic-changes.js';
import type { Invariant } from './violation.js';

/** Every command is answered, and an accepted one is recorded once. */
export const everyCommandOnce: Invariant = ({ given, timeline, endedMs, replayProblem }) =>
  endedMs === null || replayProblem !== null
    ? []
    : findLostCommands({
        timeline,
        given: given
          // The workflow does not answer a command that arrives with its end.
          .filter(({ answer }) => answer !== 'none')
          .map(({ command, reason, answer }) => ({ command, reason, answer, wasSignalled: false })),
      }).map((message) => ({ atMs: endedMs, message }));

export const historyReplays: Invariant = ({ replayProblem, endedMs, startMs }) =>
  replayProblem === null ? [] : [{ atMs: endedMs ?? startMs, message: replayProblem }];

/** A gate that people open is closed before they do. */
export const gatesHold: Invariant = (record) =>
  validateSpec(record.scenario.spec).gates.flatMap(({ before, gate }) => {
    if (gate.kind !== 'approval' && gate.kind !== 'manual') return [];
    const passed = trafficChangesOf(record).find((change) => {
      if (!change.hasEffect || change.after <= change.before)
        return before === 'promotion' && isPromotion(change);
      if (before === 'traffic') return true;
      return before === 'promotion' ? isPromotion(change) : change.after >= before.share;
    });
    if (!passed || isOpened(record, gate, passed.atMs)) return [];
    return [{ atMs: passed.atMs, message: `${gate.id} was passed, and no person had opened it` }];
  });

function isOpened(
  { given }: Record,
  gate: { kind: 'approval'; people: number; allowStarter: boolean; verified: boolean } | { kind: 'manual' },
  atMs: number,
): boolean {
  const accepted = given.filter(
    ({ answer, answeredMs }) => answer === 'accepted' && (answeredMs ?? Infinity) <= atMs,
  );
  if (gate.kind === 'manual') return accepted.some(({ command }) => command.startsWith('promote'));
  if (gate.verified) return false;
  const people = new Set(accepted.filter(({ command }) => command === 'approve').map(({ actor }) => actor));
  if (!gate.allowStarter) people.delete('ada');
  return people.size >= gate.people;
}

/** `pause` keeps the traffic as it is. A change that was in progress may end. */
export const pauseHolds: Invariant = (record) => {
  const accepted = record.given.filter(({ answer }) => answer === 'accepted');
  return accepted.flatMap(({ command, answeredMs }, i) => {
    if (command !== 'pause' || answeredMs === null) return [];
    const untilMs = accepted[i + 1]?.answeredMs ?? Infinity;
    return trafficChangesOf(record)
      .filter(
        ({ atMs, before, after, hasEffect }) =>
          hasEffect && after > before && atMs > answeredMs + pauseMs && atMs < untilMs,
      )
      .map(({ atMs, before, after }) => ({
        atMs,
        message: `paused, and the candidate went from ${Math.round(before)} % to ${Math.round(after)} % of the users`,
      }));
  });
};

/** A step that has begun may wait for instances before it moves users. */
const pauseMs = 30 * 60_000;
