import { SpecError } from './spec-error.js';
import { specSchema } from './spec-schema.js';
import type { Spec } from './fields/shape.js';
import { check } from './problems.js';

/** Same rules as parseSpec, for a spec as JSON. Throws SpecError with paths but without lines. */
export function validateSpec(json: unknown): Spec {
  const result = check(specSchema, json, null, () => null);
  if ('problems' in result) throw new SpecError(result.problems);
  return result.value;
}
