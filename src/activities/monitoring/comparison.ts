/** A comparison of the two models: how to read, count and judge its windows. */
import type { ComparisonWindow, ComparisonTally } from '../../analysis/verdicts/comparison-windows.js';
import type { Verdict } from '../../analysis/verdicts/verdict.js';
import type { CapRule } from '../../plan/compiled/goal.js';
import type { MetricSeries, UserSeries } from '../../plan/compiled/guardrail.js';

export interface WindowComparison {
  id: string;
  windowSeconds: number;
  dataDelaySeconds: number;
  /**
   * Windows that begin sooner after a change of the weights are left out: their events can belong to requests before the
   * change.
   */
  eventDelaySeconds: number;
  kind: 'proportion' | 'mean' | 'ratio';
  /** `total: null`: the comparison counts only trials. `byUser: null`: the comparison does not count by user. */
  series: {
    trials: MetricSeries;
    total: MetricSeries | null;
    squares: MetricSeries | null;
    byUser: UserSeries | null;
  };
  /** How the values of a mean are capped. Null: nothing is capped. */
  cap: CapRule | null;
  /** Value of a metric without data in a window with trials. 0: no event. Null: unknown. */
  missingValue: 0 | null;
  start: () => ComparisonState;
  add: (sums: ComparisonState, window: ComparisonWindow) => ComparisonState;
  /** `windowsAhead`: number of planned windows of the stage that are still to come. */
  judge: (sums: ComparisonState, windowsAhead: number) => Verdict;
}

/** Plain JSON in the rule's own form. Each form has a tally. */
export type ComparisonState = { tally: ComparisonTally; cap?: number; cappedTo?: string } & object;
