import assert from 'node:assert/strict';
import type { DesiredDeployment } from '../../../src/activities/interface/deployment.js';
import type { EndpointObservation, VariantObservation } from '../../../src/activities/interface/endpoint.js';
import { nextAction } from '../../../src/activities/endpoint/plan-deploy.js';

const deployment: DesiredDeployment = {
  configName: 'new',
  owned: true,
  basedOn: 'old',
  createsEndpoint: false,
  variants: [{ name: 'a', modelName: 'm', instanceType: 'ml.m5.large', count: 2, weight: 100 }],
  shadow: null,
  metricPeriodSeconds: 60,
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

describe('the next move of a deployment', () => {
  const fresh = { ...deployment, basedOn: null, createsEndpoint: true };
  const [wish] = deployment.variants;
  assert.ok(wish);
  const mirrored = { ...deployment, shadow: { ...wish, name: 'b', weight: 10 } };
  const theirs = { ...deployment, basedOn: null, owned: false };
  const cases: [string, EndpointObservation | null, DesiredDeployment, boolean, string][] = [
    ['creates an endpoint that began with the rollout', null, fresh, false, 'create'],
    ['does not bring back an endpoint deleted under it', null, deployment, false, 'fail EndpointNotFound'],
    ['does not make an endpoint on a config of others', null, theirs, false, 'fail EndpointNotFound'],
    ['waits while it is created', seen('Creating', 'new'), fresh, false, 'wait'],
    ['waits while it is updated', seen('Updating', 'old'), deployment, true, 'wait'],
    ['waits while AWS maintains it', seen('SystemUpdating', 'old'), deployment, false, 'wait'],
    ['waits while it rolls back', seen('RollingBack', 'old'), deployment, true, 'wait'],
    ['waits while it is deleted', seen('Deleting', 'old'), deployment, true, 'wait'],
    ['waits in a status nobody has heard of', seen('Meditating', 'new'), deployment, true, 'wait'],
    ['fails where it failed', seen('Failed', 'new'), fresh, false, 'fail EndpointFailed'],
    [
      'fails where the rollback failed',
      seen('UpdateRollbackFailed', 'new'),
      deployment,
      true,
      'fail EndpointFailed',
    ],
    [
      'asks for another update where somebody else’s could not be rolled back',
      seen('UpdateRollbackFailed', 'old'),
      deployment,
      false,
      'update',
    ],
    [
      'gives a variant that is alone its weight back',
      seen('InService', 'new', unsettled({ currentWeight: 0, desiredWeight: 0 })),
      deployment,
      false,
      'update',
    ],
    [
      'fails where it is alone and still has no weight',
      seen('InService', 'new', unsettled({ currentWeight: 0, desiredWeight: 0 })),
      deployment,
      true,
      'fail EndpointFailed',
    ],
    ['fails out of service', seen('OutOfService', 'new'), deployment, true, 'fail EndpointFailed'],
    ['updates an endpoint on another config', seen('InService', 'old'), deployment, false, 'update'],
    ['sees that its update was reverted', seen('InService', 'old'), deployment, true, 'fail UpdateReverted'],
    ['is done on the target config', seen('InService', 'new'), deployment, true, 'done'],
    ['is done there without having asked', seen('InService', 'new'), deployment, false, 'done'],
    [
      'waits for the weight',
      seen('InService', 'new', unsettled({ currentWeight: 1 })),
      deployment,
      true,
      'wait',
    ],
    [
      'waits for the count',
      seen('InService', 'new', unsettled({ currentCount: 1 })),
      deployment,
      true,
      'wait',
    ],
    ['waits for the variant', seen('InService', 'new', { variants: [] }), deployment, true, 'wait'],
    ['waits for the shadow', seen('InService', 'new'), mirrored, true, 'wait'],
    [
      'waits for a shadow that is not yet one',
      seen('InService', 'new', withVariant({ name: 'b' })),
      mirrored,
      true,
      'wait',
    ],
    [
      'is done with the shadow',
      seen('InService', 'new', withVariant({ name: 'b', shadow: true })),
      mirrored,
      true,
      'done',
    ],
  ];
  for (const [name, observation, wished, attempted, expected] of cases) {
    it(name, () => {
      const move = nextAction(observation, wished, attempted);
      assert.equal(move.kind === 'fail' ? `fail ${move.type}` : move.kind, expected);
    });
  }

  it('gives the reason of a revert, or says that there is none', () => {
    const silent = nextAction(seen('InService', 'old'), deployment, true);
    assert.match(silent.kind === 'fail' ? silent.message : '', /no reason given/);
    const told = nextAction(seen('InService', 'old', { failureReason: 'no capacity' }), deployment, true);
    assert.match(told.kind === 'fail' ? told.message : '', /reverted to old: no capacity/);
  });

  it('keeps live weights, save of a variant alone, and where a shadow’s would become a share of the users', () => {
    const keeps = (observation: EndpointObservation, wished: DesiredDeployment) => {
      const move = nextAction(observation, wished, false);
      return move.kind === 'update' && move.keepsWeights;
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
