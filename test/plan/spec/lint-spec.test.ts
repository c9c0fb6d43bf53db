import assert from 'node:assert/strict';
import { lintSpec } from '../../../src/plan/spec/lint-spec.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { smallest, trained } from '../specs.js';

const golden = [{ body: 1, expect: 1 }];
const guarded = { ...smallest, guardrails: [{ alarm: 'a' }], validate: { golden } };
const warningsOf = (fields: object) => lintSpec(validateSpec({ ...guarded, ...fields }));

const source = { namespace: 'Shop', name: 'Sales' };
const suspicious: [string, object, RegExp][] = [
  ['no guardrails', { guardrails: [] }, /cannot roll back automatically/],
  ['no validation', { validate: undefined }, /first requests are user requests/],
  [
    'a percentile of too few requests',
    { validate: { golden, latency: { p99: '1s', requests: 20 } } },
    /use 100 or more/,
  ],
  ['a canary that begins at 50%', { strategy: { canary: { steps: ['50%'] } } }, /already sends 50%/],
  [
    'a metric that does not distinguish the models',
    { guardrails: [{ metric: 'sales', above: 1, source: { ...source, dimensions: { Shop: 'all' } } }] },
    /measures both models together/,
  ],
  [
    'an expression that does not distinguish the models',
    {
      guardrails: [
        {
          metric: 'sales',
          above: 1,
          source: { expression: 'm1', metrics: { m1: { ...source, dimensions: {} } } },
        },
      ],
    },
    /measures both models together/,
  ],
  [
    'the same training for both models',
    { models: { baseline: trained, candidate: trained }, serve: { instance: 'ml.m5.large', count: 1 } },
    /compares a model with itself/,
  ],
];

describe('lintSpec', () => {
  for (const [what, fields, warning] of suspicious)
    it(`lintSpec: ${what} -> one warning`, () => {
      const warnings = warningsOf(fields);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', warning);
    });

  it('lintSpec: guardrails and validation -> no warnings', () => {
    assert.deepEqual(warningsOf({}), []);
    assert.deepEqual(warningsOf({ guardrails: [{ metric: 'sales', above: 1, source }] }), []);
  });
});
