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

describe('findCountChanges', () => {
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

  type Target = DesiredCounts['candidate'];
  const cases: [
    string,
    [number, number],
    Target,
    { toRequest?: number; inProgress?: RegExp; skipped?: RegExp },
  ][] = [
    ['no target -> no change', [1, 1], null, {}],
    ['fewer than the minimum -> requests the minimum', [1, 1], { atLeast: 3 }, { toRequest: 3 }],
    ['more than the minimum -> no change', [5, 5], { atLeast: 3 }, {}],
    ['more than the minimum already requested -> no change', [3, 5], { atLeast: 3 }, {}],
    [
      'requested instances still start -> waits',
      [1, 3],
      { atLeast: 3 },
      { inProgress: /candidate has 1 of 3/ },
    ],
    [
      'fewer than the minimum while more start -> waits',
      [1, 5],
      { atLeast: 3 },
      { inProgress: /candidate has 1 of 5/ },
    ],
    ['expected count -> requests the exact target', [4, 4], { exactly: 1, whileAt: 4 }, { toRequest: 1 }],
    [
      'requested instances still stop -> waits',
      [4, 1],
      { exactly: 1, whileAt: 4 },
      { inProgress: /has 4 of 1/ },
    ],
    ['exact target reached -> no change', [1, 1], { exactly: 1, whileAt: 4 }, {}],
    [
      'autoscaling has changed the count -> skipped',
      [6, 6],
      { exactly: 1, whileAt: 4 },
      { skipped: /candidate keeps its 6 instances, because someone else has changed the count from 4/ },
    ],
  ];
  for (const [name, [current, desired], candidate, expected] of cases) {
    it(`findCountChanges: ${name}`, () => {
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

describe('setCounts', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putLiveEndpoint();
    await testEnv.putModel('digits-v2');
  });
  afterEach(() => testEnv.close());

  async function putBoth(): Promise<void> {
    await testEnv.putConfig('both', [
      variantOf('main', 'digits-v1', 2),
      variantOf(candidateVariant, 'digits-v2', 1),
    ]);
    await testEnv.putEndpoint('both', 'both');
  }
  const onBoth = {
    topology: 'variants' as const,
    arms: {
      baseline: { ...variantsTraffic('both').arms.candidate, endpoint: 'both', variant: 'main' },
      candidate: { ...variantsTraffic('both').arms.candidate, endpoint: 'both' },
    },
  };
  const countsOf = ({ variants }: EndpointObservation) => variants.map((variant) => variant.currentCount);

  it('setCounts: both variants need more -> one request for each, weights unchanged', async () => {
    await putBoth();
    const counts = { baseline: { atLeast: 3 }, candidate: { atLeast: 4 } };
    const observation = await testEnv.run('setCounts', { traffic: onBoth, counts });
    assert.deepEqual(countsOf(observation), [3, 4]);
    assert.deepEqual(
      observation.variants.map(({ currentWeight }) => currentWeight),
      [1, 1],
    );
    assert.equal(testEnv.calls('UpdateEndpointWeightsAndCapacities'), 2);
  });

  it('setCounts: someone else has scaled the variant -> count unchanged', async () => {
    await putBoth();
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 5 }];
    await testEnv.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'both', DesiredWeightsAndCapacities }),
    );
    testEnv.skipTime(60);
    const counts = { baseline: { exactly: 1, whileAt: 2 }, candidate: { atLeast: 2 } };
    const observation = await testEnv.run('setCounts', { traffic: onBoth, counts });
    assert.deepEqual(countsOf(observation), [5, 2]);
  });

  it('setCounts: enough instances, another change in progress -> returns without waiting', async () => {
    await putBoth();
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 5 }];
    await testEnv.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'both', DesiredWeightsAndCapacities }),
    );
    const enough = { baseline: { atLeast: 2 }, candidate: null };
    const attempts = testEnv.start('setCounts', { traffic: onBoth, counts: enough });
    assert.equal((await attempts.all()).status, 'Updating');
    assert.deepEqual(attempts.messages, []);
    const more = { baseline: { atLeast: 3 }, candidate: null };
    const observation = await testEnv.run('setCounts', { traffic: onBoth, counts: more });
    assert.deepEqual([observation.status, countsOf(observation)], ['InService', [5, 1]]);
  });

  it('setCounts: two endpoints -> requests both in one attempt', async () => {
    await testEnv.putConfig(`${rolloutId}-b`, [variantOf(candidateVariant, 'digits-v2', 1)]);
    await testEnv.putEndpoint(`${rolloutId}-b`, rolloutId);
    testEnv.split = splitAt(0);
    const counts = { baseline: { exactly: 1, whileAt: 2 }, candidate: { atLeast: 2 } };
    const attempts = testEnv.start('setCounts', { traffic: endpointsTraffic, counts });
    assert.deepEqual(countsOf(await attempts.all()), [1, 2]);
    assert.match(
      attempts.messages[0] ?? '',
      /: requested 1 instances for baseline, 2 instances for candidate$/,
    );
  });

  it('setCounts: no capacity -> requests again, message has the reason', async () => {
    await putBoth();
    await testEnv.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: 0 });
    const counts = { baseline: null, candidate: { atLeast: 2 } };
    const attempts = testEnv.start('setCounts', { traffic: onBoth, counts });
    while (!/ again after: \S/.test(attempts.messages.at(-1) ?? '')) await attempts.once();
    await testEnv.emulator.cause({ event: 'capacity', instanceType: 'ml.m5.large', instances: null });
    assert.deepEqual(countsOf(await attempts.all()), [2, 2]);
  });

  it('setCounts: quota exceeded or other config -> QuotaExceeded or Drift', async () => {
    await putBoth();
    const limit = 'ml.m5.large for endpoint usage';
    await testEnv.emulator.cause({ event: 'instanceLimit', limit, instances: 5 });
    const counts = { baseline: null, candidate: { atLeast: 9 } };
    await assert.rejects(testEnv.run('setCounts', { traffic: onBoth, counts }), failureOf('QuotaExceeded'));
    await assert.rejects(testEnv.run('setCounts', { traffic, counts }), failureOf('Drift', /digits-config/));
  });
});
