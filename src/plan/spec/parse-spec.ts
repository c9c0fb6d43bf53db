/** Parses a spec from text: YAML, or JSON, which is a subset of YAML. */
import type { z } from 'zod';
import { readSpecDocument } from './document/read-document.js';
import { SpecError } from './spec-error.js';
import { specSchema } from './spec-schema.js';
import type { Spec } from './fields/shape.js';
import { check } from './problems.js';

/**
 * `spec`: the parsed spec. `json`: the input of the workflow. `file`: for messages only. Throws SpecError with every
 * problem, each with its line and column.
 */
export function parseSpec(text: string, file: string): { spec: Spec; json: unknown } {
  const { value, json } = parseAs(specSchema, text, file);
  return { spec: value, json };
}

/** Same as parseSpec, for any schema. */
export function parseAs<T>(schema: z.ZodType<T>, text: string, file: string): { value: T; json: unknown } {
  const document = readSpecDocument(text, file);
  return { value: checkDocument(schema, document, file), json: document.json };
}

/** Throws SpecError with every problem. */
export function checkDocument<T>(
  schema: z.ZodType<T>,
  { json, locate }: ReturnType<typeof readSpecDocument>,
  file: string,
): T {
  const result = check(schema, json, file, locate);
  if ('problems' in result) throw new SpecError(result.problems);
  return result.value;
}
