import { compileWaves } from '../../plan/waves/compile-waves.js';
import { SpecError } from '../../plan/spec/spec-error.js';
import { nonRetryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';

export function createCompileWaves(): Pick<RolloutActivities, 'compileWaves'> {
  return {
    compileWaves: async ({ spec }) => {
      try {
        return await Promise.resolve(compileWaves(spec));
      } catch (error) {
        if (error instanceof SpecError) throw nonRetryableFailure('InvalidSpec', error.message, error);
        throw error;
      }
    },
  };
}
