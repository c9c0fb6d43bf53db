import { z } from 'zod';
import type { Outcome } from '../assignment/exposure.js';
import { Refusal } from '../http/http-error.js';

/** Its square, summed up over many, still fits a double and CloudWatch. */
const largest = 1e9;

const schema = z.strictObject({
  inferenceId: z.string().min(1).max(256),
  conversion: z.boolean().default(false),
  value: z.number().min(-largest).max(largest).default(0),
});

/** Throws Refusal. */
export function readOutcome(body: Buffer): Outcome {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(400, 'ValidationError', 'The body is no JSON.');
  }
  const { data, error } = schema.safeParse(json);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new Refusal(400, 'ValidationError', `${issue?.path.join('.') || 'outcome'}: ${issue?.message}`);
}
