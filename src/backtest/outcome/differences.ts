/** How what a spec would have done differs from what happened. */
import { formatDuration } from '../../plan/units/durations.js';
import type { BacktestOutcome } from '../run/run-segments.js';
import type { Happened } from './recorded-outcome.js';
import type { FirstDecision } from '../run/log.js';
import { timeInWords } from '../run/times.js';

export interface Difference {
  /** Null: the rollout as a whole. */
  guardrail: string | null;
  isSame: boolean;
  sentence: string;
}

interface Judged {
  outcome: BacktestOutcome;
  firstDecisions: Record<string, FirstDecision>;
}

/** The whole first, then every rule that failed in one of the two. */
export function differencesOf(happened: Happened, { outcome, firstDecisions }: Judged): Difference[] {
  const ids = [...new Set([...Object.keys(happened.firstDecisions), ...Object.keys(firstDecisions)])];
  return [
    compareOutcomes(happened, outcome),
    ...ids.flatMap((id) => compareRule(id, happened.firstDecisions[id], firstDecisions[id])),
  ];
}

function compareOutcomes(happened: Happened, outcome: BacktestOutcome): Difference {
  const live =
    happened.outcome === null
      ? 'live: nothing decided yet'
      : `live: ${happenedText[happened.outcome]}${happened.at === null ? '' : ` at ${timeInWords(happened.at)}`}`;
  const isSame = happened.outcome === outcome.outcome && happened.by === outcome.by;
  const apart = happened.at === null || !isSame ? '' : apartInWords(happened.at, outcome.at);
  const now = `this spec: ${wouldText[outcome.outcome]} at ${timeInWords(outcome.at)}`;
  const sentence = `${live}${byInWords(happened.by)}; ${now}${byInWords(outcome.by)}${apart}`;
  return { guardrail: null, isSame: isSame && isSameTime(happened.at, outcome.at), sentence };
}

const happenedText: Record<NonNullable<Happened['outcome']>, string> = {
  promoted: 'promoted',
  rolledBack: 'rolled back',
  aborted: 'aborted',
  inconclusive: 'inconclusive',
  rollbackFailed: 'rollback failed',
  failed: 'failed',
};

const wouldText: Record<BacktestOutcome['outcome'], string> = {
  promoted: 'promotes',
  rolledBack: 'rolls back',
  inconclusive: 'gives up, inconclusive,',
  held: 'still holds',
};

function byInWords(by: string | null): string {
  return by === null ? '' : ` by ${by}`;
}

/** Passes come with the first window and say little: a rule differs by when it first failed. */
function compareRule(
  id: string,
  live: FirstDecision | undefined,
  now: FirstDecision | undefined,
): Difference[] {
  if (!live?.fail && !now?.fail) return [];
  const say = (what: FirstDecision | undefined) => {
    if (what === undefined) return 'says nothing';
    return what.fail === null ? 'never fails' : `fails at ${timeInWords(what.fail.at)}`;
  };
  const isSame = isSameTime(live?.fail?.at ?? null, now?.fail?.at ?? null);
  return [{ guardrail: id, isSame, sentence: `${id}: live ${say(live)}; this spec ${say(now)}` }];
}

function isSameTime(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && Date.parse(a) === Date.parse(b));
}

function apartInWords(live: string, now: string): string {
  const seconds = Math.round((Date.parse(now) - Date.parse(live)) / 1000);
  if (seconds === 0) return ', the same';
  return `, ${formatDuration(Math.abs(seconds))} ${seconds < 0 ? 'earlier' : 'later'}`;
}
