import assert from 'node:assert/strict';
import { SpecError } from '../../../src/plan/spec/spec-error.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { smallest, trained } from '../specs.js';

function problemsOf(json: unknown) {
  try {
    validateSpec(json);
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems;
  }
  return [];
}

const pathsOf = (fields: object) => problemsOf({ ...smallest, ...fields }).map((problem) => problem.path);

const canary = (steps: unknown[], bake = '30m') => ({ strategy: { canary: { steps, bake } } });
const golden = [{ body: {}, expect: {} }];
const m1 = { namespace: 'Shop', name: 'Sales' };
const sourced = (fields: object) => ({
  guardrails: [{ metric: 'sales', above: 1, source: { ...m1, ...fields } }],
});
const dimensionsOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`D${i}`, '{variant}']));
const conversion = { metric: 'conversion', higherIsBetter: true };
const first = { models: { candidate: { model: 'digits-2' } }, serve: { instance: 'ml.m5.large', count: 1 } };

describe('misspelt value', () => {
  for (const [fields, suggestion] of [
    [{ strategy: 'standrad' }, 'strategy cannot be "standrad"; did you mean standard?'],
    [{ strategy: ['shadwo'] }, 'strategy[0] cannot be "shadwo"; did you mean shadow?'],
    [{ strategy: 'Standard' }, 'strategy cannot be "Standard"; did you mean standard?'],
    [{ drift: 'rever' }, 'drift cannot be "rever"; did you mean revert?'],
    [{ onInconclusive: 'hodl' }, 'onInconclusive cannot be "hodl"; did you mean hold?'],
    [{ serve: { topology: 'endpoint' } }, 'serve.topology cannot be "endpoint"; did you mean endpoints?'],
    [{ drift: 'x' }, 'drift cannot be "x".'],
    [{ drift: 'everything' }, 'drift cannot be "everything".'],
    [{ drift: 7 }, 'drift cannot be 7.'],
  ] as const)
    it(`misspelt value: ${JSON.stringify(fields)} -> ${suggestion}`, () => {
      const problems = problemsOf({ ...smallest, ...fields });
      assert.deepEqual(
        problems.map(({ message }) => message),
        [suggestion],
      );
    });
});

