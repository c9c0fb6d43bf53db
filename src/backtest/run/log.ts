/** The log of a backtest, in order. */
import type { ReasonCode, Result, Verdict } from '../../analysis/verdicts/verdict.js';
import { ownValue } from '../../plan/units/own-value.js';

export interface LogEntry {
  /** ISO 8601, UTC: time at which a live rollout would have had the data. */
  at: string;
  kind: 'stage' | 'verdict' | 'hold' | 'decision';
  /** Stage of the plan. Null: no stage. */
  stage: number | null;
  /** The candidate's share in percent. */
  share: number;
  guardrail: string | null;
  result: Result | null;
  reason: ReasonCode | null;
  message: string;
}

/** Time and message of a rule's first pass or fail. */
export interface FirstVerdict {
  at: string;
  message: string;
}

/** Null: the rule never passed, or never failed. */
export type FirstDecision = Record<'pass' | 'fail', FirstVerdict | null>;

/** Keeps the first verdict. Reads `message` only once, because a message can be expensive to compute. */
export function decideFirst(
  first: Record<string, FirstDecision>,
  verdict: { guardrail: string; result: Result; message: string },
  at: () => string,
): void {
  const { guardrail, result } = verdict;
  if (result !== 'pass' && result !== 'fail') return;
  const known = ownValue(first, guardrail) ?? (first[guardrail] = { pass: null, fail: null });
  known[result] ??= { at: at(), message: verdict.message };
}

export class BacktestLog {
  readonly entries: LogEntry[] = [];
  readonly first: Record<string, FirstDecision> = {};
  /** The last verdict of each rule. */
  readonly latest = new Map<string, Verdict>();
  private readonly loggedReasons = new Map<string, string>();
  private position = { stage: null as number | null, share: 0 };

  /** Starts a stage. The next verdict of every rule is logged again. */
  enter(atMs: number, stage: number | null, share: number, message: string): void {
    this.position = { stage, share };
    this.loggedReasons.clear();
    this.note(atMs, 'stage', message);
  }

  note(atMs: number, kind: 'stage' | 'hold' | 'decision', message: string): void {
    this.push(atMs, { kind, guardrail: null, result: null, reason: null, message });
  }

  /** Logs a verdict only if its reason changed. `awaitingFirstWindow` is never logged. */
  recordVerdict(atMs: number, verdict: Verdict): void {
    const { guardrail, result, reason } = verdict;
    // A watch that follows the bake begins its windows again.
    if (reason === 'awaitingFirstWindow' && this.loggedReasons.has(guardrail)) return;
    this.latest.set(guardrail, verdict);
    if (reason === 'awaitingFirstWindow') return;
    decideFirst(this.first, verdict, () => new Date(atMs).toISOString());
    if (this.loggedReasons.get(guardrail) === reason) return;
    this.loggedReasons.set(guardrail, reason);
    this.push(atMs, { kind: 'verdict', guardrail, result, reason, message: verdict.message });
  }

  private push(atMs: number, entry: Omit<LogEntry, 'at' | 'stage' | 'share'>): void {
    this.entries.push({ at: new Date(atMs).toISOString(), ...this.position, ...entry });
  }
}
