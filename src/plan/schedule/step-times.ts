/** The least and the most time that one step can take. Pure. */
import { allowedSeconds } from './timeouts.js';
import type { Gate } from '../compiled/gate.js';
import type { Guardrail } from '../compiled/guardrail.js';
import type { Plan } from '../compiled/plan.js';
import type { Experiment, Step } from '../compiled/step.js';

/** Seconds. `most` null: for ever; `waitsFor` then says for what. */
export interface Times {
  least: number;
  most: number | null;
  waitsFor?: string;
}

export function timesOf(plan: Plan, step: Step): Times {
  switch (step.kind) {
    case 'deploy':
      return { least: 0, most: plan.limits.deploySeconds };
    case 'validate':
      return { least: 0, most: allowedSeconds.validating };
    case 'setWeights':
      return { least: 0, most: plan.limits.shiftSeconds };
    case 'bake':
      return bakeTimes(plan, step.seconds);
    case 'gate':
      return gateTimes(step.gate);
    case 'experiment':
      return experimentTimes(plan, step);
  }
}

function bakeTimes(plan: Plan, seconds: number): Times {
  const judged = plan.guardrails.map((guardrail) => judgingTimes(guardrail, seconds, plan));
  const least = Math.max(seconds, ...judged.map((time) => time.least));
  if (judged.length === 0) return { least, most: least };
  if (plan.onInconclusive !== 'rollBack') return { least, most: null, waitsFor: unknownHolds };
  const settled = Math.max(seconds, ...judged.map((time) => time.settled));
  return { least, most: settled + plan.limits.holdSeconds };
}

/** A rollback window ends as a bake does, without what only a comparison could say. */
export function windowTimes(plan: Plan, seconds: number): Times {
  return bakeTimes(
    { ...plan, guardrails: plan.guardrails.filter(({ kind }) => kind !== 'comparison') },
    seconds,
  );
}

const unknownHolds = 'holds while a guardrail cannot judge (onInconclusive: hold)';

function gateTimes({ withinSeconds }: Gate): Times {
  if (withinSeconds !== null) return { least: 0, most: withinSeconds };
  return { least: 0, most: null, waitsFor: 'a gate may wait for ever' };
}

function experimentTimes(plan: Plan, { minimumSeconds, maximumSeconds }: Experiment): Times {
  const most =
    maximumSeconds + Math.max(...plan.goals.map((goal) => goal.windowSeconds + goal.dataDelaySeconds));
  if (plan.onInconclusive === 'hold')
    return { least: minimumSeconds, most: null, waitsFor: 'holds where the goals do not decide' };
  return { least: minimumSeconds, most: most + plan.limits.holdSeconds };
}

/** A bake ends when its last window has been judged, which starts up to a grid's width late and has late data. */
function judgingTimes(
  guardrail: Guardrail,
  bakeSeconds: number,
  plan: Plan,
): { least: number; settled: number } {
  if (guardrail.kind === 'alarm') return { least: bakeSeconds, settled: bakeSeconds };
  const { windowSeconds, dataDelaySeconds } = guardrail;
  const windows = Math.max(1, Math.floor(bakeSeconds / windowSeconds));
  const least = windows * windowSeconds + dataDelaySeconds;
  return { least, settled: least + Math.max(60, plan.serve.metricPeriodSeconds) };
}
