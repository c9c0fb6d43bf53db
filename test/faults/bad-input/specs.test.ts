/** Specs that are wrong by construction, made from every example: each is refused, and says where, what and what else. */
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
import { dice, times, type Dice } from './random-input.js';
import { assertForm, assertProblems } from './message-form.js';
import { touches } from './places.js';
import { specMutations, type SpecMutation, type Spoilt } from './spec-mutations.js';
import { textMutations } from './spec-texts.js';

const file = 'spoilt.yaml';
const perKind = 67 * times;

const examples = [
  ...exampleFiles(),
  ...wavesExampleFiles(),
  'backtest/rollout.yaml',
  'backtest/as-it-was.yaml',
].map((name) => ({ name, json: readSpecDocument(readExample(name), name).json }));
const activities = { compileRollout: createCompileRollout(), compileWaves: createCompileWaves() };
const watch = new Stopwatch();

function refusalOf(text: string, what: string): SpecError {
  try {
    watch.time(what, () => parseAnySpec(text, file));
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `this was let through: ${text.slice(0, 2_000)}` });
}

/** As a start by any other means than `penstock` has it: JSON, and no file. */
async function assertActivityRefuses(spec: object): Promise<void> {
  const json = JSON.parse(JSON.stringify(spec)) as object;
  const refused =
    'waves' in json
      ? activities.compileWaves({ spec: json })
      : activities.compileRollout({ spec: json, ...identity });
  await assert.rejects(
    Promise.resolve(refused),
    (error: { type?: string; nonRetryable?: boolean } & Error) => {
      assert.equal(error.type, 'InvalidSpec', error.stack);
      assert.equal(error.nonRetryable, true);
      assertForm(error.message, null, 0);
      return true;
    },
  );
}

function spoil(mutation: SpecMutation, throws: Dice): Spoilt & { example: string } {
  for (;;) {
    const { name, json } = throws.oneOf(examples);
    const spoilt = mutation.spoil(json, throws);
    if (spoilt) return { ...spoilt, example: name };
  }
}

describe(`specs that cannot be (PENSTOCK_SEED=${seed})`, () => {
  for (const [kind, mutation] of Object.entries(specMutations)) {
    it(`${kind}: ${perKind} are refused, because ${mutation.why}`, async () => {
      for (const throws of dice(perKind, kind)) {
        const { spec, path, example } = spoil(mutation, throws);
        const text =
          throws.upTo(2) === 0
            ? JSON.stringify(spec, null, 2)
            : stringify(spec, { aliasDuplicateObjects: false });
        const context = `${kind} in ${example} at ${path.join('.')}`;
        try {
          const { problems, message } = refusalOf(text, context);
          assertProblems(problems);
          assertForm(message, file, text.split('\n').length);
          assert.ok(
            problems.some((problem) => problem.line === null || touches(problem.path, path)),
            message,
          );
          if (typeof spec === 'object' && spec !== null) await assertActivityRefuses(spec);
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
    it(`${kind}: ${perText} texts are refused, because ${mutation.why}`, () => {
      for (const throws of dice(perText, kind)) {
        const { name } = throws.oneOf(examples);
        const text = mutation.spoil(readExample(name), throws);
        const context = `${kind} in ${name}, PENSTOCK_SEED=${seed}: ${JSON.stringify(text.slice(-120))}`;
        try {
          const { problems, message } = refusalOf(text, context);
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
