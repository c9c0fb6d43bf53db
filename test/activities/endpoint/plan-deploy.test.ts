import assert from 'node:assert/strict';
import type { DesiredDeployment } from '../../../src/activities/interface/deployment.js';
import type { EndpointObservation, VariantObservation } from '../../../src/activities/interface/endpoint.js';
import { nextAction } from '../../../src/activities/endpoint/plan-deploy.js';

const deployment: DesiredDeployment = {
  configName: 'new',
  owned: true,
  base: { ProductionVariants: [] },
  copies: null,
  replaces: null,
  createsEndpoint: false,
  variants: [{ name: 'a', modelName: 'm', instanceType: 'ml.m5.large', count: 2, weight: 100 }],
  shadow: null,
  metricPeriodSeconds: 60,
  scaling: null,
  tags: { config: {}, endpoint: {} },
};

function seen(
  status: string,
  configName: string,
  changes: Partial<EndpointObservation> = {},
): EndpointObservation {
  const variant = {
    name: 'a',
    endpoint: 'digits',
    configName,
    currentWeight: 100,
    desiredWeight: 100,
    currentCount: 2,
    desiredCount: 2,
    status: null,
  };
  return {
    at: '2026-11-02T12:00:00Z',
    status,
    configName,
    failureReason: null,
    variants: [variant],
    ...changes,
  };
}

function unsettled(change: object): Partial<EndpointObservation> {
  return { variants: seen('InService', 'new').variants.map((variant) => ({ ...variant, ...change })) };
}

function withVariant(change: Partial<VariantObservation>): Partial<EndpointObservation> {
  const { variants } = seen('InService', 'new');
  return { variants: [...variants, ...variants.map((variant) => ({ ...variant, ...change }))] };
}

describe('nextAction', () => {
  const fresh = { ...deployment, base: null, createsEndpoint: true };
  const [variant] = deployment.variants;
  assert.ok(variant);
  const mirrored = { ...deployment, shadow: { ...variant, name: 'b', weight: 10 } };
  const theirs = { ...deployment, base: null, owned: false };
  const cases: [string, EndpointObservation | null, DesiredDeployment, boolean, string][] = [
    ['no endpoint, created by the rollout -> create', null, fresh, false, 'create'],
    ['live endpoint was deleted -> EndpointNotFound', null, deployment, false, 'fail EndpointNotFound'],
    [
      'no endpoint, config of another owner -> EndpointNotFound',
      null,
      theirs,
      false,
      'fail EndpointNotFound',
    ],
    ['Creating -> wait', seen('Creating', 'new'), fresh, false, 'wait'],
    ['Updating -> wait', seen('Updating', 'old'), deployment, true, 'wait'],
    ['SystemUpdating -> wait', seen('SystemUpdating', 'old'), deployment, false, 'wait'],
    ['RollingBack -> wait', seen('RollingBack', 'old'), deployment, true, 'wait'],
    ['Deleting -> wait', seen('Deleting', 'old'), deployment, true, 'wait'],
    ['unknown status -> wait', seen('Meditating', 'new'), deployment, true, 'wait'],
    ['Failed -> EndpointFailed', seen('Failed', 'new'), fresh, false, 'fail EndpointFailed'],
    [
      'UpdateRollbackFailed after the own update -> EndpointFailed',
      seen('UpdateRollbackFailed', 'new'),
      deployment,
      true,
      'fail EndpointFailed',
    ],
    [
      'UpdateRollbackFailed after another update -> update',
      seen('UpdateRollbackFailed', 'old'),
      deployment,
      false,
      'update',
    ],
    [
      'only variant has weight 0 -> update',
      seen('InService', 'new', unsettled({ currentWeight: 0, desiredWeight: 0 })),
      deployment,
      false,
      'update',
    ],
    [
      'only variant has weight 0 after the update -> EndpointFailed',
      seen('InService', 'new', unsettled({ currentWeight: 0, desiredWeight: 0 })),
      deployment,
      true,
      'fail EndpointFailed',
    ],
    ['OutOfService -> EndpointFailed', seen('OutOfService', 'new'), deployment, true, 'fail EndpointFailed'],
    ['another config -> update', seen('InService', 'old'), deployment, false, 'update'],
    [
      'another config after the update -> UpdateReverted',
      seen('InService', 'old'),
      deployment,
      true,
      'fail UpdateReverted',
    ],
    ['desired config after the update -> done', seen('InService', 'new'), deployment, true, 'done'],
    ['desired config without an update -> done', seen('InService', 'new'), deployment, false, 'done'],
    [
      'weight not effective yet -> wait',
      seen('InService', 'new', unsettled({ currentWeight: 1 })),
      deployment,
      true,
      'wait',
    ],
    [
      'count not effective yet -> wait',
      seen('InService', 'new', unsettled({ currentCount: 1 })),
      deployment,
      true,
      'wait',
    ],
    ['variant missing -> wait', seen('InService', 'new', { variants: [] }), deployment, true, 'wait'],
    ['shadow missing -> wait', seen('InService', 'new'), mirrored, true, 'wait'],
    [
      'shadow is still a production variant -> wait',
      seen('InService', 'new', withVariant({ name: 'b' })),
      mirrored,
      true,
      'wait',
    ],
    [
      'shadow present -> done',
      seen('InService', 'new', withVariant({ name: 'b', shadow: true })),
      mirrored,
      true,
      'done',
    ],
  ];
  for (const [name, observation, desired, attempted, expected] of cases) {
    it(`nextAction: ${name}`, () => {
      const action = nextAction(observation, desired, attempted);
      assert.equal(action.kind === 'fail' ? `fail ${action.type}` : action.kind, expected);
    });
  }

  it('nextAction: reverted update -> message has the reason, or that there is none', () => {
    const withoutReason = nextAction(seen('InService', 'old'), deployment, true);
    assert.match(withoutReason.kind === 'fail' ? withoutReason.message : '', /no reason given/);
    const withReason = nextAction(
      seen('InService', 'old', { failureReason: 'no capacity' }),
      deployment,
      true,
    );
    assert.match(withReason.kind === 'fail' ? withReason.message : '', /reverted to old: no capacity/);
  });

  it('nextAction: update -> keeps live weights only with several variants and without a shadow', () => {
    const keeps = (observation: EndpointObservation, desired: DesiredDeployment) => {
      const action = nextAction(observation, desired, false);
      return action.kind === 'update' && action.keepsWeights;
    };
    const withShadow = seen('InService', 'old', withVariant({ name: 'b', shadow: true }));
    const [one] = deployment.variants;
    assert.ok(one);
    const both = { ...deployment, variants: [one, { ...one, name: 'b' }] };
    assert.equal(keeps(seen('InService', 'old'), both), true);
    assert.equal(keeps(seen('InService', 'old'), deployment), false);
    assert.equal(keeps(seen('InService', 'old'), mirrored), false);
    assert.equal(keeps(withShadow, both), false);
  });
});
