import assert from 'node:assert/strict';
import { DescribeEndpointConfigCommand, ListTagsCommand } from '@aws-sdk/client-sagemaker';
import type { Deployment } from '../../src/activities/interface.js';
import { failureOf, Stage, variantOf } from './stage.js';

const rolloutId = 'digits-1a2b3c4d';
const baseline = { name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large', count: 2, weight: 100 };
const candidate = {
  name: 'b-1a2b3c4d',
  modelName: 'digits-v2',
  instanceType: 'ml.m5.large',
  count: 1,
  weight: 0,
};

const both: Deployment = {
  configName: `${rolloutId}-ab`,
  owned: true,
  basedOn: 'digits-config',
  variants: [baseline, candidate],
  metricPeriodSeconds: 60,
};
const update = { rolloutId, endpoint: 'digits', deployment: both };
const creation = { ...update, deployment: { ...both, basedOn: null } };

describe('deploying', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
    await stage.putModel('digits-v2');
  });
  afterEach(() => stage.close());

  it('creates config and endpoint, tags them, and reports what it has read back', async () => {
    await stage.putModel('digits-v1');
    const observation = await stage.run('deploy', creation);
    assert.equal(observation.status, 'InService');
    assert.equal(observation.configName, both.configName);
    const ResourceArn = `arn:aws:sagemaker:us-east-1:123456789012:endpoint/digits`;
    const { Tags } = await stage.sagemaker.send(new ListTagsCommand({ ResourceArn }));
    assert.equal(Tags?.find((tag) => tag.Key === 'penstock:rollout')?.Value, rolloutId);
  });

  it('adopts its own creation where the answer to it was lost', async () => {
    await stage.putModel('digits-v1');
    stage.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'lostResponse' });
    const observation = await stage.run('deploy', creation);
    assert.equal(observation.status, 'InService');
    assert.equal(
      stage.emulator.calls.count('CreateEndpoint', 'ok'),
      0,
      'the only success was never heard of',
    );
  });

  it('refuses to take over an endpoint that is somebody else’s', async () => {
    await stage.putLiveEndpoint();
    await assert.rejects(
      stage.run('deploy', creation),
      failureOf('NotOurs', /endpoint digits .* not made by a rollout/),
    );
  });

  it('refuses an endpoint config that is somebody else’s', async () => {
    await stage.putLiveEndpoint();
    await stage.putConfig(both.configName, [variantOf('main', 'digits-v1')]);
    await assert.rejects(
      stage.run('deploy', update),
      failureOf('NotOurs', /endpoint config digits-1a2b3c4d-ab/),
    );
    assert.equal(stage.calls('UpdateEndpoint'), 0);
  });

  it('refuses its own config where it was made from other input', async () => {
    await stage.putLiveEndpoint();
    await stage.run('deploy', update);
    const other = { ...both, variants: [{ ...baseline, count: 1 }, candidate] };
    const back = {
      ...update,
      deployment: { ...both, configName: 'digits-config', owned: false, variants: [baseline] },
    };
    await stage.run('deploy', back);
    await assert.rejects(
      stage.run('deploy', { ...update, deployment: other }),
      failureOf('NotOurs', /from other input/),
    );
  });

  it('updates a live endpoint, keeping its counts and the other settings of its config', async () => {
    const capture = {
      EnableCapture: true,
      InitialSamplingPercentage: 10,
      DestinationS3Uri: 's3://bucket/captured',
      CaptureOptions: [{ CaptureMode: 'Input' }],
    };
    await stage.putLiveEndpoint({ KmsKeyId: 'key-1', DataCaptureConfig: capture });
    const observation = await stage.run('deploy', update);
    assert.deepEqual(
      observation.variants.map(({ name, currentCount }) => [name, currentCount]),
      [
        ['main', 2],
        ['b-1a2b3c4d', 1],
      ],
    );
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: both.configName });
    const config = await stage.sagemaker.send(command);
    assert.equal(config.KmsKeyId, 'key-1');
    assert.deepEqual(config.DataCaptureConfig, capture);
    const [call] = stage.emulator.calls.of('UpdateEndpoint');
    assert.equal(call?.parameters.RetainAllVariantProperties, true);
  });

  it('detects a silent revert', async () => {
    await stage.putLiveEndpoint();
    stage.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revertSilently' });
    await assert.rejects(stage.run('deploy', update), failureOf('UpdateReverted', /without a reason given/));
  });

  it('reports why an endpoint could not be created', async () => {
    await stage.putModel('digits-v1');
    stage.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'fail' });
    await assert.rejects(stage.run('deploy', creation), failureOf('EndpointFailed', /is Failed: \S/));
  });

  it('survives a crash between the update and what it hands on', async () => {
    await stage.putLiveEndpoint();
    const attempts = stage.start('deploy', update);
    await attempts.once();
    attempts.details = undefined;
    const observation = await attempts.all();
    assert.equal(observation.configName, both.configName);
    assert.equal(stage.calls('UpdateEndpoint'), 1);
  });

  it('tries again where a crash and a revert come together, and then says so', async () => {
    await stage.putLiveEndpoint();
    stage.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revert', count: 2 });
    const attempts = stage.start('deploy', update);
    await attempts.once();
    attempts.details = undefined;
    stage.pass(60);
    await assert.rejects(attempts.all(), failureOf('UpdateReverted'));
    assert.equal(stage.calls('UpdateEndpoint'), 2);
  });

  it('survives throttling, server errors and lost answers at every call', async () => {
    await stage.putLiveEndpoint();
    for (const operation of ['DescribeEndpoint', 'CreateEndpointConfig', 'UpdateEndpoint']) {
      stage.emulator.faults.add({ operation, kind: 'throttle', count: 3 });
      stage.emulator.faults.add({ operation, kind: 'error500', count: 3 });
      stage.emulator.faults.add({ operation, kind: 'lostResponse', nth: 2 });
    }
    const observation = await stage.run('deploy', update);
    assert.equal(observation.configName, both.configName);
  });

  it('does not bring back an endpoint that was deleted under it', async () => {
    await stage.putModel('digits-v1');
    await assert.rejects(stage.run('deploy', update), failureOf('EndpointGone'));
  });

  it('deletes a config of the rollout once the endpoint has left it, and says nothing where it is gone', async () => {
    await stage.putLiveEndpoint();
    await stage.run('deploy', update);
    const deletion = { rolloutId, configName: both.configName, endpoint: 'digits' };
    const outcome = await stage.start('deleteConfig', deletion).once();
    assert.ok('retried' in outcome && outcome.retried.type === 'Busy');
    const back = { ...both, configName: 'digits-config', owned: false, variants: [baseline] };
    await stage.run('deploy', { ...update, deployment: back });
    await stage.run('deleteConfig', deletion);
    await stage.run('deleteConfig', deletion);
    await assert.rejects(
      stage.run('deleteConfig', { ...deletion, configName: 'digits-config' }),
      failureOf('NotOurs'),
    );
  });

  it('deletes an endpoint of the rollout, and nobody else’s', async () => {
    await stage.putModel('digits-v1');
    await stage.run('deploy', creation);
    await assert.rejects(
      stage.run('deleteEndpoint', { rolloutId: 'digits-99999999', endpoint: 'digits' }),
      failureOf('NotOurs'),
    );
    await stage.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
    assert.equal(await stage.run('observeEndpoint', { endpoint: 'digits' }), null);
    await stage.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
  });
});

