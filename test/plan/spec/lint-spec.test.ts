import assert from 'node:assert/strict';
import { lintSpec } from '../../../src/plan/spec/lint-spec.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { smallest, trained } from '../specs.js';

const golden = [{ body: 1, expect: 1 }];
const guarded = { ...smallest, guardrails: [{ alarm: 'a' }], validate: { golden } };
const warningsOf = (fields: object) => lintSpec(validateSpec({ ...guarded, ...fields }));

const source = { namespace: 'Shop', name: 'Sales' };
const suspicious: [string, object, RegExp][] = [
  ['no guardrails', { guardrails: [] }, /nothing can roll this back by itself/],
  ['no validation', { validate: undefined }, /first requests are users' requests/],
  [
    'a percentile of too few requests',
    { validate: { golden, latency: { p99: '1s', requests: 20 } } },
    /use 100 or more/,
  ],
  ['a canary that begins with half', { strategy: { canary: { steps: ['50%'] } } }, /already sends 50%/],
  [
    'a metric that does not tell the models apart',
    { guardrails: [{ metric: 'sales', above: 1, source: { ...source, dimensions: { Shop: 'all' } } }] },
    /judges both models together/,
  ],
  [
    'an expression that does not tell the models apart',
    {
      guardrails: [
        {
          metric: 'sales',
          above: 1,
          source: { expression: 'm1', metrics: { m1: { ...source, dimensions: {} } } },
        },
      ],
    },
    /judges both models together/,
  ],
  [
    'the same training twice',
    { models: { baseline: trained, candidate: trained }, serve: { instance: 'ml.m5.large', count: 1 } },
    /compares a model with itself/,
  ],
];

describe('lintSpec', () => {
  for (const [what, fields, warning] of suspicious)
    it(`warns of ${what}`, () => {
      const warnings = warningsOf(fields);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', warning);
    });

  it('says nothing of a spec with guardrails and validation', () => {
    assert.deepEqual(warningsOf({}), []);
    assert.deepEqual(warningsOf({ guardrails: [{ metric: 'sales', above: 1, source }] }), []);
  });
});
