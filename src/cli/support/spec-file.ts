/** A spec file with everything that it refers to, checked. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { SpecJson, WavesJson } from '../../client.js';
import { compileWaves } from '../../plan/waves/compile-waves.js';
import { inlineGolden, inlineWavesGolden } from '../../plan/spec/inline-golden.js';
import { parseSpec } from '../../plan/spec/parse-spec.js';
import type { Spec } from '../../plan/spec/fields/shape.js';
import { parseAnySpec } from '../../plan/spec/any-spec.js';
import { validateSpec } from '../../plan/spec/validate-spec.js';
import { rolloutSpecOf, type WavesPlan } from '../../plan/waves/waves.js';
import { readTextFile } from './text-file.js';

/** Both with the golden records in them. `json` is what a rollout is started with. */
export interface CheckedSpec {
  spec: Spec;
  json: SpecJson;
}

/** `spec`: of the first endpoint; those of the others differ in nothing but names. */
export interface CheckedWaves {
  spec: Spec;
  waves: WavesPlan;
  json: WavesJson;
}

/** Golden files are found relative to the spec file. Throws UsageError, SpecError. */
export function readSpecFile(file: string): CheckedSpec {
  const { json } = parseSpec(readTextFile(file), file);
  return checkRollout(json, file);
}

/** The same for a file that may hold waves; `waves` is null where it holds one rollout. */
export function readAnySpecFile(file: string): (CheckedSpec & { waves: null }) | CheckedWaves {
  const { kind, json } = parseAnySpec(readTextFile(file), file);
  if (kind === 'rollout') return { ...checkRollout(json, file), waves: null };
  const whole = inlineWavesGolden(json, resolveFrom(file));
  const waves = compileWaves(whole);
  const first = waves.waves[0]?.endpoints[0] ?? '';
  return { spec: validateSpec(rolloutSpecOf(whole, first)), waves, json: whole as WavesJson };
}

function checkRollout(json: unknown, file: string): CheckedSpec {
  const whole = inlineGolden(json, resolveFrom(file));
  return { spec: validateSpec(whole), json: whole as SpecJson };
}

function resolveFrom(file: string): (name: string) => string {
  return (name) => readFileSync(resolve(dirname(file), name), 'utf8');
}
