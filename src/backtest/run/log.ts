/** What a backtest has found on its way, in order. */
import type { ReasonCode, Result, Verdict } from '../../analysis/verdicts/verdict.js';

export interface LogEntry {
  /** ISO 8601, UTC: when a live rollout would have known it. */
  at: string;
  kind: 'stage' | 'verdict' | 'hold' | 'decision';
  /** The plan's; null: none. */
  stage: number | null;
  /** The candidate's, in percent. */
  share: number;
  guardrail: string | null;
  result: Result | null;
  reason: ReasonCode | null;
  message: string;
}

/** When a rule first said so, and how. */
export interface Said {
  at: string;
  message: string;
}

/** Null: it never did. */
export type FirstDecision = Record<'pass' | 'fail', Said | null>;

/** Keeps what was said first. The sentence is read no more often than that: it may be long in the making. */
export function decideFirst(
  first: Record<string, FirstDecision>,
  verdict: { guardrail: string; result: Result; message: string },
  at: () => string,
): void {
  const { guardrail, result } = verdict;
  if (result !== 'pass' && result !== 'fail') return;
  const known = (first[guardrail] ??= { pass: null, fail: null });
  known[result] ??= { at: at(), message: verdict.message };
}

export class BacktestLog {
  readonly entries: LogEntry[] = [];
  readonly first: Record<string, FirstDecision> = {};
  /** The last verdict of each rule. */
  readonly latest = new Map<string, Verdict>();
  private readonly noted = new Map<string, string>();
  private where = { stage: null as number | null, share: 0 };

  /** Rules begin anew: what they say first is told again. */
  enter(atMs: number, stage: number | null, share: number, message: string): void {
    this.where = { stage, share };
    this.noted.clear();
    this.note(atMs, 'stage', message);
  }

  note(atMs: number, kind: 'stage' | 'hold' | 'decision', message: string): void {
    this.push(atMs, { kind, guardrail: null, result: null, reason: null, message });
  }

  /** Told only where it says something else than before; that nothing can be judged yet is no news. */
  recordVerdict(atMs: number, verdict: Verdict): void {
    const { guardrail, result, reason } = verdict;
    this.latest.set(guardrail, verdict);
    if (reason === 'awaitingFirstWindow') return;
    decideFirst(this.first, verdict, () => new Date(atMs).toISOString());
    if (this.noted.get(guardrail) === reason) return;
    this.noted.set(guardrail, reason);
    this.push(atMs, { kind: 'verdict', guardrail, result, reason, message: verdict.message });
  }

  private push(atMs: number, entry: Omit<LogEntry, 'at' | 'stage' | 'share'>): void {
    this.entries.push({ at: new Date(atMs).toISOString(), ...this.where, ...entry });
  }
}
