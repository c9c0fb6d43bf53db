import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { RolloutContext } from '../run/context.js';

/** The guardrails that the present split can answer. Comparisons need baseline traffic. */
export function applicableGuardrails({ state }: RolloutContext): Guardrail[] {
  const { guardrails } = state.plan;
  return state.weights?.baseline === 0
    ? guardrails.filter((guardrail) => guardrail.kind !== 'comparison')
    : guardrails;
}
