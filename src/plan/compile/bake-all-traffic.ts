/** Before the baseline goes, the candidate is judged with all traffic. Pure. */
import type { Guardrail } from '../compiled/guardrail.js';
import type { Step } from '../compiled/step.js';

const minSeconds = 300;

/** `steps`: those of the spec. False if the spec leaves the bake at 100 % to the plan. */
export function bakesAllTraffic(steps: Step[]): boolean {
  return steps.at(-1)?.kind !== 'setWeights';
}

/**
 * A spec that bakes at 100 % itself decides how long. Otherwise the bake is as long as the longest one before it, and long
 * enough for a window of every bound.
 */
export function bakeAllTraffic(steps: Step[], guardrails: Guardrail[]): Step[] {
  const last = steps.at(-1);
  if (last === undefined || bakesAllTraffic(steps)) return steps;
  const bakes = steps.flatMap((step) => (step.kind === 'bake' ? [step.seconds] : []));
  const windows = guardrails.flatMap((guardrail) =>
    guardrail.kind === 'bound' ? [guardrail.windowSeconds] : [],
  );
  const seconds = Math.max(minSeconds, ...bakes, ...windows);
  return [...steps, { kind: 'bake', stage: last.stage, seconds }];
}
