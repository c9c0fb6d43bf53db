import assert from 'node:assert/strict';
import { compilePlan } from '../../src/plan/compile/compile-plan.js';
import { compileWaves } from '../../src/plan/waves/compile-waves.js';
import { inlineGolden } from '../../src/plan/spec/inline-golden.js';
import { lintSpec } from '../../src/plan/spec/lint-spec.js';
import { parseSpec } from '../../src/plan/spec/parse-spec.js';
import { parseAnySpec } from '../../src/plan/spec/any-spec.js';
import { scheduleOf, stagesOf } from '../../src/plan/schedule/schedule.js';
import { validateSpec } from '../../src/plan/spec/validate-spec.js';
import { exampleFiles, readExample, wavesExampleFiles } from './examples.js';
import { identity } from './specs.js';

describe('examples', () => {
  it('example files: at least 4 specs exist', () => assert.ok(exampleFiles().length >= 4));

  for (const file of exampleFiles())
    it(`compilePlan: examples/${file} -> the plan ends with all traffic on the candidate`, () => {
      const { json } = parseSpec(readExample(file), file);
      const plan = compilePlan(validateSpec(inlineGolden(json, readExample)), identity);
      const weights = plan.steps.flatMap((step) => (step.kind === 'setWeights' ? [step.weights] : []));
      assert.deepEqual(weights.at(-1), { baseline: 0, candidate: 100 });
      const mirrored = plan.steps.filter(
        (step) => step.kind === 'deploy' && step.arrangement.kind === 'shadow',
      );
      assert.equal(weights.length + mirrored.length, stagesOf(plan));
      assert.ok(scheduleOf(plan).earliestEndSeconds > 0);
    });

  it('example files: at least 1 spec of waves exists', () => assert.ok(wavesExampleFiles().length >= 1));

  for (const file of wavesExampleFiles())
    it(`compileWaves: examples/${file} -> waves, and a plan for every endpoint`, () => {
      const { kind, json } = parseAnySpec(readExample(file), file);
      assert.equal(kind, 'waves');
      assert.ok(compileWaves(json).waves.length > 1);
    });

  it('lintSpec: examples/canary.yaml -> no warnings', () => {
    assert.deepEqual(lintSpec(parseSpec(readExample('canary.yaml'), 'canary.yaml').spec), []);
  });
});
