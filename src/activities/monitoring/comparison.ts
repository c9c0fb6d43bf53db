/** A comparison of the two models: how its windows are read, taken in and judged. */
import type { ComparisonWindow, Tally } from '../../analysis/verdicts/comparison-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { Series } from '../../plan/compiled/guardrail.js';

export interface Comparison {
  id: string;
  windowSeconds: number;
  dataDelaySeconds: number;
  kind: 'proportion' | 'mean';
  /** `total: null`: only the trials count. */
  series: { trials: Series; total: Series | null; squares: Series | null };
  /** What it means where there are trials and nothing else: no event, or that it is not known. */
  whenAbsent: 0 | null;
  start: () => Sums;
  add: (sums: Sums, window: ComparisonWindow) => Sums;
  /** `windowsAhead`: how many more the stage is planned to have. */
  judge: (sums: Sums, windowsAhead: number) => Verdict;
}

/** Plain JSON, in the rule's own form; all of them keep a tally. */
export type Sums = { tally: Tally } & object;
