/** Minimum and maximum duration of one step. Pure. */
import { activityTimeouts } from './timeouts.js';
import type { Gate } from '../compiled/gate.js';
import { isWindowed, type Guardrail } from '../compiled/guardrail.js';
import type { Plan } from '../compiled/plan.js';
import type { Experiment, Step } from '../compiled/step.js';

/** Seconds. `max` null: no limit; `waitsFor` then gives the reason. */
export interface DurationRange {
  min: number;
  max: number | null;
  waitsFor?: string;
}

export function stepDurationOf(plan: Plan, step: Step): DurationRange {
  switch (step.kind) {
    case 'deploy':
      return { min: 0, max: plan.limits.deploySeconds };
    case 'validate':
      return { min: 0, max: activityTimeouts.validating };
    case 'setWeights':
      return { min: 0, max: plan.limits.shiftSeconds };
    case 'bake':
      return bakeTimes(plan, step.seconds);
    case 'gate':
      return gateTimes(step.gate);
    case 'experiment':
      return experimentTimes(plan, step);
  }
}

function bakeTimes(plan: Plan, seconds: number): DurationRange {
  const judged = plan.guardrails.map((guardrail) => judgingTimes(guardrail, seconds, plan));
  const min = Math.max(seconds, ...judged.map((time) => time.min));
  if (judged.length === 0) return { min, max: min };
  if (plan.onInconclusive !== 'rollBack') return { min, max: null, waitsFor: unknownHolds };
  const settled = Math.max(seconds, ...judged.map((time) => time.settled));
  return { min, max: settled + plan.limits.holdSeconds };
}

/** A rollback window ends like a bake. Comparison guardrails do not count. */
export function windowTimes(plan: Plan, seconds: number): DurationRange {
  return bakeTimes(
    { ...plan, guardrails: plan.guardrails.filter(({ kind }) => kind !== 'comparison') },
    seconds,
  );
}

const unknownHolds = 'holds while a guardrail has no verdict (onInconclusive: hold)';

function gateTimes({ withinSeconds }: Gate): DurationRange {
  if (withinSeconds !== null) return { min: 0, max: withinSeconds };
  return { min: 0, max: null, waitsFor: 'waits for a gate without a time limit' };
}

function experimentTimes(plan: Plan, { minimumSeconds, maximumSeconds }: Experiment): DurationRange {
  const max =
    maximumSeconds + Math.max(...plan.goals.map((goal) => goal.windowSeconds + goal.dataDelaySeconds));
  if (plan.onInconclusive === 'hold')
    return { min: minimumSeconds, max: null, waitsFor: 'holds if the goals do not decide' };
  return { min: minimumSeconds, max: max + plan.limits.holdSeconds };
}

/**
 * A bake ends with the verdict on its last window. That window starts up to one grid width late, and its data is
 * delayed.
 */
function judgingTimes(
  guardrail: Guardrail,
  bakeSeconds: number,
  plan: Plan,
): { min: number; settled: number } {
  if (!isWindowed(guardrail)) return { min: bakeSeconds, settled: bakeSeconds };
  const { windowSeconds, dataDelaySeconds } = guardrail;
  const windows = Math.max(1, Math.floor(bakeSeconds / windowSeconds));
  const min = windows * windowSeconds + dataDelaySeconds;
  return { min, settled: min + Math.max(60, plan.serve.metricPeriodSeconds) };
}
