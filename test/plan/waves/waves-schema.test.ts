import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { compileWaves } from '../../../src/plan/waves/compile-waves.js';
import { jsonSchemaText } from '../../../src/plan/spec/json-schema.js';
import { parseAs } from '../../../src/plan/spec/parse-spec.js';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import { validateWaves } from '../../../src/plan/waves/validate-waves.js';
import { rolloutSpecOf } from '../../../src/plan/waves/waves.js';
import { wavesSchema } from '../../../src/plan/waves/waves-schema.js';
import { readExample, wavesExampleFiles } from '../examples.js';
import { problemsIn } from '../spec/spec-problems.js';
import { smallest } from '../specs.js';

const { apiVersion, models, strategy } = smallest;
const spec = {
  apiVersion,
  models,
  strategy,
  name: 'Everywhere',
  waves: [['digits-eu'], ['digits-us', 'digits-AP']],
};

describe('specs of waves', () => {
  it('compileWaves: minimal spec -> endpoints in their own case, defaults filled in', () => {
    assert.deepEqual(compileWaves(spec), {
      version: 1,
      name: 'everywhere',
      strategy: 'standard',
      waves: [
        { endpoints: ['digits-eu'], taskQueue: null },
        { endpoints: ['digits-us', 'digits-AP'], taskQueue: null },
      ],
      pauseSeconds: 0,
      stopAfter: 1,
      onFailure: 'keep',
      group: null,
    });
  });

  it('compileWaves: taskQueue, pauseBetween and stopAfter -> in the plan', () => {
    const waves = [{ endpoints: ['digits-us'], taskQueue: 'penstock-us' }];
    const plan = compileWaves({ ...spec, waves, pauseBetween: '1h', stopAfter: 2 });
    assert.deepEqual(plan.waves, waves);
    assert.deepEqual([plan.pauseSeconds, plan.stopAfter], [3600, 2]);
  });

  it('compileWaves: onFailure rollBack with a rollback window -> accepted', () => {
    const plan = compileWaves({ ...spec, onFailure: 'rollBack', rollbackWindow: '6d' });
    assert.equal(plan.onFailure, 'rollBack');
    const blueGreen = { ...spec, onFailure: 'rollBack', strategy: { blueGreen: { bake: '1h' } } };
    assert.equal(compileWaves(blueGreen).onFailure, 'rollBack');
  });

  const invalid: [string, object, string, RegExp][] = [
    ['a duplicate endpoint', { waves: [['eu'], ['us', 'EU']] }, 'waves[1]', /EU is listed twice/],
    ['an empty list of waves', { waves: [] }, 'waves', /cannot be an empty list/],
    ['an empty wave', { waves: [[]] }, 'waves[0]', /empty list/],
    ['201 endpoints', { waves: [Array.from({ length: 201 }, (_, i) => `e${i}`)] }, 'waves', /201 endpoints/],
    ['an invalid endpoint name', { waves: [['a b']] }, 'waves[0][0]', /"a b"/],
    ['a wave as text', { waves: ['eu'] }, 'waves[0]', /cannot be "eu"/],
    ['a misspelt queue', { waves: [{ endpoints: ['eu'], queue: 'q' }] }, 'waves[0].queue', /no field queue/],
    ['an endpoint together with waves', { endpoint: 'digits' }, 'endpoint', /no field endpoint/],
    ['a pause without a unit', { pauseBetween: 60 }, 'pauseBetween', /cannot be 60/],
    ['stopAfter 0', { stopAfter: 0 }, 'stopAfter', /cannot be 0/],
    ['rollBack without a rollback window', { onFailure: 'rollBack' }, 'onFailure', /needs a rollback window/],
    ['goals without an experiment', { goals: [goal()] }, 'goals', /goals are only for abTest and bandit/],
  ];
  for (const [what, change, path, message] of invalid)
    it(`waves spec: ${what} -> rejected`, () => {
      const problems = problemsIn(wavesSchema, { ...spec, ...change });
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.equal(problems[0]?.path, path);
      assert.match(problems[0]?.message ?? '', message);
      assert.ok(problems[0]?.allowed);
    });

  it('waves spec: no name and no waves -> every problem with its line', () => {
    const text =
      'apiVersion: penstock/v1\nonFailure: stay\nmodels: {baseline: live, candidate: {model: b}}\n';
    assert.throws(
      () => parseAs(wavesSchema, text, 'waves.yaml'),
      (error) => {
        assert.ok(error instanceof SpecError);
        const paths = error.problems.map(({ path }) => path).sort();
        assert.deepEqual(paths, ['name', 'onFailure', 'strategy', 'waves']);
        assert.match(error.message, /waves\.yaml:2:12 onFailure[^]*allowed: keep, rollBack/);
        return true;
      },
    );
  });

  it('validateWaves: invalid JSON spec -> SpecError with paths', () => {
    assert.throws(() => validateWaves({ ...spec, waves: 7 }), /waves cannot be 7/);
  });
});

describe('rolloutSpecOf', () => {
  it('rolloutSpecOf: spec of waves -> rollout spec without wave fields, endpoint in the alarm names', () => {
    const guardrails = [{ alarm: '{endpoint}-5xx' }, { metric: 'errorRate', below: '1%' }];
    assert.deepEqual(rolloutSpecOf({ ...spec, guardrails, pauseBetween: '1h' }, 'digits-eu'), {
      ...smallest,
      endpoint: 'digits-eu',
      guardrails: [{ alarm: 'digits-eu-5xx' }, guardrails[1]],
    });
  });
});

describe('published JSON Schema of waves', () => {
  const published = readFileSync(new URL('../../../schema/waves.schema.json', import.meta.url), 'utf8');
  const accepts = new Ajv({ strict: true, strictRequired: false }).compile(JSON.parse(published) as object);

  it('JSON Schema of waves: published file -> up to date (npm run schema)', () =>
    assert.equal(published, jsonSchemaText('waves.schema.json')));

  for (const file of wavesExampleFiles())
    it(`JSON Schema of waves: examples/${file} -> accepted`, () => {
      assert.ok(accepts(parse(readExample(file))), JSON.stringify(accepts.errors));
    });

  it('JSON Schema of waves: invalid waves -> rejected', () => {
    assert.equal(accepts(spec), true);
    assert.equal(accepts({ ...spec, waves: ['eu'] }), false);
    assert.equal(accepts({ ...spec, endpoint: 'eu' }), false);
  });
});

function goal() {
  return {
    metric: 'conversion',
    higherIsBetter: true,
    source: { namespace: 'Shop', name: 'Conversions', per: 'Visitors', dimensions: { Variant: '{variant}' } },
  };
}
