/** Reduces a plan to the rules that recorded data can be judged by, with windows that fit the data. */
import { formatDuration } from '../../plan/units/durations.js';
import { defaultCap, type Goal } from '../../plan/compiled/goal.js';
import { isWindowed, type WindowedGuardrail } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';

export interface ReducedPlan {
  plan: Plan;
  /** Differences to the plan, one message each. */
  notices: string[];
}

/**
 * Removes alarms, because recorded data has no alarm states, and the given ids. Throws RangeError for an unknown id,
 * for an expression, because only CloudWatch computes expressions, and for a cap that is a percentile.
 */
export function excludeRules(plan: Plan, excluded: readonly string[]): ReducedPlan {
  const rules = [...plan.guardrails, ...plan.goals];
  const unknown = excluded.find((id) => !rules.some((rule) => rule.id === id));
  if (unknown !== undefined) {
    const ids = rules.map((rule) => rule.id).join(', ');
    throw new RangeError(`The spec has no rule ${unknown}; it has ${ids === '' ? 'none' : ids}.`);
  }
  const isKept = ({ id }: { id: string }) => !excluded.includes(id);
  const alarms = plan.guardrails.filter((rule) => !isWindowed(rule) && isKept(rule)).map(({ id }) => id);
  const guardrails = plan.guardrails.filter((rule) => isWindowed(rule) && isKept(rule));
  const computed = guardrails.find((rule) => rule.kind === 'bound' && rule.metric.expression !== undefined);
  if (computed !== undefined)
    throw new RangeError(
      `Cannot judge ${computed.id}: only CloudWatch computes expressions; omit the rule with --exclude "${computed.id}".`,
    );
  const goals = plan.goals.filter(isKept);
  const capped = goals.find(({ kind, cap = defaultCap }) => kind === 'mean' && cap.kind === 'percentile');
  if (capped !== undefined)
    throw new RangeError(
      `Cannot judge ${capped.id}: the data has sums and no percentiles; set its cap to a number, or omit the rule with --exclude "${capped.id}".`,
    );
  return {
    plan: { ...plan, guardrails, goals },
    notices: [
      ...alarms.map((id) => `${id} is not judged: the data has no alarm states`),
      ...excluded.map((id) => `${id} is excluded`),
      ...waitsOf(plan),
    ],
  };
}

/** A backtest does not wait for people and calendars. */
function waitsOf({ steps, freeze }: Plan): string[] {
  const gates = steps.flatMap((step) => (step.kind === 'gate' ? [step.gate.id] : []));
  return [
    ...(gates.length === 0 ? [] : [`gates are assumed to open immediately: ${gates.join(', ')}`]),
    ...(freeze.length === 0 ? [] : ['freezes are ignored']),
  ];
}

/** Rounds windows up to whole periods of the data. */
export function alignWindows(plan: Plan, periodSeconds: number): ReducedPlan {
  const widen = (seconds: number) => Math.max(1, Math.ceil(seconds / periodSeconds)) * periodSeconds;
  const notices: string[] = [];
  const fit = <R extends WindowedGuardrail | Goal>(rule: R): R => {
    const windowSeconds = widen(rule.windowSeconds);
    if (windowSeconds === rule.windowSeconds) return rule;
    const [wide, own] = [windowSeconds, rule.windowSeconds].map(formatDuration);
    notices.push(
      `${rule.id} is judged in windows of ${wide} instead of ${own}, to fit the periods of the data`,
    );
    return { ...rule, windowSeconds };
  };
  const fitted = {
    ...plan,
    guardrails: plan.guardrails.map((rule) => (isWindowed(rule) ? fit(rule) : rule)),
    goals: plan.goals.map(fit),
    serve: { ...plan.serve, metricPeriodSeconds: widen(plan.serve.metricPeriodSeconds) },
  };
  return { plan: fitted, notices };
}
