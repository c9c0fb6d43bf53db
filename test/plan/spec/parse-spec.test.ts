import assert from 'node:assert/strict';
import { parseSpec } from '../../../src/plan/spec/parse-spec.js';
import { SpecError, type Problem } from '../../../src/plan/spec/spec-error.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { readFixture, specFixtures } from '../fixtures.js';

function problemsOf(text: string, file = 'rollout.yaml'): Problem[] {
  try {
    parseSpec(text, file);
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error.problems;
  }
  return [];
}

const head = 'apiVersion: penstock/v1\nendpoint: digits\n';

/** Line, column, path, found and allowed of every problem. */
type Row = [number, number, string, string | null, string];
const rowsOf = (name: string): Row[] =>
  problemsOf(readFixture(name), name).map((p) => [p.line ?? 0, p.column ?? 0, p.path, p.found, p.allowed]);

const share = 'a share such as 1%, 0.1% (0.1% to 100%, one decimal at most)';

const expected: Record<string, Row[]> = {
  'invalid-many.yaml': [
    [6, 5, 'models.candidate.modle', 'modle', 'train, model, package, role, settings, group, approved'],
    [
      7,
      20,
      'serve.metricEvery',
      'metricEvery',
      'instance, count, topology, capacity, variantNames, metricsEvery, limits, variant',
    ],
    [9, 29, 'strategy.canary.steps[2]', '"2%"', 'more than 5%'],
    [11, 33, 'guardrails[0].below', '1', 'a rate such as 1%'],
    [
      12,
      15,
      'guardrails[1].metric',
      '"errorRte"',
      'errorRate, clientErrorRate, modelErrorRate, latency, or a label of your own with a source',
    ],
    [14, 5, 'goals[0].higherIsBetter', null, 'true or false'],
  ],
  'invalid-units.json': [
    [5, 45, 'strategy.canary.steps[1]', '5', `${share}, or {share, bake}`],
    [5, 57, 'strategy.canary.bake', '30', 'a duration such as 30s, 15m, 7d, 1h30m'],
  ],
  'invalid-missing.yaml': [
    [6, 5, 'models.candidate.train.region', null, 'us-east-1, us-east-2, us-west-2, eu-west-1'],
    [6, 5, 'models.candidate.train.hyperparameters.num_classes', null, 'a number'],
    [6, 5, 'models.candidate.train.hyperparameters.num_training_samples', null, 'a number'],
    [9, 7, 'models.candidate.train.input.validation', null, 'an S3 URI'],
    [
      11,
      25,
      'models.candidate.train.instance.type',
      '"ml.m5.large"',
      'an instance type such as ml.g5.xlarge, ml.p3.2xlarge',
    ],
  ],
  'invalid-window.yaml': [
    [7, 45, 'guardrails[0].window', '"10m"', 'at most 5m'],
    [8, 54, 'guardrails[1].window', '"90s"', 'a multiple of 1m'],
  ],
  'invalid-infinite.yaml': [[6, 29, '', '.inf', 'a finite number']],
};

describe('parseSpec', () => {
  for (const name of specFixtures('invalid-'))
    it(`parseSpec: ${name} -> every problem at its position`, () =>
      assert.deepEqual(rowsOf(name), expected[name]));

  for (const name of specFixtures('valid-'))
    it(`parseSpec: ${name} -> its JSON validates to the same spec in the worker`, () => {
      const { spec, json } = parseSpec(readFixture(name), name);
      assert.deepEqual(validateSpec(JSON.parse(JSON.stringify(json))), spec);
    });

  it('parseSpec: duplicate key -> problem at its position', () => {
    const [problem] = problemsOf(`${head}endpoint: letters\n`);
    assert.deepEqual([problem?.line, problem?.column, problem?.found], [3, 1, 'endpoint']);
  });

  it('parseSpec: malformed YAML -> problem at its position', () => {
    const problems = problemsOf(`${head}endpoint: letters\nstrategy: [standard\n`);
    assert.deepEqual(
      problems.map(({ line, column, found }) => [line, column, found]),
      [[5, 1, 'BAD_INDENT']],
    );
  });

  it('parseSpec: misspelt field -> suggests the nearest name', () => {
    const [first] = problemsOf(readFixture('invalid-many.yaml'));
    assert.equal(first?.message, 'There is no field modle; did you mean model?');
  });

  it('SpecError: several problems -> one block each, in the order of the file', () => {
    assert.throws(() => parseSpec(`${head}strategy: rainbow\nmodels: {}\n`, 'rollout.yaml'), {
      name: 'SpecError',
      message: [
        'rollout.yaml:3:11 strategy',
        '  strategy cannot be "rainbow".',
        '  found:   "rainbow"',
        '  allowed: standard, blueGreen, abTest, shadow, bandit, {canary: {steps, bake}}, {linear: {by, every}}, or another with settings; or a list of these',
        '',
        'rollout.yaml:4:1 models.candidate',
        '  models.candidate is missing.',
        '  found:   nothing',
        '  allowed: an object with train, model, package, role, settings, group, approved',
      ].join('\n'),
    });
  });

  it('parseSpec: problem behind an alias -> position of the anchored text', () => {
    const text = `${head}models: { baseline: &m { model: -x }, candidate: *m }\nstrategy: standard\n`;
    assert.deepEqual(
      problemsOf(text).map(({ line, column, path }) => [line, column, path]),
      [
        [3, 33, 'models.baseline.model'],
        [3, 33, 'models.candidate.model'],
      ],
    );
  });

  it('parseSpec: aliases that expand to a multiple of the text -> rejected', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    const [problem] = problemsOf(`l0: &l0 [lol]\n${levels.join('\n')}\n`);
    assert.equal(problem?.message, 'Too many aliases.');
  });

  it('parseSpec: alias without an anchor -> rejected', () =>
    assert.notEqual(problemsOf(`${head}strategy: *none\n`).length, 0));

  it('parseSpec: file over 1 MB -> rejected before parsing', () => {
    const [problem] = problemsOf(`# ${'x'.repeat(1_000_000)}`);
    assert.equal(problem?.allowed, 'at most 1,000,000 bytes');
  });

  for (const text of [
    '',
    '---\n---\n',
    'just text',
    '[]',
    '{',
    '\t',
    'a: !!binary x',
    '? {a: 1}\n: 2',
    '__proto__: 1',
  ])
    it(`parseSpec: ${JSON.stringify(text)} -> rejected with a position or a path`, () =>
      assert.notEqual(problemsOf(text).length, 0));
});
