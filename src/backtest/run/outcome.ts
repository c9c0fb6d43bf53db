/** The outcome of a backtest. */

/**
 * As the outcomes of a rollout.
 * - `failed`: a rule failed before users got the candidate.
 * - `held`: the data ends before a decision.
 */
export interface BacktestOutcome {
  outcome: 'promoted' | 'rolledBack' | 'inconclusive' | 'failed' | 'held';
  /** ISO 8601, UTC. For a promotion: the time at which the last stage was cleared. */
  at: string;
  /** The rule that failed. Null: no rule failed. */
  by: string | null;
  message: string;
}
