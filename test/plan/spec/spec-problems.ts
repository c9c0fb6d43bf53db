/** Validates a part of a spec on its own. */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { Problem } from '../../../src/plan/spec/spec-error.js';
import { check } from '../../../src/plan/spec/problems.js';

const nowhere = () => null;

export function outputOf<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = check(schema, json, null, nowhere);
  if ('problems' in result) assert.fail(JSON.stringify(result.problems));
  return result.value;
}

export function problemsIn(schema: z.ZodType, json: unknown): Problem[] {
  const result = check(schema, json, null, nowhere);
  return 'problems' in result ? result.problems : [];
}
