/** For each bound of a plan: the chance that it rolls back a candidate with the baseline's own rate. No I/O. */
import {
  simulateRollbacks,
  type RollbackChance,
  type ServedPeriod,
} from '../../analysis/time-to-decision/false-rollbacks.js';
import { boundTestOf } from '../../analysis/verdicts/bound-test.js';
import { defaultJudging } from '../../plan/compiled/goal.js';
import { hasCounts, type BoundGuardrail } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { servedPeriodsOf } from '../../plan/schedule/expected-traffic.js';
import { ruleNameOf, type Assumptions } from './forecasts.js';

/** `missing`: why there is no chance. `counts`: the metric is no rate of requests. */
export interface FalseRollbacks {
  rule: string;
  label: string;
  bound: Pick<BoundGuardrail, 'direction' | 'bound'> & { unit: BoundGuardrail['metric']['unit'] };
  /** Percent. Null: unknown. */
  baseRatePercent: number | null;
  chance: RollbackChance | null;
  missing: 'baseRate' | 'counts' | null;
}

export function forecastFalseRollbacks(
  plan: Plan,
  { requestsPerHour, baseRates }: Pick<Assumptions, 'requestsPerHour' | 'baseRates'>,
): FalseRollbacks[] {
  const periods = servedPeriodsOf(plan.steps).map(({ share, seconds }): ServedPeriod => ({
    seconds,
    requestsPerSecond: (requestsPerHour * share) / 100 / 3_600,
  }));
  return plan.guardrails.flatMap((guardrail) => {
    if (guardrail.kind !== 'bound') return [];
    const { id, label, direction, bound, metric } = guardrail;
    const isRate = hasCounts(guardrail);
    const baseRatePercent =
      (isRate ? (baseRates.get(ruleNameOf({ id })) ?? baseRates.get('')) : null) ?? null;
    const test = boundTestOf(guardrail, plan.judging ?? defaultJudging);
    const chance =
      baseRatePercent === null
        ? null
        : simulateRollbacks(guardrail, test, { rate: baseRatePercent / 100, periods });
    const missing = !isRate ? 'counts' : chance === null ? 'baseRate' : null;
    return [
      { rule: id, label, bound: { direction, bound, unit: metric.unit }, baseRatePercent, chance, missing },
    ];
  });
}
