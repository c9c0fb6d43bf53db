/** Settings that the tests of a plan share: error rates, and the time that the plan watches. Pure. */
import type { JudgingPlan, JudgingSettings } from '../compiled/goal.js';
import { isTested, type Guardrail } from '../compiled/guardrail.js';
import type { Step } from '../compiled/step.js';

/** `rollbackWindowSeconds`: guardrails are evaluated in it too. */
export function compileJudging(
  settings: JudgingSettings,
  {
    steps,
    guardrails,
    rollbackWindowSeconds,
  }: { steps: Step[]; guardrails: Guardrail[]; rollbackWindowSeconds: number },
): JudgingPlan {
  const seconds = steps.reduce((sum, step) => sum + longestSecondsOf(step), rollbackWindowSeconds);
  return {
    ...settings,
    testedGuardrails: Math.max(1, guardrails.filter(isTested).length),
    watchedSeconds: Math.max(1, seconds),
  };
}

function longestSecondsOf(step: Step): number {
  if (step.kind === 'bake') return step.seconds;
  return step.kind === 'experiment' ? step.maximumSeconds : 0;
}
