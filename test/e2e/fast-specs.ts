/** The examples with shorter durations: a rollout of hours takes half a minute. */
import { readFileSync } from 'node:fs';
import type { SpecJson } from '../../src/client.js';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';

/** Fields with durations that are too long for a test, and their short values. */
const shorter: Record<string, string> = {
  bake: '10s',
  every: '10s',
  window: '10s',
  dataDelay: '2s',
  for: '5s',
  rollbackWindow: '5s',
};

/** `fields` override those of the example. */
export function shortenedExample(file: string, fields: object = {}): SpecJson {
  const text = readFileSync(new URL(`../../examples/${file}`, import.meta.url), 'utf8');
  const { json } = parseSpec(text, file);
  const whole = { ...(shorten(json) as SpecJson), ...fields };
  const spec = { ...whole, serve: { ...(whole['serve'] as object), metricsEvery: '10s' } };
  validateSpec(spec);
  return spec;
}

function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shorten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeof inner === 'string' && shorter[key] !== undefined ? shorter[key] : shorten(inner),
    ]),
  );
}
