import { compilePlan } from '../compile/compile-plan.js';
import { validateSpec } from '../spec/validate-spec.js';
import { validateWaves } from './validate-waves.js';
import { rolloutSpecOf, type WavesPlan } from './waves.js';

/**
 * Compiles a spec of waves. It also compiles every endpoint's rollout once, so an invalid one is found before the
 * first endpoint is promoted. Throws SpecError.
 */
export function compileWaves(json: unknown): WavesPlan {
  const { name, waves, pauseBetween, stopAfter, onFailure, strategy, models } = validateWaves(json);
  const endpoints = waves.flatMap((wave) => wave.endpoints);
  for (const [index, endpoint] of endpoints.entries()) {
    const { validate, ...spec } = rolloutSpecOf(json as object, endpoint);
    // Every endpoint has the same requests: hundreds of checks of a megabyte would stop the worker for seconds.
    const checked = index === 0 && validate !== undefined ? { ...spec, validate } : spec;
    compilePlan(validateSpec(checked), { workflowId: endpoint, runId: 'validation only' });
  }
  return {
    version: 1,
    name,
    strategy: strategy.map((each) => each.name).join('+'),
    waves,
    pauseSeconds: pauseBetween ?? 0,
    stopAfter,
    onFailure,
    group: models.candidate.kind === 'group' ? models.candidate.group : null,
  };
}
