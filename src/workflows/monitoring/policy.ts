/** Rules of watching: when a report is a reason to hold, and when a hold ends. Pure. */
import type { WatchReport } from '../../activities/interface/watch.js';
import { countsAsPass } from '../../plan/compiled/on-fail.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Hold, RequiredKnowledge } from '../messages.js';

/** The message to hold with, or null. Drift is handled before. */
export function unknownReason(
  report: Pick<WatchReport, 'kind' | 'message' | 'verdicts'>,
  need: RequiredKnowledge,
  goals: Goal[],
): string | null {
  switch (need) {
    case 'allKnown':
      return holdReason(report, goals);
    case 'allRead':
      // The state of an alarm that CloudWatch could not evaluate is outdated.
      return (
        report.verdicts.find(({ result, reason }) => result === 'error' || reason === 'alarmNotEvaluated')
          ?.message ?? null
      );
    case 'noAlarmFiring':
      return null;
  }
}

/**
 * The message to hold with, or null. Drift and unknown verdicts are reasons to hold. The exception is an undecided
 * goal: an experiment runs to decide it.
 */
export function holdReason(
  { kind, message, verdicts }: Pick<WatchReport, 'kind' | 'message' | 'verdicts'>,
  goals: Goal[],
): string | null {
  if (kind === 'drift') return message;
  if (kind !== 'undecided' || isOnlyEarly(verdicts)) return null;
  if (goals.length === 0) return message;
  const awaited = new Set(goals.map((goal) => goal.id));
  const unknown = verdicts.find(
    ({ result, guardrail }) => result !== 'pass' && result !== 'fail' && !awaited.has(guardrail),
  );
  return unknown?.message ?? null;
}

/** Whether every unknown verdict only waits for the end of its first window. */
function isOnlyEarly(verdicts: WatchReport['verdicts']): boolean {
  const unknown = verdicts.filter((verdict) => !countsAsPass(verdict));
  return unknown.length > 0 && unknown.every(({ reason }) => reason === 'awaitingFirstWindow');
}

/**
 * A guardrail or an endpoint that cannot be read during a bake: a missing alarm, unreadable metrics. It decides nothing
 * before the end of the bake, because the data may come back.
 */
export function readFailure({
  kind,
  verdicts,
  unseen,
}: Pick<WatchReport, 'kind' | 'verdicts' | 'unseen'>): string | null {
  if (kind !== 'round') return null;
  const message = verdicts.find(({ result }) => result === 'error')?.message;
  return message ?? (unseen === undefined ? null : `the endpoint cannot be read (${unseen})`);
}

/** Milliseconds: when a hold on something unknown ends; null: it has no end. */
export function holdEndsMs(
  heldSinceMs: number | null,
  { onInconclusive, limits }: Pick<Plan, 'onInconclusive' | 'limits'>,
): number | null {
  if (onInconclusive !== 'rollBack' || heldSinceMs === null) return null;
  return heldSinceMs + limits.holdSeconds * 1000;
}

/** Whether a hold on something unknown continues. It ends only if the spec says `onInconclusive: rollBack`. */
export function decideUnknown(
  message: string,
  { heldSinceMs, nowMs }: { heldSinceMs: number; nowMs: number },
  plan: Pick<Plan, 'onInconclusive' | 'limits'>,
): { kind: 'hold'; endsMs: number | null } | { kind: 'rollBack'; message: string } {
  const endsMs = holdEndsMs(heldSinceMs, plan);
  return endsMs !== null && nowMs >= endsMs
    ? { kind: 'rollBack', message: `still unknown after the maximum hold time: ${message}` }
    : { kind: 'hold', endsMs };
}

/** `message`: for people. */
export type Inconclusive =
  { kind: 'promote' | 'rollBack' | 'hold'; message: string } | { kind: 'keepHolding' };

/**
 * How an experiment continues after its maximum time. Only an experiment with known guardrails can be inconclusive. If
 * something is unknown, the rollout keeps holding.
 */
export function decideInconclusive(
  hold: Hold | null,
  report: WatchReport,
  plan: Pick<Plan, 'goals' | 'onInconclusive'>,
): Inconclusive {
  if (hold !== null && hold.reason !== 'inconclusive') return { kind: 'keepHolding' };
  const { kind, message } = resolveUndecided(report, plan);
  switch (kind) {
    case 'promote':
      return { kind, message: `${message}; the spec says to promote` };
    case 'rollBack':
      return { kind, message };
    case 'hold':
      // The numbers in the message change with each report; operators are notified once.
      return hold === null ? { kind, message } : { kind: 'keepHolding' };
  }
}

/**
 * Whether a report with nothing unknown ends the hold. An experiment that holds as inconclusive keeps holding while its
 * goals are undecided. A change that is repeated ends its own hold.
 */
export function endsHold(hold: Hold | null, { kind }: Pick<WatchReport, 'kind'>): boolean {
  if (isOfChange(hold)) return false;
  return !(kind === 'undecided' && hold?.reason === 'inconclusive');
}

/** The change begins and ends such a hold. */
export function isOfChange(hold: Hold | null): boolean {
  return hold?.reason === 'tidying' || hold?.reason === 'blocked';
}

/** `onInconclusive: promote` becomes a hold if a guardrail has not passed or a goal has no verdict. */
function resolveUndecided(
  { verdicts, kind, message: said }: WatchReport,
  { goals, onInconclusive }: Pick<Plan, 'goals' | 'onInconclusive'>,
): { kind: Plan['onInconclusive']; message: string } {
  const ids = new Set(goals.map((goal) => goal.id));
  const judged = verdicts.filter(({ guardrail }) => ids.has(guardrail));
  const missing = verdicts.find(
    (verdict) => !countsAsPass(verdict) && !(ids.has(verdict.guardrail) && verdict.reason === 'undecided'),
  );
  const isDraw = missing === undefined && judged.length === goals.length && kind !== 'drift';
  const because = isDraw ? judged.map((goal) => goal.message).join('; ') : (missing?.message ?? said);
  return {
    kind: onInconclusive === 'promote' && !isDraw ? 'hold' : onInconclusive,
    message: `the experiment reached its maximum duration without a decision: ${because}`,
  };
}

/** More rounds make the history longer; fewer rounds make the status older. */
const roundsABake = 12;
const minRoundSeconds = 60;
/** For holds and pauses, which can last weeks. A round ends early when something changes. */
const maxRoundSeconds = 86_400;
/** After a read that failed. Operators are paged if reads still fail after ten minutes. */
export const unreadRoundSeconds = 600;

/** Seconds of one round. `isWaiting`: the bake is over, or the rollout holds. */
export function watchActivitySeconds(bakeSeconds: number, isWaiting: boolean): number {
  if (isWaiting) return maxRoundSeconds;
  const share = Math.round(bakeSeconds / roundsABake);
  return Math.min(Math.max(share, minRoundSeconds), maxRoundSeconds);
}
