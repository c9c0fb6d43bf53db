import { compilePlan } from '../compile/compile-plan.js';
import { validateSpec } from '../spec/validate-spec.js';
import { validateWaves } from './validate-waves.js';
import { rolloutSpecOf, type WavesPlan } from './waves.js';

/**
 * Compiles a spec of waves. It also compiles every endpoint's rollout once, so an invalid one is found before the
 * first endpoint is promoted. Throws SpecError.
 */
export function compileWaves(json: unknown): WavesPlan {
  const { name, waves, pauseBetween, stopAfter, onFailure, strategy } = validateWaves(json);
  for (const endpoint of waves.flatMap((wave) => wave.endpoints)) {
    const spec = rolloutSpecOf(json as object, endpoint);
    compilePlan(validateSpec(spec), { workflowId: endpoint, runId: 'validation only' });
  }
  return {
    version: 1,
    name,
    strategy: strategy.map((each) => each.name).join('+'),
    waves,
    pauseSeconds: pauseBetween ?? 0,
    stopAfter,
    onFailure,
  };
}
