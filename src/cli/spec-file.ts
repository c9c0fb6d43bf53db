/** A spec file with everything that it refers to, checked. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { SpecJson } from '../client.js';
import { inlineGolden } from '../plan/inline-golden.js';
import { parseSpec } from '../plan/parse-spec.js';
import type { Spec } from '../plan/spec-schema.js';
import { validateSpec } from '../plan/validate-spec.js';
import { readText } from './text-file.js';

/** Both with the golden records in them. `json` is what a rollout is started with. */
export interface CheckedSpec {
  spec: Spec;
  json: SpecJson;
}

/** Golden files are found relative to the spec file. Throws UsageError, SpecError. */
export function readSpecFile(file: string): CheckedSpec {
  const { json } = parseSpec(readText(file), file);
  const whole = inlineGolden(json, (name) => readFileSync(resolve(dirname(file), name), 'utf8'));
  return { spec: validateSpec(whole), json: whole as SpecJson };
}
