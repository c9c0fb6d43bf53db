import assert from 'node:assert/strict';
import { UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import {
  findCountChanges,
  type DesiredCounts,
} from '../../../src/activities/traffic/plan-instance-counts.js';
import type { EndpointObservation } from '../../../src/activities/interface/endpoint.js';
import { candidateVariant, endpointsTraffic, rolloutId, variantsTraffic } from '../endpoint/arms.js';
import { splitAt } from './splits.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

const traffic = variantsTraffic('both');

describe('changes of instance counts', () => {
  function seen(currentCount: number, desiredCount: number): EndpointObservation {
    const variant = {
      name: candidateVariant,
      endpoint: 'digits',
      configName: 'both',
      currentWeight: 1,
      desiredWeight: 1,
      currentCount,
      desiredCount,
      status: null,
    };
    const variants = [{ ...variant, name: 'main', currentCount: 2, desiredCount: 2 }, variant];
    return { at: '', status: 'InService', configName: 'both', failureReason: null, variants };
  }

  type Wish = DesiredCounts['candidate'];
  const cases: [
    string,
    [number, number],
    Wish,
    { toRequest?: number; inProgress?: RegExp; skipped?: RegExp },
  ][] = [
    ['none where nothing is wished', [1, 1], null, {}],
    ['a raise to the least', [1, 1], { atLeast: 3 }, { toRequest: 3 }],
    ['none where there are more than the least', [5, 5], { atLeast: 3 }, {}],
    ['none where more are on their way', [3, 5], { atLeast: 3 }, {}],
    ['none but waiting while they start', [1, 3], { atLeast: 3 }, { inProgress: /candidate has 1 of 3/ }],
    ['waiting for the least of more', [1, 5], { atLeast: 3 }, { inProgress: /candidate has 1 of 5/ }],
    ['a cut to exactly so many', [4, 4], { exactly: 1, whileAt: 4 }, { toRequest: 1 }],
    ['none but waiting while they stop', [4, 1], { exactly: 1, whileAt: 4 }, { inProgress: /has 4 of 1/ }],
    ['none where they are there', [1, 1], { exactly: 1, whileAt: 4 }, {}],
    [
      'none where autoscaling has changed them',
      [6, 6],
      { exactly: 1, whileAt: 4 },
      { skipped: /candidate keeps its 6 instances, because someone else has changed the count from 4/ },
    ],
  ];
  for (const [name, [current, desired], candidate, expected] of cases) {
    it(`are ${name}`, () => {
      const changes = findCountChanges(seen(current, desired), traffic, { baseline: null, candidate });
      assert.deepEqual(
        changes.toRequest,
        expected.toRequest === undefined ? {} : { candidate: expected.toRequest },
      );
      for (const key of ['inProgress', 'skipped'] as const) {
        const pattern = expected[key];
        if (pattern === undefined) assert.deepEqual(changes[key], []);
        else assert.match(changes[key].join(), pattern);
      }
    });
  }
});

describe('setting instance counts', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putLiveEndpoint();
    await stage.putModel('digits-v2');
  });
  afterEach(() => stage.close());

  async function putBoth(): Promise<void> {
    await stage.putConfig('both', [
      variantOf('main', 'digits-v1', 2),
      variantOf(candidateVariant, 'digits-v2', 1),
    ]);
    await stage.putEndpoint('both', 'both');
  }
  const onBoth = {
    topology: 'variants' as const,
    arms: {
      baseline: { ...variantsTraffic('both').arms.candidate, endpoint: 'both', variant: 'main' },
      candidate: { ...variantsTraffic('both').arms.candidate, endpoint: 'both' },
    },
  };
  const countsOf = ({ variants }: EndpointObservation) => variants.map((variant) => variant.currentCount);

  it('raises both variants, one at a time, and leaves the weights alone', async () => {
    await putBoth();
    const counts = { baseline: { atLeast: 3 }, candidate: { atLeast: 4 } };
    const observation = await stage.run('setCounts', { traffic: onBoth, counts });
    assert.deepEqual(countsOf(observation), [3, 4]);
    assert.deepEqual(
      observation.variants.map(({ currentWeight }) => currentWeight),
      [1, 1],
    );
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 2);
  });

  it('does not take back what someone else has scaled', async () => {
    await putBoth();
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 5 }];
    await stage.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'both', DesiredWeightsAndCapacities }),
    );
    stage.pass(60);
    const counts = { baseline: { exactly: 1, whileAt: 2 }, candidate: { atLeast: 2 } };
    const observation = await stage.run('setCounts', { traffic: onBoth, counts });
    assert.deepEqual(countsOf(observation), [5, 2]);
  });

  it('has nothing to wait for where there are enough, whatever else is under way', async () => {
    await putBoth();
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 5 }];
    await stage.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'both', DesiredWeightsAndCapacities }),
    );
    const enough = { baseline: { atLeast: 2 }, candidate: null };
    const attempts = stage.start('setCounts', { traffic: onBoth, counts: enough });
    assert.equal((await attempts.all()).status, 'Updating');
    assert.deepEqual(attempts.messages, []);
    const more = { baseline: { atLeast: 3 }, candidate: null };
    const observation = await stage.run('setCounts', { traffic: onBoth, counts: more });
    assert.deepEqual([observation.status, countsOf(observation)], ['InService', [5, 1]]);
  });

  it('changes both endpoints at once', async () => {
    await stage.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2', 1)]);
    await stage.putEndpoint(`${rolloutId}-b`, rolloutId);
    stage.split = splitAt(0);
    const counts = { baseline: { exactly: 1, whileAt: 2 }, candidate: { atLeast: 2 } };
    const attempts = stage.start('setCounts', { traffic: endpointsTraffic, counts });
    assert.deepEqual(countsOf(await attempts.all()), [1, 2]);
    assert.match(
      attempts.messages[0] ?? '',
      /: requested 1 instances for baseline, 2 instances for candidate$/,
    );
  });

  it('asks again after a lack of instances, and says why', async () => {
    await putBoth();
    await stage.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 0 });
    const counts = { baseline: null, candidate: { atLeast: 2 } };
    const attempts = stage.start('setCounts', { traffic: onBoth, counts });
    while (!/ again, after: \S/.test(attempts.messages.at(-1) ?? '')) await attempts.once();
    await stage.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: null });
    assert.deepEqual(countsOf(await attempts.all()), [2, 2]);
  });

  it('says that a quota is in the way, and that the config is another one', async () => {
    await putBoth();
    const limit = 'ml.m5.large for endpoint usage';
    await stage.emulator.cause({ event: 'instanceLimit', limit, instances: 5 });
    const counts = { baseline: null, candidate: { atLeast: 9 } };
    await assert.rejects(stage.run('setCounts', { traffic: onBoth, counts }), failureOf('QuotaExceeded'));
    await assert.rejects(stage.run('setCounts', { traffic, counts }), failureOf('Drift', /digits-config/));
  });
});
