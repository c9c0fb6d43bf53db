import assert from 'node:assert/strict';
import { lintSpec } from '../../../src/plan/spec/lint-spec.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { smallest, trained } from '../specs.js';

const golden = [{ body: 1, expect: 1 }];
const guarded = { ...smallest, guardrails: [{ alarm: 'a' }], validate: { golden } };
const warningsOf = (fields: object) => lintSpec(validateSpec({ ...guarded, ...fields }));

const source = { namespace: 'Shop', name: 'Sales' };
const conversion = { metric: 'conversion', higherIsBetter: true };
const abTest = { abTest: { split: '20%' } };
const switched = { strategy: abTest, goals: [conversion] };
const suspicious: [string, object, RegExp][] = [
  ['no guardrails', { guardrails: [] }, /cannot roll back automatically/],
  [
    'guardrails that are all only reported',
    { guardrails: [{ alarm: 'a', onFail: 'report' }] },
    /only reported.*cannot roll back automatically/,
  ],
  ['no validation', { validate: undefined }, /first requests are user requests/],
  [
    'a percentile of too few requests',
    { validate: { golden, latency: { p99: '1s', requests: 20 } } },
    /use 100 or more/,
  ],
  [
    'a strict rate on few requests',
    { guardrails: [{ metric: 'errorRate', below: '1%', strict: true }] },
    /errorRate is strict, .*set minimumRequests to 2000/,
  ],
  ['a canary that begins at 50%', { strategy: { canary: { steps: ['50%'] } } }, /already sends 50%/],
  [
    'errors of users who stay on one model, compared as independent',
    { ...switched, guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }] },
    /comparison of errorRate takes their requests for independent.*countedBy: switch/,
  ],
  [
    'slow requests of users who stay on one model, compared as independent',
    { ...switched, guardrails: [{ metric: 'latency', slowerThan: '1s', notWorseThanBaselineBy: '10%' }] },
    /comparison of latency takes .* Set dispersion\.$/,
  ],
  [
    'a goal of the application without dispersion',
    { strategy: abTest, goals: [{ ...conversion, metric: 'sales', source: { ...source, per: 'Visits' } }] },
    /^sales takes each of its Visits for independent/,
  ],
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

  it('lintSpec: comparisons with a variance by user, or a dispersion -> no warnings', () => {
    const compared = { metric: 'errorRate', notWorseThanBaselineBy: '10%' };
    const guardrails = [
      { ...compared, countedBy: 'switch' },
      { ...compared, dispersion: 8 },
    ];
    assert.deepEqual(warningsOf({ ...switched, guardrails }), []);
  });

  it('lintSpec: guardrails and validation -> no warnings', () => {
    assert.deepEqual(warningsOf({}), []);
    assert.deepEqual(warningsOf({ guardrails: [{ metric: 'sales', above: 1, source }] }), []);
  });
});
