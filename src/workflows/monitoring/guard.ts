/** Watches beside a wait or a change. */
import type { RolloutContext } from '../run/context.js';
import type { RequiredKnowledge } from '../messages.js';
import { guardrailsInUse } from './applicable-guardrails.js';
import { type WatchTarget, withWatch } from './watch.js';

/**
 * Before the rollout gives the candidate users, a guardrail without data is no reason to hold. One that cannot be read is:
 * its alarm can be firing.
 */
export function neededKnowledge({ state }: RolloutContext): RequiredKnowledge {
  return state.trafficMoved ? 'allKnown' : 'allRead';
}

/**
 * Guards until `isDone`, or until a time in milliseconds. Guardrails are active as soon as the candidate is deployed:
 * someone else can give it users.
 */
export function guardUntil(
  run: RolloutContext,
  isDone: () => boolean,
  until: number | null,
  need: RequiredKnowledge = neededKnowledge(run),
): Promise<void> {
  const guardrails = () => guardrailsInUse(run);
  return withWatch(run, { ...fromNow(), need, guardrails }, async (watch) => {
    while (!isDone() && (until === null || Date.now() < until)) await watch.round(isDone, until);
  });
}

/**
 * Guards while the rollout changes weights or instances, so the arms cannot be compared, and an unknown guardrail must not
 * stop the change. It runs on in this run of the workflow.
 */
export function guardChange(
  run: RolloutContext,
  isDone: () => boolean,
  until: number | null = null,
): Promise<void> {
  const target: WatchTarget = {
    ...fromNow(),
    need: 'noAlarmFiring',
    guardrails: () => guardrailsInUse(run).filter(({ kind }) => kind !== 'comparison'),
    isChanging: true,
  };
  return withWatch(run, target, async (watch) => {
    while (!isDone()) await watch.round(isDone, until);
  });
}

function fromNow() {
  return { mode: 'guarding' as const, since: Date.now(), seconds: 0 };
}
