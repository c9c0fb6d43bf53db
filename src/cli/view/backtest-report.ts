/** What `penstock backtest` has to say. */
import type { OutcomeDifference } from '../../backtest/outcome/differences.js';
import type { RecordedOutcome } from '../../backtest/outcome/recorded-outcome.js';
import type { Backtest } from '../../backtest/run/run-backtest.js';

/** As `--json` prints it. */
export interface BacktestReport extends Backtest {
  endpoint: string;
  /** What was judged. `rows` of both models. */
  data: { from: string; to: string; periodSeconds: number; rows: number };
  /** What the judgement leaves out or widens, and where the data has gaps. */
  notices: string[];
  /** Null: not known. */
  actual: RecordedOutcome | null;
  differences: OutcomeDifference[];
}
