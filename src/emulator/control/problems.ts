import type { z } from 'zod';

/** A document that a schema rejects. The message has one line per problem: place, value, allowed values. */
export class InvalidDocument extends Error {
  override readonly name = 'InvalidDocument';
}

/** Throws InvalidDocument with all problems. */
export function parseControlDocument<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InvalidDocument(parsed.error.issues.map((issue) => lineOf(issue, json)).join('\n'));
}

function lineOf(issue: z.core.$ZodIssue, json: unknown): string {
  const found = issue.path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    json,
  );
  const place = issue.path.map(String).join('.') || '(document)';
  return `${place}: found ${JSON.stringify(found) ?? 'nothing'}; ${allowed(issue)}`;
}

function allowed(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_value' ? `allowed: ${issue.values.join(', ')}` : issue.message;
}
