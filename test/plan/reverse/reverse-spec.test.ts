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

const former: PreviousModel = { modelName: 'digits-1', instances: { type: 'ml.m5.large', count: 2 } };

const guardrails = [
  { alarm: 'digits-5xx' },
  { metric: 'errorRate', below: '0.05%', minimumRequests: 500, window: '15m' },
  {
    metric: 'clientErrorRate',
    notWorseThanBaselineBy: '10%',
    dispersion: 1.5,
    requireProof: true,
    negligibleRate: '0.02%',
  },
  { metric: 'latency', stat: 'p99', below: '250ms' },
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

/** What the reversed spec would do, were it started. */
function planBack(plan: Plan): Plan {
  const spec = validateSpec(reverseSpec(plan, former, 'standard'));
  return compilePlan(spec, { workflowId: 'rollout:digits', runId: 'the next run' });
}

/** With the plan's own names for its candidate replaced by words. */
function guardrailsOf({ rolloutId, guardrails }: Plan): unknown {
  const { variant } = resourceNamesOf(rolloutId);
  const text = JSON.stringify(guardrails);
  return JSON.parse(text.replaceAll(rolloutId, 'THE-ID').replaceAll(variant.candidate, 'THE-VARIANT'));
}

describe('reverseSpec', () => {
  it('keeps how often a guardrail may alarm falsely', () => {
    const plan = planWith({
      guardrails: [{ metric: 'errorRate', notWorseThanBaselineBy: '10%' }],
      judging: { falseAlarms: '0.1%' },
    });
    assert.equal(planBack(plan).judging?.falseAlarmPercent, 0.1);
  });

  for (const topology of ['variants', 'endpoints']) {
    it(`guards the other model by the same rules, with topology ${topology}`, () => {
      const plan = planWith({ guardrails, serve: { topology }, strategy: { standard: { bake: '20m' } } });
      const back = planBack(plan);
      assert.notEqual(back.rolloutId, plan.rolloutId);
      assert.equal(back.topology, topology);
      assert.deepEqual(guardrailsOf(back), guardrailsOf(plan));
    });
  }

  it('brings back the former model in place of what serves now', () => {
    const { models } = planBack(planWith({}));
    assert.deepEqual(models, {
      baseline: { kind: 'live' },
      candidate: { kind: 'model', modelName: 'digits-1' },
    });
  });

  for (const strategy of reverseStrategies) {
    it(`is a valid spec with strategy ${strategy}`, () => {
      const plan = planWith({ guardrails, strategy: { standard: { bake: '2h' } } });
      const spec = validateSpec(reverseSpec(plan, former, strategy));
      assert.equal(compilePlan(spec, identity).strategy, strategy);
    });
  }

  it('keeps neither gates, nor freezes, nor goals, which would make the way back wait', () => {
    const plan = planWith({
      strategy: { abTest: { for: '7d' } },
      goals: [{ metric: 'conversion', higherIsBetter: true }],
      onInconclusive: 'promote',
      gates: [{ before: 'traffic', manual: true }],
      freeze: [{ weekly: 'Sat, Sun', zone: 'Europe/Berlin' }],
    });
    const back = planBack(plan);
    assert.deepEqual([back.goals, back.freeze, back.onInconclusive], [[], [], 'hold']);
    assert.deepEqual(
      back.steps.map(({ kind }) => kind),
      ['deploy', 'setWeights', 'bake'],
    );
  });

  it('asks the former model something first, without expecting the answers of the other', () => {
    const golden = [1, 2, 3, 4].map((n) => ({ body: { n }, expect: { digit: n } }));
    const { validation } = planBack(planWith({ validate: { golden } }));
    assert.equal(validation?.golden, null);
    assert.deepEqual(
      validation?.smoke?.requests.map(({ body }) => body),
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    );
  });

  it('goes back to the instances that the former model ran on, where the rollout changed them', () => {
    const moved = planBack(planWith({ serve: { instance: 'ml.g5.xlarge', count: 1 } }));
    assert.deepEqual([moved.serve.instanceType, moved.serve.count], ['ml.m5.large', 2]);
    const stayed = planBack(planWith({ serve: { instance: 'ml.m5.large', count: 1 } }));
    assert.deepEqual([stayed.serve.instanceType, stayed.serve.count], [null, null]);
  });

  it('tells the same people, and waits as long for what is unknown', () => {
    const notify = [
      { slack: { urlEnv: 'SLACK_URL' }, on: ['rollback', 'page'] },
      { webhook: { url: 'https://example.com/hook', secretEnv: 'HOOK_SECRET' } },
      { sns: 'arn:aws:sns:eu-central-1:123456789012:rollouts' },
    ];
    const plan = planWith({ notify, onInconclusive: { rollBack: { after: '2h' } } });
    const back = planBack(plan);
    assert.deepEqual(back.notify, plan.notify);
    assert.deepEqual(back.onInconclusive, 'rollBack');
    assert.equal(back.limits.holdSeconds, 7_200);
  });

  it('has nothing to warn of that the rollout itself had not', () => {
    const plan = planWith({
      guardrails,
      validate: { smoke: [{ body: 1 }] },
      strategy: { standard: { bake: '20m' } },
    });
    const warnings = lintSpec(validateSpec(reverseSpec(plan, former, 'standard')));
    assert.deepEqual(warnings, []);
  });
});
