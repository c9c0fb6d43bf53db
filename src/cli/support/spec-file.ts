/** Reads a spec file with the files that it names, and validates it. */
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

/** Both contain the golden records. `json` is the argument of the workflow. */
export interface CheckedSpec {
  spec: Spec;
  json: SpecJson;
}

/** `spec`: of the first endpoint. The specs of the others differ only in names. */
export interface CheckedWaves {
  spec: Spec;
  waves: WavesPlan;
  json: WavesJson;
}

/** Paths of golden files are relative to the spec file. Throws UsageError, SpecError. */
export function readSpecFile(file: string): CheckedSpec {
  const { json } = parseSpec(readTextFile(file), file);
  return checkRollout(json, file);
}

/** For a spec with or without waves. `waves` is null for a single rollout. */
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