describe('setting weights', () => {
  let stage: Stage;
  const wish = {
    endpoint: 'digits',
    configName: both.configName,
    weights: { main: 99.9, 'b-1a2b3c4d': 0.1 },
  };
  beforeEach(async () => {
    stage = await Stage.open();
    await stage.putModel('digits-v2');
    await stage.putLiveEndpoint();
    await stage.run('deploy', update);
  });
  afterEach(() => stage.close());

  it('reads back 99.9 and 0.1, though SageMaker keeps 32-bit floats', async () => {
    const observation = await stage.run('setWeights', wish);
    assert.deepEqual(
      observation.variants.map(({ currentWeight }) => Math.round(currentWeight * 1000) / 1000),
      [99.9, 0.1],
    );
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('asks for nothing where the weights are there already', async () => {
    await stage.run('setWeights', wish);
    await stage.run('setWeights', wish);
    assert.equal(stage.calls('UpdateEndpointWeightsAndCapacities'), 1);
  });

  it('is not confused by a lost answer', async () => {
    stage.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'lostResponse' });
    const observation = await stage.run('setWeights', wish);
    assert.equal(observation.status, 'InService');
  });

  it('calls another config drift, and a missing endpoint gone', async () => {
    await assert.rejects(stage.run('setWeights', { ...wish, configName: 'other' }), failureOf('Drift'));
    await assert.rejects(stage.run('setWeights', { ...wish, endpoint: 'none' }), failureOf('EndpointGone'));
    await assert.rejects(
      stage.run('setWeights', { ...wish, weights: { main: 100 } }),
      failureOf('Drift', /has variants/),
    );
  });
});
