/** A comparison of the two models: how its windows are read, taken in and judged. */
import type { ComparisonWindow, ComparisonTally } from '../../analysis/verdicts/comparison-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { MetricSeries } from '../../plan/compiled/guardrail.js';

export interface WindowComparison {
  id: string;
  windowSeconds: number;
  dataDelaySeconds: number;
  kind: 'proportion' | 'mean';
  /** `total: null`: only the trials count. */
  series: { trials: MetricSeries; total: MetricSeries | null; squares: MetricSeries | null };
  /** What it means where there are trials and nothing else: no event, or that it is not known. */
  missingValue: 0 | null;
  start: () => ComparisonState;
  add: (sums: ComparisonState, window: ComparisonWindow) => ComparisonState;
  /** `windowsAhead`: how many more the stage is planned to have. */
  judge: (sums: ComparisonState, windowsAhead: number) => Verdict;
}

/** Plain JSON, in the rule's own form; all of them keep a tally. */
export type ComparisonState = { tally: ComparisonTally } & object;
