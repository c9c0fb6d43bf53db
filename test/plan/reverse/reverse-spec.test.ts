import assert from 'node:assert/strict';
import { compilePlan } from '../../../src/plan/compile/compile-plan.js';
import { lintSpec } from '../../../src/plan/spec/lint-spec.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import {
  reverseSpec,
  reverseStrategies,
  type PreviousModel,
} from '../../../src/plan/reverse/reverse-spec.js';
import { validateSpec } from '../../../src/plan/spec/validate-spec.js';
import { identity, planWith } from '../specs.js';

const previous: PreviousModel = {
  modelName: 'digits-1',
  instances: { type: 'ml.m5.large', count: 2 },
  replaces: null,
};

const guardrails = [
  { alarm: 'digits-5xx' },
  { alarm: 'digits-slow', for: 'candidate' },
  { alarm: 'digits-slow', for: 'asDefined' },
  { metric: 'errorRate', below: '0.05%', minimumRequests: 500, window: '15m' },
  {
    metric: 'clientErrorRate',
    notWorseThanBaselineBy: '10%',
    dispersion: 1.5,
    requireProof: true,
    negligibleRate: '0.02%',
  },
  { metric: 'latency', stat: 'p99', below: '250ms' },
  { metric: 'errorRate', notWorseThanBaselineBy: '20%', countedBy: 'switch' },
  { metric: 'latency', slowerThan: '300ms', notWorseThanBaselineBy: '20%' },
  { metric: 'latency', slowerThan: '2s', notWorseThanBaselineBy: '20%', requireProof: true },
  {
    metric: 'click rate',
    above: '2%',
    source: {
      namespace: 'Shop',
      name: 'Clicks',
      dimensions: { Model: '{variant}', Rollout: 'r/{rolloutId}', Side: '{role}', Endpoint: '{endpoint}' },
      per: { name: 'Views', dimensions: { Page: 'home' } },
    },
  },
  {
    metric: 'failures',
    below: '2%',
    source: {
      expression: 'FILL(m1, 0) / (m1 + m2)',
      metrics: {
        m1: { namespace: 'Shop', name: 'Failed', dimensions: { Model: '{variant}' } },
        m2: { namespace: 'Shop', name: 'Done', stat: 'SampleCount', dimensions: { Side: '{role}' } },
      },
    },
  },
  { metric: 'queue', below: 12.5, source: { namespace: 'Shop', name: 'Queue', stat: 'Average' } },
];

/** The plan of the reverse spec. */
function reversePlan(plan: Plan): Plan {
  const spec = validateSpec(reverseSpec(plan, previous, 'standard'));
  return compilePlan(spec, { workflowId: 'rollout:digits', runId: 'the next run' });
}

/** The guardrails, with the names of the candidate replaced by placeholders. */
function guardrailsOf({ rolloutId, guardrails }: Plan): unknown {
  const { variant } = resourceNamesOf(rolloutId);
  const text = JSON.stringify(guardrails);
  return JSON.parse(text.replaceAll(rolloutId, 'THE-ID').replaceAll(variant.candidate, 'THE-VARIANT'));
}

