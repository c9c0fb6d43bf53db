import { compilePlan } from '../../plan/compile/compile-plan.js';
import { SpecError } from '../../plan/spec/spec-error.js';
import { validateSpec } from '../../plan/spec/validate-spec.js';
import { compileWaves } from '../../plan/waves/compile-waves.js';
import { isSpecInWaves } from '../../plan/waves/waves.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import { readSpecInWaves } from './spec-in-waves.js';

export function createCompileRollout(): RolloutActivities['compileRollout'] {
  return async ({ spec, ...identity }) => {
    const own = isSpecInWaves(spec) ? await readSpecInWaves(spec) : spec;
    return compile(() => compilePlan(validateSpec(own), identity));
  };
}

export function createCompileWaves(): RolloutActivities['compileWaves'] {
  return ({ spec }) => compile(() => compileWaves(spec));
}

/** Fails: InvalidSpec. A retry would find the same problems. */
async function compile<T>(compileSpec: () => T): Promise<T> {
  try {
    return await Promise.resolve(compileSpec());
  } catch (error) {
    if (error instanceof SpecError) throw nonRetryableFailure('InvalidSpec', error.message, error);
    throw error;
  }
}
