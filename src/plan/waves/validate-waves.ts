import { SpecError } from '../spec/spec-error.js';
import { check } from '../spec/problems.js';
import { wavesSchema, type WavesSpec } from './waves-schema.js';

/** Same as validateSpec, for a spec of waves. Throws SpecError with paths but without lines. */
export function validateWaves(json: unknown): WavesSpec {
  const result = check(wavesSchema, json, null, () => null);
  if ('problems' in result) throw new SpecError(result.problems);
  return result.value;
}
