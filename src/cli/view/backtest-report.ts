/** The report of `penstock backtest`. */
import type { OutcomeDifference } from '../../backtest/outcome/differences.js';
import type { RecordedOutcome } from '../../backtest/outcome/recorded-outcome.js';
import type { Backtest } from '../../backtest/run/run-backtest.js';

/** The JSON that `--json` prints. */
export interface BacktestReport extends Backtest {
  endpoint: string;
  /** The judged data. `rows`: of both models. */
  data: { from: string; to: string; periodSeconds: number; rows: number };
  /** Excluded rules, widened windows, a bake without data, and gaps in the data. */
  notices: string[];
  /** The recorded outcome. Null if no history or timeline was given. */
  actual: RecordedOutcome | null;
  differences: OutcomeDifference[];
}
