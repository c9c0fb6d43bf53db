/** What in a report is a reason to hold, and what becomes of a hold. Pure: the backtest decides by it too. */
import type { WatchReport } from '../../activities/interface/watch.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Plan } from '../../plan/compiled/plan.js';
import type { Hold } from '../messages.js';

/**
 * A sentence, or null. A goal that is not decided yet is what an experiment is for; anything else unknown, and drift, is
 * a reason to hold.
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

/** A window that is not over yet is waited for; nothing is wrong with it. */
function isOnlyEarly(verdicts: WatchReport['verdicts']): boolean {
  const unknown = verdicts.filter(({ result }) => result !== 'pass');
  return unknown.length > 0 && unknown.every(({ reason }) => reason === 'awaitingFirstWindow');
}

/**
 * What could not be judged while the bake goes on: an alarm that is gone, metrics that cannot be read. People are told at
 * once; it decides something only when the bake is over, for until then it may come back.
 */
export function readFailure({ kind, verdicts }: Pick<WatchReport, 'kind' | 'verdicts'>): string | null {
  if (kind !== 'round') return null;
  return verdicts.find(({ result }) => result === 'error')?.message ?? null;
}

/** Milliseconds: when a hold on something unknown ends; null: it has no end. */
export function holdEndsMs(
  heldSinceMs: number | null,
  { onInconclusive, limits }: Pick<Plan, 'onInconclusive' | 'limits'>,
): number | null {
  if (onInconclusive !== 'rollBack' || heldSinceMs === null) return null;
  return heldSinceMs + limits.holdSeconds * 1000;
}

/** What becomes of a hold on something unknown: only the spec gives it an end. */
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
 * What becomes of an experiment whose longest time is over. Only a test on good data can be inconclusive: what is unknown
 * goes on holding.
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
      // Its numbers change from day to day; people are told once.
      return hold === null ? { kind, message } : { kind: 'keepHolding' };
  }
}

/**
 * Whether a hold ends with this report, in which nothing is unknown. An experiment that waits for a person goes on
 * waiting for as long as its goals are undecided.
 */
export function endsHold(hold: Hold | null, { kind }: Pick<WatchReport, 'kind'>): boolean {
  return !(kind === 'undecided' && hold?.reason === 'inconclusive');
}

/** Where a guardrail has not passed, or nobody has counted for a goal, what promotes on a draw holds. */
function resolveUndecided(
  { verdicts, kind, message: said }: WatchReport,
  { goals, onInconclusive }: Pick<Plan, 'goals' | 'onInconclusive'>,
): { kind: Plan['onInconclusive']; message: string } {
  const ids = new Set(goals.map((goal) => goal.id));
  const judged = verdicts.filter(({ guardrail }) => ids.has(guardrail));
  const missing = verdicts.find(
    ({ guardrail, result, reason }) => result !== 'pass' && !(ids.has(guardrail) && reason === 'undecided'),
  );
  const isDraw = missing === undefined && judged.length === goals.length && kind !== 'drift';
  const because = isDraw ? judged.map((goal) => goal.message).join('; ') : (missing?.message ?? said);
  return {
    kind: onInconclusive === 'promote' && !isDraw ? 'hold' : onInconclusive,
    message: `the experiment reached its maximum duration without a decision: ${because}`,
  };
}

/** How long one round of a watch lasts. Pure. */

/** A round is long enough to keep history small, and short enough for the status to stay fresh. */
const roundsABake = 12;
const minRoundSeconds = 60;
/** A hold or a pause may last for weeks; its rounds end early when something changes. */
const maxRoundSeconds = 86_400;

/** `isWaiting`: the bake is over, or held. */
export function watchActivitySeconds(bakeSeconds: number, isWaiting: boolean): number {
  if (isWaiting) return maxRoundSeconds;
  const share = Math.round(bakeSeconds / roundsABake);
  return Math.min(Math.max(share, minRoundSeconds), maxRoundSeconds);
}
