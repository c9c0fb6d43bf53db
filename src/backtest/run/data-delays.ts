/** How long after the end of a window its data is complete, by rule. */
import { isWindowed } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';

export function maxDelaySeconds(plan: Plan): number {
  return Math.max(0, ...timedRules(plan).map(({ dataDelaySeconds }) => dataDelaySeconds));
}

/** 0 for a rule without windows. */
export function delayOf(plan: Plan, id: string): number {
  return timedRules(plan).find((rule) => rule.id === id)?.dataDelaySeconds ?? 0;
}

function timedRules({ guardrails, goals }: Plan) {
  return [...guardrails.filter(isWindowed), ...goals];
}
