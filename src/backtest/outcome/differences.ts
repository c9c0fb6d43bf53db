/** Differences between the outcome of a backtest and the recorded outcome. */
import { formatDuration } from '../../plan/units/durations.js';
import type { BacktestOutcome } from '../run/outcome.js';
import type { RecordedOutcome } from './recorded-outcome.js';
import type { FirstDecision } from '../run/log.js';
import { formatTime } from '../data/recorded-windows.js';
import { ownValue } from '../../plan/units/own-value.js';

export interface OutcomeDifference {
  /** Null: the difference of the whole rollout. */
  guardrail: string | null;
  isSame: boolean;
  message: string;
}

interface Judged {
  outcome: BacktestOutcome;
  firstDecisions: Record<string, FirstDecision>;
}

/** First the whole rollout, then every rule that failed live or in the backtest. */
export function differencesOf(
  actual: RecordedOutcome,
  { outcome, firstDecisions }: Judged,
): OutcomeDifference[] {
  const ids = [...new Set([...Object.keys(actual.firstDecisions), ...Object.keys(firstDecisions)])];
  return [
    compareOutcomes(actual, outcome),
    ...ids.flatMap((id) =>
      compareRule(id, ownValue(actual.firstDecisions, id), ownValue(firstDecisions, id)),
    ),
  ];
}

function compareOutcomes(actual: RecordedOutcome, outcome: BacktestOutcome): OutcomeDifference {
  const live =
    actual.outcome === null
      ? 'live: no decision yet'
      : `live: ${recordedText[actual.outcome]}${actual.at === null ? '' : ` at ${formatTime(actual.at)}`}`;
  const isSame = actual.outcome === outcome.outcome && actual.by === outcome.by;
  const distance = actual.at === null || !isSame ? '' : describeDistance(actual.at, outcome.at);
  const now = `this spec: ${simulatedText[outcome.outcome]} at ${formatTime(outcome.at)}`;
  const message = `${live}${describeBasis(actual.by)}; ${now}${describeBasis(outcome.by)}${distance}`;
  return { guardrail: null, isSame: isSame && isSameTime(actual.at, outcome.at), message };
}

const recordedText: Record<NonNullable<RecordedOutcome['outcome']>, string> = {
  promoted: 'promoted',
  rolledBack: 'rolled back',
  aborted: 'aborted',
  inconclusive: 'inconclusive',
  rollbackFailed: 'rollback failed',
  failed: 'failed',
};

const simulatedText: Record<BacktestOutcome['outcome'], string> = {
  promoted: 'promotes',
  rolledBack: 'rolls back',
  inconclusive: 'ends inconclusive',
  failed: 'fails',
  held: 'still holds',
};

function describeBasis(by: string | null): string {
  return by === null ? '' : ` by ${by}`;
}

/** A pass at the first window has little information, so the time of the first failure is compared. */
function compareRule(
  id: string,
  live: FirstDecision | undefined,
  now: FirstDecision | undefined,
): OutcomeDifference[] {
  if (!live?.fail && !now?.fail) return [];
  const textOf = (decision: FirstDecision | undefined) => {
    if (decision === undefined) return 'has no verdict';
    return decision.fail === null ? 'never fails' : `fails at ${formatTime(decision.fail.at)}`;
  };
  const isSame = isSameTime(live?.fail?.at ?? null, now?.fail?.at ?? null);
  return [{ guardrail: id, isSame, message: `${id}: live ${textOf(live)}; this spec ${textOf(now)}` }];
}

function isSameTime(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && Date.parse(a) === Date.parse(b));
}

function describeDistance(live: string, now: string): string {
  const seconds = Math.round((Date.parse(now) - Date.parse(live)) / 1000);
  if (seconds === 0) return ', the same';
  return `, ${formatDuration(Math.abs(seconds))} ${seconds < 0 ? 'earlier' : 'later'}`;
}