/** Name, invalid fields, and the paths of the problems. */
const invalid: [string, object, string[]][] = [
  ['unknown apiVersion', { apiVersion: 'penstock/v2' }, ['apiVersion']],
  ['an endpoint with an underscore', { endpoint: 'my_digits' }, ['endpoint']],
  ['an endpoint of 64 characters', { endpoint: 'a'.repeat(64) }, ['endpoint']],
  ['missing candidate', { models: { baseline: 'live' } }, ['models.candidate']],
  ['a live candidate', { models: { baseline: 'live', candidate: 'live' } }, ['models.candidate']],
  [
    'two sources of one model',
    { models: { baseline: 'live', candidate: { ...trained, model: 'digits-2' } } },
    ['models.candidate'],
  ],
  [
    'the same model as baseline and candidate',
    {
      models: { baseline: { model: 'digits-2' }, candidate: { model: 'digits-2' } },
      serve: { instance: 'ml.m5.large', count: 1 },
    },
    ['models.candidate.model'],
  ],
  [
    'a package without a role',
    {
      models: {
        baseline: 'live',
        candidate: { package: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/digits/3' },
      },
    },
    ['models.candidate.role'],
  ],
  [
    'a group without the rule that chooses, and without a role',
    { models: { baseline: 'live', candidate: { group: 'digits' } } },
    ['models.candidate.role', 'models.candidate.approved'],
  ],
  [
    'a group of another account, by its ARN',
    {
      models: {
        baseline: 'live',
        candidate: {
          group: 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/digits',
          approved: 'newest',
          role: 'arn:aws:iam::123456789012:role/serve',
        },
      },
    },
    ['models.candidate.group'],
  ],
  [
    'a group as the baseline',
    { models: { baseline: { group: 'digits' }, candidate: { model: 'digits-2' } } },
    ['models.baseline.group'],
  ],
  [
    'approved without a group',
    { models: { baseline: 'live', candidate: { model: 'digits-2', approved: 'newest' } } },
    ['models.candidate.approved'],
  ],
  [
    'writeBack for a candidate that is no version',
    { models: { baseline: 'live', candidate: { model: 'digits-2' }, writeBack: {} } },
    ['models.writeBack'],
  ],
  [
    'a group whose versions get no marks',
    {
      models: {
        baseline: 'live',
        candidate: { group: 'digits', approved: 'newest', role: 'arn:aws:iam::123456789012:role/serve' },
        writeBack: 'none',
      },
    },
    ['models.writeBack'],
  ],
  [
    'a stage without a status',
    {
      models: {
        baseline: 'live',
        candidate: { group: 'digits', approved: 'newest', role: 'arn:aws:iam::123456789012:role/serve' },
        writeBack: { lifeCycle: { promoted: { stage: 'Production' } } },
      },
    },
    ['models.writeBack.lifeCycle.promoted.status'],
  ],
  [
    'register without a training',
    { models: { ...smallest.models, register: { group: 'digits' } } },
    ['models.register'],
  ],
  [
    'no live baseline and no instances',
    { models: { baseline: { model: 'digits-1' }, candidate: { model: 'digits-2' } } },
    ['serve.instance', 'serve.count'],
  ],
  ['metrics every 20s', { serve: { metricsEvery: '20s' } }, ['serve.metricsEvery']],
  ['a fraction of an instance', { serve: { count: 1.5 } }, ['serve.count']],
  ['latency without golden requests', { validate: { latency: { p99: '250ms' } } }, ['validate.golden']],
  [
    'two percentiles of one latency',
    { validate: { golden, latency: { p99: '1s', p50: '1s' } } },
    ['validate.latency'],
  ],
  ['an empty validation', { validate: {} }, ['validate.golden']],
  [
    'a golden record with two expectations',
    { validate: { golden: [{ body: 1, expect: 1, matches: '1' }] } },
    ['validate.golden[0].matches'],
  ],
  [
    'a golden pattern that is no regular expression',
    { validate: { golden: [{ body: 1, matches: '(' }] } },
    ['validate.golden[0].matches'],
  ],
  [
    'a golden pattern with a tolerance',
    {
      validate: {
        golden: { records: [{ body: 1, matches: '1', tolerance: { absolute: 1 } }] },
      },
    },
    ['validate.golden.records[0].tolerance'],
  ],
  [
    'an empty tolerance',
    { validate: { golden: [{ body: 1, expect: 1, tolerance: {} }] } },
    ['validate.golden[0].tolerance'],
  ],
  [
    'a negative tolerance',
    { validate: { golden: [{ body: 1, expect: 1, tolerance: { absolute: -1 } }] } },
    ['validate.golden[0].tolerance.absolute'],
  ],
  [
    'a judge beside a pattern and a tolerance',
    {
      validate: {
        golden: {
          records: [
            { body: 1, matches: '1' },
            { body: 1, expect: 1, tolerance: { absolute: 1 } },
          ],
          judge: { url: 'https://ci.example.com/judge' },
          tolerance: { absolute: 1 },
        },
      },
    },
    [
      'validate.golden.tolerance',
      'validate.golden.records[0].matches',
      'validate.golden.records[1].tolerance',
    ],
  ],
  [
    'a judge without an address',
    { validate: { golden: { records: [{ body: 1 }], judge: { secretEnv: 'SECRET' } } } },
    ['validate.golden.judge'],
  ],
  [
    'a golden record without an expected response',
    { validate: { golden: [{ body: 1 }] } },
    ['validate.golden[0].expect'],
  ],
  ['an unknown strategy', { strategy: 'rainbow' }, ['strategy']],
  ['a canary without steps', { strategy: 'canary' }, ['strategy']],
  ['a canary with an empty list of steps', canary([]), ['strategy.canary.steps']],
  [
    'steps that do not ascend',
    canary(['5%', '5%', '1%']),
    ['strategy.canary.steps[1]', 'strategy.canary.steps[2]'],
  ],
  ['a step after all traffic', canary(['100%', '100%']), ['strategy.canary.steps[1]']],
  ['a share finer than a tenth', canary(['0.05%']), ['strategy.canary.steps[0]']],
  ['a share without a unit', canary([5]), ['strategy.canary.steps[0]']],
  ['a bake without a unit', canary([{ share: '5%', bake: 30 }]), ['strategy.canary.steps[0].bake']],
  ['a bake of two years', canary(['5%'], '730d'), ['strategy.canary.bake']],
  [
    'a duplicate alarm',
    { guardrails: [{ alarm: 'a' }, { alarm: 'b' }, { alarm: 'a' }] },
    ['guardrails[2].alarm'],
  ],
  [
    'an alarm twice for the candidate',
    { guardrails: [{ alarm: 'a', for: 'candidate' }, { alarm: 'a' }, { alarm: 'a', for: 'candidate' }] },
    ['guardrails[2].alarm'],
  ],
  [
    'an alarm as it is, twice',
    { guardrails: [{ alarm: 'a' }, { alarm: 'a', for: 'asDefined' }] },
    ['guardrails[1].alarm'],
  ],
  ['an alarm for something else', { guardrails: [{ alarm: 'a', for: 'baseline' }] }, ['guardrails[0].for']],
  [
    'a metric for the candidate',
    { guardrails: [{ metric: 'errorRate', below: '1%', for: 'candidate' }] },
    ['guardrails[0].for'],
  ],
  ['an unknown reaction', { guardrails: [{ alarm: 'a', onFail: 'ignore' }] }, ['guardrails[0].onFail']],
  ['an alarm with a bound', { guardrails: [{ alarm: 'a', below: '1%' }] }, ['guardrails[0].below']],
  [
    '21 guardrails',
    { guardrails: Array.from({ length: 21 }, (_, i) => ({ alarm: `alarm-${i}` })) },
    ['guardrails'],
  ],
  ['a metric without a bound', { guardrails: [{ metric: 'errorRate' }] }, ['guardrails[0].below']],
  ['a rate in milliseconds', { guardrails: [{ metric: 'errorRate', below: '1s' }] }, ['guardrails[0].below']],
  ['a rate without a unit', { guardrails: [{ metric: 'errorRate', below: 1 }] }, ['guardrails[0].below']],
  [
    'a rate with above',
    { guardrails: [{ metric: 'errorRate', above: '1%' }] },
    ['guardrails[0].above', 'guardrails[0].below'],
  ],
  [
    'a latency in percent',
    { guardrails: [{ metric: 'latency', stat: 'p99', below: '1%' }] },
    ['guardrails[0].below'],
  ],
  [
    'a latency without a percentile',
    { guardrails: [{ metric: 'latency', below: '1s' }] },
    ['guardrails[0].stat'],
  ],
  [
    'an unknown metric without a source',
    { guardrails: [{ metric: 'errors', below: '1%' }] },
    ['guardrails[0].metric'],
  ],
  [
    'an unknown placeholder',
    {
      guardrails: [
        {
          metric: 'sales',
          above: 1,
          source: { namespace: 'Shop', name: 'Sales', dimensions: { V: '{model}' } },
        },
      ],
    },
    ['guardrails[0].source.dimensions.V'],
  ],
  [
    'a namespace that begins with a colon',
    sourced({ namespace: ':Shop' }),
    ['guardrails[0].source.namespace'],
  ],
  [
    'a denominator namespace that begins with a colon',
    sourced({ per: { name: 'Visits', namespace: ':Shop' } }),
    ['guardrails[0].source.per.namespace'],
  ],
  [
    'more dimensions than CloudWatch allows',
    sourced({ dimensions: dimensionsOf(31) }),
    ['guardrails[0].source.dimensions'],
  ],
  [
    'dimensions that CloudWatch rejects',
    sourced({ dimensions: { ':V': 'x', Größe: 'x', City: 'Köln {variant}', Blank: ' ', Line: 'a\nb' } }),
    ['.:V', '["Größe"]', '.City', '.Blank', '.Line'].map((at) => `guardrails[0].source.dimensions${at}`),
  ],
  [
    'a window that is not a multiple of the period',
    { guardrails: [{ metric: 'errorRate', below: '1%', window: '90s' }] },
    ['guardrails[0].window'],
  ],
  [
    'a window longer than the shortest bake',
    {
      ...canary([{ share: '1%', bake: '5m' }, '5%']),
      guardrails: [{ metric: 'errorRate', below: '1%', window: '6m' }],
    },
    ['guardrails[0].window'],
  ],
  [
    'a bake shorter than the period of the metrics',
    { ...canary(['1%'], '30s'), guardrails: [{ metric: 'errorRate', below: '1%' }] },
    ['guardrails[0]'],
  ],
  ['goals without an experiment', { goals: [conversion] }, ['goals']],
  ['onInconclusive promote without an experiment', { onInconclusive: 'promote' }, ['onInconclusive']],
  ['an experiment without goals', { strategy: 'abTest' }, ['goals']],
  [
    'half a week with a weekly goal',
    { strategy: { abTest: { for: '10d' } }, goals: [conversion] },
    ['strategy.abTest.for'],
  ],
  [
    'atMost shorter than for',
    { strategy: { abTest: { for: '14d', atMost: '7d' } }, goals: [conversion] },
    ['strategy.abTest.atMost'],
  ],
  [
    'a split of 100%',
    { strategy: { abTest: { split: '100%' } }, goals: [conversion] },
    ['strategy.abTest.split'],
  ],
  [
    'a goal that the switch does not count',
    { strategy: 'abTest', goals: [{ ...conversion, metric: 'clicks' }] },
    ['goals[0].metric'],
  ],
  ['a duplicate goal', { strategy: 'abTest', goals: [conversion, conversion] }, ['goals[1].metric']],
  ['a shadow without another strategy', { strategy: 'shadow' }, ['strategy[0]']],
  [
    'a shadow that is not first',
    { strategy: [{ canary: { steps: ['5%'] } }, 'shadow', 'standard'] },
    ['strategy[1]'],
  ],
  ['a strategy after all traffic', { strategy: ['blueGreen', 'standard'] }, ['strategy[0]']],
  [
    'a canary that begins at the last share of the previous strategy',
    { strategy: [{ canary: { steps: ['5%', '10%'] } }, { canary: { steps: ['10%', '20%'] } }] },
    ['strategy[1]'],
  ],
  [
    'a split below the last share of the canary',
    { strategy: [{ canary: { steps: ['60%'] } }, 'abTest'], goals: [conversion] },
    ['strategy[1]'],
  ],
  [
    'a bandit that starts below its floor',
    { strategy: { bandit: { start: '1%' } }, goals: [conversion] },
    ['strategy.bandit.start'],
  ],
  [
    'a bandit that changes its split before a window counts',
    {
      strategy: { bandit: { every: '6h' } },
      goals: [conversion, { ...conversion, metric: 'value', conversionDelay: '5h1m' }],
    },
    ['strategy.bandit.every'],
  ],
  ['a linear increment that is too small', { strategy: { linear: { by: '0.5%' } } }, ['strategy.linear.by']],
  [
    'a first deployment with canary',
    { ...first, strategy: { canary: { steps: ['5%'] } }, rollbackWindow: '6d' },
    ['strategy', 'rollbackWindow'],
  ],
  [
    'shadow with topology endpoints',
    { serve: { topology: 'endpoints' }, strategy: ['shadow', 'blueGreen'] },
    ['serve.topology'],
  ],
  [
    'a bound and a comparison in one rule',
    { guardrails: [{ metric: 'errorRate', below: '1%', notWorseThanBaselineBy: '10%' }] },
    ['guardrails[0].below'],
  ],
  [
    'a comparison of a percentile',
    { guardrails: [{ metric: 'latency', stat: 'p99', below: '1s', notWorseThanBaselineBy: '10%' }] },
    ['guardrails[0].notWorseThanBaselineBy'],
  ],
  [
    'a source without a namespace and a name',
    { guardrails: [{ metric: 'sales', below: 1, source: {} }] },
    ['guardrails[0].source.namespace', 'guardrails[0].source.name'],
  ],
  [
    'metrics without an expression',
    {
      guardrails: [{ metric: 'sales', below: 1, source: { namespace: 'S', name: 'N', metrics: {} } }],
    },
    ['guardrails[0].source.metrics'],
  ],
  [
    'an expression together with a name',
    {
      guardrails: [
        { metric: 'sales', below: 1, source: { expression: 'm1', metrics: { m1 }, name: 'N', per: 'V' } },
      ],
    },
    ['guardrails[0].source.name', 'guardrails[0].source.per'],
  ],
  [
    'an expression without metrics',
    { guardrails: [{ metric: 'sales', below: 1, source: { expression: '1 + 1' } }] },
    ['guardrails[0].source.metrics'],
  ],
  [
    'an expression with an unknown operand, and an unused metric',
    { guardrails: [{ metric: 'sales', below: 1, source: { expression: 'm2 * 2', metrics: { m1 } } }] },
    ['guardrails[0].source.expression', 'guardrails[0].source.metrics.m1'],
  ],
  [
    'an operand id that CloudWatch rejects',
    { guardrails: [{ metric: 'sales', below: 1, source: { expression: 'M1', metrics: { M1: m1 } } }] },
    ['guardrails[0].source.metrics.M1'],
  ],
  [
    'a comparison of an expression',
    {
      guardrails: [
        { metric: 'sales', notWorseThanBaselineBy: '1%', source: { expression: 'm1', metrics: { m1 } } },
      ],
    },
    ['guardrails[0].notWorseThanBaselineBy'],
  ],
  [
    'slow requests without a comparison',
    { guardrails: [{ metric: 'latency', slowerThan: '300ms' }] },
    ['guardrails[0].notWorseThanBaselineBy'],
  ],
  [
    'slow requests by a percentile, with a bound',
    {
      guardrails: [
        {
          metric: 'latency',
          slowerThan: '300ms',
          stat: 'p99',
          below: '1s',
          minimumRequests: 9,
          notWorseThanBaselineBy: '20%',
        },
      ],
    },
    ['guardrails[0].stat', 'guardrails[0].below', 'guardrails[0].minimumRequests'],
  ],
  [
    'slowerThan with errorRate',
    { guardrails: [{ metric: 'errorRate', slowerThan: '300ms', notWorseThanBaselineBy: '20%' }] },
    ['guardrails[0].slowerThan'],
  ],
  [
    'slow requests without a unit',
    { guardrails: [{ metric: 'latency', slowerThan: 300, notWorseThanBaselineBy: '20%' }] },
    ['guardrails[0].slowerThan'],
  ],
  [
    'a percentile with dispersion',
    { guardrails: [{ metric: 'latency', stat: 'p99', below: '1s', dispersion: 2 }] },
    ['guardrails[0].dispersion'],
  ],
  [
    'a strict rate with dispersion',
    { guardrails: [{ metric: 'errorRate', below: '1%', strict: true, dispersion: 2 }] },
    ['guardrails[0].dispersion'],
  ],
  [
    'a percentile with strict',
    { guardrails: [{ metric: 'latency', stat: 'p99', below: '1s', strict: true }] },
    ['guardrails[0].strict'],
  ],
  [
    'a rate with failures',
    { guardrails: [{ metric: 'errorRate', below: '1%', failures: '2 of 3' }] },
    ['guardrails[0].failures'],
  ],
  [
    'a comparison with strict and failures',
    {
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%', strict: true, failures: '2 of 3' }],
    },
    ['guardrails[0].strict', 'guardrails[0].failures'],
  ],
  ['an alarm with strict', { guardrails: [{ alarm: 'errors', strict: true }] }, ['guardrails[0].strict']],
  ...['4 of 3', '0 of 3', '2 of 101', '2/3', 2].map((failures): [string, object, string[]] => [
    `failures ${failures}`,
    { guardrails: [{ metric: 'latency', stat: 'p99', below: '1s', failures }] },
    ['guardrails[0].failures'],
  ]),
  [
    'a bound with requireProof',
    { guardrails: [{ metric: 'errorRate', below: '1%', requireProof: true }] },
    ['guardrails[0].requireProof'],
  ],
  [
    'a negligible rate without requireProof',
    { guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%', negligibleRate: '0.01%' }] },
    ['guardrails[0].negligibleRate'],
  ],
  [
    'a goal with minimumEffect and notWorseBy',
    { strategy: 'abTest', goals: [{ ...conversion, minimumEffect: '1%', notWorseBy: '2%' }] },
    ['goals[0].notWorseBy'],
  ],
  [
    'a goal dispersion under 1',
    { strategy: 'abTest', goals: [{ ...conversion, dispersion: 0.5 }] },
    ['goals[0].dispersion'],
  ],
  ['a false-alarm rate of 60%', { judging: { falseAlarms: '60%' } }, ['judging.falseAlarms']],
  ['a planned size of 0', { judging: { plannedSize: 0 } }, ['judging.plannedSize']],
];

describe('validateSpec', () => {
  for (const [what, fields, paths] of invalid)
    it(`validateSpec: ${what} -> rejected`, () =>
      assert.deepEqual(pathsOf(fields).sort(), [...paths].sort()));

  for (const json of [null, undefined, [], 'spec', 7, {}])
    it(`validateSpec: ${JSON.stringify(json)} -> rejected`, () =>
      assert.notEqual(problemsOf(json).length, 0));

  it('validateSpec: 30 dimensions -> accepted, as in CloudWatch', () => {
    assert.deepEqual(pathsOf(sourced({ namespace: 'Shop:EU', dimensions: dimensionsOf(30) })), []);
  });

  it('validateSpec: JSON without a file -> problem without file, line and column', () => {
    const [problem] = problemsOf({ ...smallest, endpoint: 5 });
    assert.deepEqual(problem, {
      file: null,
      line: null,
      column: null,
      path: 'endpoint',
      found: '5',
      allowed: 'a name of 1 to 63 letters, digits and inner hyphens',
      message: 'endpoint cannot be 5.',
    });
  });

  it('validateSpec: endpoint in upper case -> keeps its case', () => {
    assert.equal(validateSpec({ ...smallest, endpoint: 'Digits' }).endpoint, 'Digits');
  });

  it('validateSpec: smallest spec -> defaults filled in', () => {
    assert.deepEqual(validateSpec(smallest), {
      apiVersion: 'penstock/v1',
      endpoint: 'digits',
      models: { baseline: { kind: 'live' }, candidate: { kind: 'model', name: 'digits-2' } },
      serve: {
        topology: 'variants',
        capacity: 'scaleCandidate',
        metricsEvery: 60,
        limits: { deploy: 3_600, shift: 1_800, rollBack: 7_200 },
      },
      strategy: [{ name: 'standard', settings: { bakeSeconds: 600 } }],
      guardrails: [],
      goals: [],
      judging: { falseAlarmPercent: 1, wrongDecisionPercent: 5, plannedSize: 5_000 },
      onInconclusive: { kind: 'hold', holdSeconds: null },
      onBlocked: { kind: 'hold' },
      drift: 'hold',
      gates: [],
      freeze: [],
      notify: [],
      tags: {},
    });
  });

  it('validateSpec: its own output -> the same result', () => {
    assert.deepEqual(validateSpec(structuredClone(smallest)), validateSpec(smallest));
  });
});
