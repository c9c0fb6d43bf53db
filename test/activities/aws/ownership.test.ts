import assert from 'node:assert/strict';
import { DeleteEndpointCommand, DeleteEndpointConfigCommand } from '@aws-sdk/client-sagemaker';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { WatchRequest } from '../../../src/activities/interface/watch.js';
import { ActivityTestEnvironment, type Attempts } from '../activity-environment.js';

const rolloutId = 'digits-1a2b3c4d';
const configName = `${rolloutId}-ab`;
const variant = { name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large', count: 1, weight: 100 };
const deployment = {
  configName,
  owned: true,
  base: null,
  copies: null,
  replaces: null,
  createsEndpoint: true,
  variants: [variant],
  shadow: null,
  metricPeriodSeconds: 60,
  scaling: null,
  tags: { config: {}, endpoint: {} },
};

function watchOf(testEnv: ActivityTestEnvironment): WatchRequest {
  const arm = { endpoint: 'digits', variant: 'main', configName, shadow: false };
  return {
    rolloutId,
    traffic: { topology: 'variants', arms: { baseline: null, candidate: arm } },
    weights: { baseline: 0, candidate: 100 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [],
    goals: [],
    since: new Date(testEnv.nowMs).toISOString(),
    bakeSeconds: 3600,
    roundEnds: new Date(testEnv.nowMs + 7_200_000).toISOString(),
    mode: 'bake',
    continued: null,
  };
}

describe('deletion between describe and ListTags', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v1');
    await testEnv.run('deploy', { rolloutId, endpoint: 'digits', deployment });
  });
  afterEach(() => testEnv.close());

  const deleteEndpoint = () => testEnv.sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'digits' }));
  const deleteConfig = () =>
    testEnv.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: configName }));

  /** The first attempt; `remove` happens just before it reads the tags. */
  async function removeBeforeTags<N extends keyof RolloutActivities>(
    attempts: Attempts<N>,
    remove: () => Promise<unknown>,
  ): Promise<void> {
    testEnv.emulator.faults.add({ operation: 'ListTags', kind: 'holdRequest' });
    const first = attempts.once();
    while (testEnv.emulator.held.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await remove();
    testEnv.emulator.held.release();
    const outcome = await first;
    assert.ok('retried' in outcome);
  }

  it('deleteEndpoint: endpoint deleted before its tags are read -> success', async () => {
    const deletion = testEnv.start('deleteEndpoint', { rolloutId, endpoint: 'digits' });
    await removeBeforeTags(deletion, async () => {
      await deleteEndpoint();
      testEnv.skipTime(600);
    });
    await deletion.all();
    assert.equal(await testEnv.run('observeEndpoint', { endpoint: 'digits' }), null);
  });

  it('deleteConfig: config deleted before its tags are read -> success', async () => {
    await deleteEndpoint();
    testEnv.skipTime(600);
    const deletion = testEnv.start('deleteConfig', { rolloutId, configName, endpoint: 'digits' });
    await removeBeforeTags(deletion, deleteConfig);
    await deletion.all();
  });

  it('watchTraffic: config deleted before its tags are read -> read error, then drift', async () => {
    const watch = testEnv.start('watchTraffic', watchOf(testEnv));
    await removeBeforeTags(watch, deleteConfig);
    assert.match(watch.messages[0] ?? '', /endpoint cannot be read \(ValidationException: Could not find/);
    const report = await watch.all();
    assert.deepEqual(
      [report.kind, report.message],
      ['drift', `endpoint config ${configName} no longer exists`],
    );
  });
});
