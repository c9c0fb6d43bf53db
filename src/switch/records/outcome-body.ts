import { z } from 'zod';
import type { UserOutcome } from '../assignment/exposure.js';
import { HttpError } from '../http/http-error.js';

/** Sums of many squares of this value still fit a double, and CloudWatch accepts them. */
const maxOutcomeValue = 1e9;

const schema = z.strictObject({
  inferenceId: z.string().min(1).max(256),
  conversion: z.boolean().default(false),
  value: z.number().min(-maxOutcomeValue).max(maxOutcomeValue).default(0),
});

/** Throws HttpError. */
export function readOutcome(body: Buffer): UserOutcome {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpError(400, 'ValidationError', 'Expected a JSON body.');
  }
  const { data, error } = schema.safeParse(json);
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new HttpError(400, 'ValidationError', `${issue?.path.join('.') || 'outcome'}: ${issue?.message}`);
}
