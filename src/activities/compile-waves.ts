import { compileWaves } from '../plan/compile-waves.js';
import { SpecError } from '../plan/spec-error.js';
import { refusal } from './failures.js';
import type { RolloutActivities } from './interface/activities.js';

export function createCompileWaves(): Pick<RolloutActivities, 'compileWaves'> {
  return {
    compileWaves: async ({ spec }) => {
      try {
        return await Promise.resolve(compileWaves(spec));
      } catch (error) {
        if (error instanceof SpecError) throw refusal('InvalidSpec', error.message, error);
        throw error;
      }
    },
  };
}