describe('reverseSpec', () => {
  it('reverseSpec: judging.falseAlarms in the plan -> in the spec', () => {
    const plan = planWith({
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }],
      judging: { falseAlarms: '0.1%' },
    });
    assert.equal(reversePlan(plan).judging?.falseAlarmPercent, 0.1);
  });

  for (const topology of ['variants', 'endpoints']) {
    it(`reverseSpec: guardrails, topology ${topology} -> the same rules for the new candidate`, () => {
      const plan = planWith({ guardrails, serve: { topology }, strategy: { standard: { bake: '20m' } } });
      const reversed = reversePlan(plan);
      assert.notEqual(reversed.rolloutId, plan.rolloutId);
      assert.equal(reversed.topology, topology);
      assert.deepEqual(guardrailsOf(reversed), guardrailsOf(plan));
    });
  }

  it('reverseSpec: any plan -> live baseline and previous model as candidate', () => {
    const { models } = reversePlan(planWith({}));
    assert.deepEqual(models, {
      baseline: { kind: 'live' },
      candidate: { kind: 'model', modelName: 'digits-1' },
    });
  });

  for (const strategy of reverseStrategies) {
    it(`reverseSpec: strategy ${strategy} -> a valid spec`, () => {
      const plan = planWith({ guardrails, strategy: { standard: { bake: '2h' } } });
      const spec = validateSpec(reverseSpec(plan, previous, strategy));
      assert.equal(compilePlan(spec, identity).strategy, strategy);
    });
  }

  it('reverseSpec: the promoted variant stands beside others -> it is the baseline', () => {
    const { models } = reverseSpec(planWith({}), { ...previous, replaces: 'green' }, 'standard') as {
      models: unknown;
    };
    assert.deepEqual(models, { baseline: { variant: 'green' }, candidate: { model: 'digits-1' } });
  });

  it('reverseSpec: gates, freezes and goals in the plan -> none in the spec', () => {
    const plan = planWith({
      strategy: { abTest: { for: '7d' } },
      goals: [{ metric: 'conversion', higherIsBetter: true }],
      onInconclusive: 'promote',
      gates: [{ before: 'traffic', manual: true }],
      freeze: [{ weekly: 'Sat, Sun', zone: 'Europe/Berlin' }],
    });
    const reversed = reversePlan(plan);
    assert.deepEqual([reversed.goals, reversed.freeze, reversed.onInconclusive], [[], [], 'hold']);
    assert.deepEqual(
      reversed.steps.map(({ kind }) => kind),
      ['deploy', 'setWeights', 'bake'],
    );
  });

  it('reverseSpec: golden records in the plan -> smoke requests without expected responses', () => {
    const golden = [1, 2, 3, 4].map((n) => ({ body: { n }, expect: { digit: n } }));
    const { validation } = reversePlan(planWith({ validate: { golden } }));
    assert.equal(validation?.golden, null);
    assert.deepEqual(
      validation?.smoke?.requests.map(({ body }) => body),
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    );
  });

  it('reverseSpec: reported guardrails in the plan -> reported in the spec', () => {
    const guardrails = [
      { alarm: 'a', onFail: 'report' },
      { metric: 'errorRate', below: '1%', onFail: 'report' },
      { metric: 'errorRate', notWorseThanBaselineBy: '10%', onFail: 'rollBack' },
    ];
    const plan = planWith({ guardrails });
    for (const { guardrails } of [plan, reversePlan(plan)])
      assert.deepEqual(
        guardrails.map(({ onFail }) => onFail),
        ['report', 'report', undefined],
      );
  });

  it('reverseSpec: rollout changed the instance type -> previous type and count; unchanged -> none', () => {
    const changed = reversePlan(planWith({ serve: { instance: 'ml.g5.xlarge', count: 1 } }));
    assert.deepEqual([changed.serve.instanceType, changed.serve.count], ['ml.m5.large', 2]);
    const unchanged = reversePlan(planWith({ serve: { instance: 'ml.m5.large', count: 1 } }));
    assert.deepEqual([unchanged.serve.instanceType, unchanged.serve.count], [null, null]);
  });

  const alternate = ['blue', 'green'];
  const namings: [given: unknown, replaces: string | null, written: unknown][] = [
    [undefined, null, undefined],
    ['stable', null, undefined],
    ['perRollout', null, 'perRollout'],
    ['perRollout', 'green', undefined],
    [{ alternate }, null, { alternate }],
    [{ alternate }, 'green', { alternate }],
  ];
  for (const [variantNames, replaces, written] of namings)
    it(`reverseSpec: names ${JSON.stringify(variantNames)}, ${replaces === null ? 'one variant' : 'beside others'} -> ${written === undefined ? 'the default' : 'written'}, compiled to the same`, () => {
      const plan = planWith({ serve: { variantNames } });
      const spec = reverseSpec(plan, { ...previous, replaces }, 'standard') as { serve?: object };
      assert.deepEqual(spec.serve, written === undefined ? undefined : { variantNames: written });
      const { serve } = compilePlan(validateSpec(spec), identity);
      assert.deepEqual(serve.variantNames, plan.serve.variantNames);
    });

  it('reverseSpec: plan of an earlier release, without names -> perRollout, as it was', () => {
    const plan = planWith({});
    delete plan.serve.variantNames;
    assert.deepEqual(reversePlan(plan).serve.variantNames, { kind: 'perRollout' });
  });

  it('reverseSpec: notify and onInconclusive in the plan -> the same in the spec', () => {
    const notify = [
      { slack: { urlEnv: 'SLACK_URL' }, on: ['rollback', 'page'] },
      { webhook: { url: 'https://example.com/hook', secretEnv: 'HOOK_SECRET' } },
      { sns: 'arn:aws:sns:eu-central-1:123456789012:rollouts' },
    ];
    const plan = planWith({ notify, onInconclusive: { rollBack: { after: '2h' } } });
    const reversed = reversePlan(plan);
    assert.deepEqual(reversed.notify, plan.notify);
    assert.deepEqual(reversed.onInconclusive, 'rollBack');
    assert.equal(reversed.limits.holdSeconds, 7_200);
  });

  it('reverseSpec: plan of a spec without warnings -> spec without warnings', () => {
    // Sticky traffic is compared with its dispersion.
    const plan = planWith({
      guardrails: guardrails.map((rule) =>
        'notWorseThanBaselineBy' in rule ? { ...rule, dispersion: 2 } : rule,
      ),
      validate: { smoke: [{ body: 1 }] },
      strategy: { standard: { bake: '20m' } },
    });
    const warnings = lintSpec(validateSpec(reverseSpec(plan, previous, 'standard')));
    assert.deepEqual(warnings, []);
  });
});
