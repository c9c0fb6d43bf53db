import { compilePlan } from '../../plan/compile/compile-plan.js';
import type { Plan } from '../../plan/compiled/plan.js';
import { SpecError } from '../../plan/spec/spec-error.js';
import { validateSpec } from '../../plan/spec/validate-spec.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';

export function createCompile(): Pick<RolloutActivities, 'compileRollout'> {
  return { compileRollout: (request) => Promise.resolve(request).then(compile) };
}

function compile({ spec, ...identity }: { spec: unknown; workflowId: string; runId: string }): Plan {
  try {
    return compilePlan(validateSpec(spec), identity);
  } catch (error) {
    if (error instanceof SpecError) throw nonRetryableFailure('InvalidSpec', error.message, error);
    throw error;
  }
}
