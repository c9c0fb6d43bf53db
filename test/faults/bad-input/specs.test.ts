/** Specs that are invalid by construction, made from every example. Each is rejected with place, problem and allowed values. */
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { createCompileRollout, createCompileWaves } from '../../../src/activities/planning/compile-spec.js';
import { parseAnySpec } from '../../../src/plan/spec/any-spec.js';
import { readSpecDocument } from '../../../src/plan/spec/document/read-document.js';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import { exampleFiles, readExample, wavesExampleFiles } from '../../plan/examples.js';
import { identity } from '../../plan/specs.js';
import { Stopwatch } from './cpu.js';
import { seed } from '../seed.js';
import { randomCases, times, type RandomCase } from './random-input.js';
import { assertForm, assertProblems } from './message-form.js';
import { touches } from './places.js';
import { specMutations, type SpecMutation, type MutatedSpec } from './spec-mutations.js';
import { textMutations } from './spec-texts.js';

const file = 'mutated.yaml';
const perKind = 67 * times;

const examples = [
  ...exampleFiles(),
  ...wavesExampleFiles(),
  'backtest/rollout.yaml',
  'backtest/as-it-was.yaml',
].map((name) => ({ name, json: readSpecDocument(readExample(name), name).json }));
const activities = { compileRollout: createCompileRollout(), compileWaves: createCompileWaves() };
const watch = new Stopwatch();

function rejectionOf(text: string, what: string): SpecError {
  try {
    watch.time(what, () => parseAnySpec(text, file));
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `this was accepted: ${text.slice(0, 2_000)}` });
}

/** The activity rejects the spec too: clients other than `penstock` start rollouts with JSON, without a file. */
async function assertActivityRejects(spec: object): Promise<void> {
  const json = JSON.parse(JSON.stringify(spec)) as object;
  const compiled =
    'waves' in json
      ? activities.compileWaves({ spec: json })
      : activities.compileRollout({ spec: json, ...identity });
  await assert.rejects(
    Promise.resolve(compiled),
    (error: { type?: string; nonRetryable?: boolean } & Error) => {
      assert.equal(error.type, 'InvalidSpec', error.stack);
      assert.equal(error.nonRetryable, true);
      assertForm(error.message, null, 0);
      return true;
    },
  );
}

function mutate(mutation: SpecMutation, random: RandomCase): MutatedSpec & { example: string } {
  for (;;) {
    const { name, json } = random.oneOf(examples);
    const mutated = mutation.mutate(json, random);
    if (mutated) return { ...mutated, example: name };
  }
}

describe(`invalid specs (PENSTOCK_SEED=${seed})`, () => {
  for (const [kind, mutation] of Object.entries(specMutations)) {
    it(`spec, ${kind}: ${perKind} mutations -> rejected (${mutation.why})`, async () => {
      for (const random of randomCases(perKind, kind)) {
        const { spec, path, example } = mutate(mutation, random);
        const text =
          random.below(2) === 0
            ? JSON.stringify(spec, null, 2)
            : stringify(spec, { aliasDuplicateObjects: false });
        const context = `${kind} in ${example} at ${path.join('.')}`;
        try {
          const { problems, message } = rejectionOf(text, context);
          assertProblems(problems);
          assertForm(message, file, text.split('\n').length);
          assert.ok(
            problems.some((problem) => problem.line === null || touches(problem.path, path)),
            message,
          );
          if (typeof spec === 'object' && spec !== null) await assertActivityRejects(spec);
        } catch (error) {
          throw new Error(`${context}, PENSTOCK_SEED=${seed}: ${String(error)}\n${text.slice(0, 1_500)}`, {
            cause: error,
          });
        }
      }
    });
  }

  for (const [kind, mutation] of Object.entries(textMutations)) {
    const perText = (kind.includes('megabyte') ? 12 : 24) * times;
    it(`spec text, ${kind}: ${perText} texts -> rejected (${mutation.why})`, () => {
      for (const random of randomCases(perText, kind)) {
        const { name } = random.oneOf(examples);
        const text = mutation.mutate(readExample(name), random);
        const context = `${kind} in ${name}, PENSTOCK_SEED=${seed}: ${JSON.stringify(text.slice(-120))}`;
        try {
          const { problems, message } = rejectionOf(text, context);
          assertProblems(problems);
          assertForm(message, file, text.split(/\r\n?|\n/).length);
        } catch (error) {
          throw new Error(`${context}: ${String(error)}`, { cause: error });
        }
      }
    });
  }

  after(() => console.log(`      slowest: ${watch.slowest.ms} ms of processor time, ${watch.slowest.what}`));
});
