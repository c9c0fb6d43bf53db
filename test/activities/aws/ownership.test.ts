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
  basedOn: null,
  createsEndpoint: true,
  variants: [variant],
  shadow: null,
  metricPeriodSeconds: 60,
};

function watchOf(stage: ActivityTestEnvironment): WatchRequest {
  const arm = { endpoint: 'digits', variant: 'main', configName, shadow: false };
  return {
    rolloutId,
    traffic: { topology: 'variants', arms: { baseline: null, candidate: arm } },
    weights: { baseline: 0, candidate: 100 },
    stage: 1,
    metricPeriodSeconds: 60,
    guardrails: [],
    goals: [],
    since: new Date(stage.nowMs).toISOString(),
    bakeSeconds: 3600,
    roundEnds: new Date(stage.nowMs + 7_200_000).toISOString(),
    mode: 'bake',
    continued: null,
  };
}

describe('what somebody deletes between a look and its tags', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putModel('digits-v1');
    await stage.run('deploy', { rolloutId, endpoint: 'digits', deployment });
  });
  afterEach(() => stage.close());

  const deleteEndpoint = () => stage.sagemaker.send(new DeleteEndpointCommand({ EndpointName: 'digits' }));
  const deleteConfig = () =>
    stage.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: configName }));

  /** The first attempt; `remove` happens just before it reads the tags. */
  async function removedMeanwhile<N extends keyof RolloutActivities>(
    attempts: Attempts<N>,
    remove: () => Promise<unknown>,
  ): Promise<void> {
    stage.emulator.faults.add({ operation: 'ListTags', kind: 'holdRequest' });
    const first = attempts.once();
    while (stage.emulator.held.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await remove();
    stage.emulator.held.release();
    const outcome = await first;
    assert.ok('retried' in outcome);
  }

  it('is an endpoint that is deleted, as was wanted', async () => {
    const deletion = stage.start('deleteEndpoint', { rolloutId, endpoint: 'digits' });
    await removedMeanwhile(deletion, async () => {
      await deleteEndpoint();
      stage.pass(600);
    });
    await deletion.all();
    assert.equal(await stage.run('observeEndpoint', { endpoint: 'digits' }), null);
  });

  it('is a config that is deleted, as was wanted', async () => {
    await deleteEndpoint();
    stage.pass(600);
    const deletion = stage.start('deleteConfig', { rolloutId, configName, endpoint: 'digits' });
    await removedMeanwhile(deletion, deleteConfig);
    await deletion.all();
  });

  it('is drift of a config that the traffic is on', async () => {
    const watch = stage.start('watchTraffic', watchOf(stage));
    await removedMeanwhile(watch, deleteConfig);
    assert.match(watch.messages[0] ?? '', /endpoint cannot be read \(ValidationException: Could not find/);
    const report = await watch.all();
    assert.deepEqual(
      [report.kind, report.message],
      ['drift', `endpoint config ${configName} no longer exists`],
    );
  });
});
