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

describe('a spec of waves', () => {
  it('compiles to waves of endpoints in lower case, with the defaults', () => {
    assert.deepEqual(compileWaves(spec), {
      version: 1,
      name: 'everywhere',
      strategy: 'standard',
      waves: [
        { endpoints: ['digits-eu'], taskQueue: null },
        { endpoints: ['digits-us', 'digits-ap'], taskQueue: null },
      ],
      pauseSeconds: 0,
      stopAfter: 1,
      onFailure: 'keep',
    });
  });

  it('may say whose workers a wave is for, how long to wait and when to stop', () => {
    const waves = [{ endpoints: ['digits-us'], taskQueue: 'penstock-us' }];
    const plan = compileWaves({ ...spec, waves, pauseBetween: '1h', stopAfter: 2 });
    assert.deepEqual(plan.waves, waves);
    assert.deepEqual([plan.pauseSeconds, plan.stopAfter], [3600, 2]);
  });

  it('takes back all where every promotion can be undone', () => {
    const plan = compileWaves({ ...spec, onFailure: 'rollBack', rollbackWindow: '6d' });
    assert.equal(plan.onFailure, 'rollBack');
    const blueGreen = { ...spec, onFailure: 'rollBack', strategy: { blueGreen: { bake: '1h' } } };
    assert.equal(compileWaves(blueGreen).onFailure, 'rollBack');
  });

  const refused: [string, object, string, RegExp][] = [
    ['an endpoint twice', { waves: [['eu'], ['us', 'EU']] }, 'waves[1]', /eu comes twice/],
    ['no wave', { waves: [] }, 'waves', /cannot be an empty list/],
    ['an empty wave', { waves: [[]] }, 'waves[0]', /empty list/],
    ['51 endpoints', { waves: [Array.from({ length: 51 }, (_, i) => `e${i}`)] }, 'waves', /51 endpoints/],
    ['an endpoint that cannot be one', { waves: [['a b']] }, 'waves[0][0]', /"a b"/],
    ['a wave that is a text', { waves: ['eu'] }, 'waves[0]', /cannot be "eu"/],
    ['a misspelt queue', { waves: [{ endpoints: ['eu'], queue: 'q' }] }, 'waves[0].queue', /no field queue/],
    ['an endpoint beside waves', { endpoint: 'digits' }, 'endpoint', /no field endpoint/],
    ['a pause without a unit', { pauseBetween: 60 }, 'pauseBetween', /cannot be 60/],
    ['no failure that stops', { stopAfter: 0 }, 'stopAfter', /cannot be 0/],
    ['a way back without a window', { onFailure: 'rollBack' }, 'onFailure', /only a rollback window/],
    ['goals that decide nothing', { goals: [goal()] }, 'goals', /no strategy here is decided by goals/],
  ];
  for (const [what, change, path, message] of refused)
    it(`refuses ${what}`, () => {
      const problems = problemsIn(wavesSchema, { ...spec, ...change });
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.equal(problems[0]?.path, path);
      assert.match(problems[0]?.message ?? '', message);
      assert.ok(problems[0]?.allowed);
    });

  it('that has no name and no waves is told all of it, with lines', () => {
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

  it('throws with paths where it came as JSON', () => {
    assert.throws(() => validateWaves({ ...spec, waves: 7 }), /waves cannot be 7/);
  });
});

describe('the rollout of one endpoint', () => {
  it('has all of the spec but the waves, and the endpoint in the names of its alarms', () => {
    const guardrails = [{ alarm: '{endpoint}-5xx' }, { metric: 'errorRate', below: '1%' }];
    assert.deepEqual(rolloutSpecOf({ ...spec, guardrails, pauseBetween: '1h' }, 'digits-eu'), {
      ...smallest,
      endpoint: 'digits-eu',
      guardrails: [{ alarm: 'digits-eu-5xx' }, guardrails[1]],
    });
  });
});

describe('the published JSON Schema of waves', () => {
  const published = readFileSync(new URL('../../../schema/waves.schema.json', import.meta.url), 'utf8');
  const accepts = new Ajv({ strict: true, strictRequired: false }).compile(JSON.parse(published) as object);

  it('is up to date: npm run schema', () => assert.equal(published, jsonSchemaText('waves.schema.json')));

  for (const file of wavesExampleFiles())
    it(`accepts examples/${file}`, () => {
      assert.ok(accepts(parse(readExample(file))), JSON.stringify(accepts.errors));
    });

  it('rejects what is no wave', () => {
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
