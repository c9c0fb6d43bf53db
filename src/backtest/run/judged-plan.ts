/** A plan as recorded data can be judged by it: without what no data stands for, in windows that the data has. */
import { formatDuration } from '../../plan/units/durations.js';
import type { Goal } from '../../plan/compiled/goal.js';
import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { Plan } from '../../plan/compiled/plan.js';

export interface ReducedPlan {
  plan: Plan;
  /** What differs from the plan, in sentences. */
  notices: string[];
}

/**
 * Without alarms, whose states are no metrics, and without the given ids. Throws RangeError for an id that is not there, and
 * for an expression, which only CloudWatch computes.
 */
export function excludeRules(plan: Plan, without: readonly string[]): ReducedPlan {
  const rules = [...plan.guardrails, ...plan.goals];
  const unknown = without.find((id) => !rules.some((rule) => rule.id === id));
  if (unknown !== undefined) {
    const ids = rules.map((rule) => rule.id).join(', ');
    throw new RangeError(`The spec has no rule ${unknown}; it has ${ids === '' ? 'none' : ids}.`);
  }
  const stays = ({ id }: { id: string }) => !without.includes(id);
  const alarms = plan.guardrails.flatMap((rule) => (rule.kind === 'alarm' && stays(rule) ? [rule.id] : []));
  const guardrails = plan.guardrails.filter((rule) => rule.kind !== 'alarm' && stays(rule));
  const computed = guardrails.find((rule) => rule.kind === 'bound' && rule.metric.expression !== undefined);
  if (computed !== undefined)
    throw new RangeError(
      `${computed.id} is an expression, which CloudWatch computes and recorded data cannot: leave it out by --exclude "${computed.id}".`,
    );
  const goals = plan.goals.filter(stays);
  return {
    plan: { ...plan, guardrails, goals },
    notices: [
      ...alarms.map((id) => `${id} is not judged: the data has no states of alarms`),
      ...without.map((id) => `${id} is left out`),
      ...waitsOf(plan),
    ],
  };
}

/** Waits for people and calendars are no matter of data. */
function waitsOf({ steps, freeze }: Plan): string[] {
  const gates = steps.flatMap((step) => (step.kind === 'gate' ? [step.gate.id] : []));
  return [
    ...(gates.length === 0 ? [] : [`gates are taken to open at once: ${gates.join(', ')}`]),
    ...(freeze.length === 0 ? [] : ['freezes are not waited for']),
  ];
}

/** Windows of whole periods of the data, on its grid. */
export function alignWindows(plan: Plan, periodSeconds: number): ReducedPlan {
  const widen = (seconds: number) => Math.max(1, Math.ceil(seconds / periodSeconds)) * periodSeconds;
  const notices: string[] = [];
  const fit = <R extends Exclude<Guardrail, { kind: 'alarm' }> | Goal>(rule: R): R => {
    const windowSeconds = widen(rule.windowSeconds);
    if (windowSeconds === rule.windowSeconds) return rule;
    const [wide, own] = [windowSeconds, rule.windowSeconds].map(formatDuration);
    notices.push(`${rule.id} is judged in windows of ${wide}, not ${own}: the data has no others`);
    return { ...rule, windowSeconds };
  };
  const fitted = {
    ...plan,
    guardrails: plan.guardrails.map((rule) => (rule.kind === 'alarm' ? rule : fit(rule))),
    goals: plan.goals.map(fit),
    serve: { ...plan.serve, metricPeriodSeconds: widen(plan.serve.metricPeriodSeconds) },
  };
  return { plan: fitted, notices };
}
