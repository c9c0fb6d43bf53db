import { SpecError } from '../spec/spec-error.js';
import { check } from '../spec/problems.js';
import { wavesSchema, type WavesSpec } from './waves-schema.js';

/** As validateSpec, for a spec of waves. Throws SpecError, with paths but no lines. */
export function validateWaves(json: unknown): WavesSpec {
  const result = check(wavesSchema, json, null, () => null);
  if ('problems' in result) throw new SpecError(result.problems);
  return result.value;
}
