import type { Guardrail } from '../../plan/compiled/guardrail.js';
import type { RolloutContext } from '../run/context.js';

/** The guardrails that the present split can answer. Comparisons need baseline traffic. */
export function applicableGuardrails({ state }: RolloutContext): Guardrail[] {
  const { guardrails } = state.plan;
  return state.weights?.baseline === 0
    ? guardrails.filter((guardrail) => guardrail.kind !== 'comparison')
    : guardrails;
}

/**
 * Before the candidate has users, its windows would only be read again and again. After an external change of the endpoint
 * it can have some.
 */
export function guardrailsInUse(run: RolloutContext): Guardrail[] {
  const { trafficMoved, hold } = run.state;
  const mayHaveUsers = trafficMoved || hold?.reason === 'drift';
  return applicableGuardrails(run).filter(({ kind }) => mayHaveUsers || kind === 'alarm');
}
