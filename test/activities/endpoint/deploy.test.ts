import assert from 'node:assert/strict';
import {
  DescribeEndpointConfigCommand,
  ListTagsCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { DesiredDeployment } from '../../../src/activities/interface/deployment.js';
import type { EndpointObservation } from '../../../src/activities/interface/endpoint.js';
import { failureOf, role, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

const rolloutId = 'digits-1a2b3c4d';
const baseline = { name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large', count: 2, weight: 100 };
const candidate = {
  name: 'b-1a2b3c4d',
  modelName: 'digits-v2',
  instanceType: 'ml.m5.large',
  count: 1,
  weight: 0,
};

const both: DesiredDeployment = {
  configName: `${rolloutId}-ab`,
  owned: true,
  basedOn: 'digits-config',
  createsEndpoint: false,
  variants: [baseline, candidate],
  shadow: null,
  metricPeriodSeconds: 60,
};
const update = { rolloutId, endpoint: 'digits', deployment: both };
const creation = { ...update, deployment: { ...both, basedOn: null, createsEndpoint: true } };

describe('deploying', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
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
      failureOf('NotOwned', /endpoint digits .* not created by a rollout/),
    );
  });

  it('refuses an endpoint config that is somebody else’s', async () => {
    await stage.putLiveEndpoint();
    await stage.putConfig(both.configName, [variantOf('main', 'digits-v1')]);
    await assert.rejects(
      stage.run('deploy', update),
      failureOf('NotOwned', /endpoint config digits-1a2b3c4d-ab/),
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
      failureOf('NotOwned', /from different input/),
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
    await assert.rejects(stage.run('deploy', update), failureOf('UpdateReverted', /no reason given/));
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
    await assert.rejects(stage.run('deploy', update), failureOf('EndpointNotFound'));
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
      failureOf('NotOwned'),
    );
  });

  it('deletes an endpoint of the rollout, and nobody else’s', async () => {
    await stage.putModel('digits-v1');
    await stage.run('deploy', creation);
    await assert.rejects(
      stage.run('deleteEndpoint', { rolloutId: 'digits-99999999', endpoint: 'digits' }),
      failureOf('NotOwned'),
    );
    await stage.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
    assert.equal(await stage.run('observeEndpoint', { endpoint: 'digits' }), null);
    await stage.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
  });
});

describe('deploying a shadow', () => {
  let stage: ActivityTestEnvironment;
  const shadowed: DesiredDeployment = {
    ...both,
    configName: `${rolloutId}-s`,
    variants: [baseline],
    shadow: { ...candidate, weight: 10 },
  };
  const deployShadow = { ...update, deployment: shadowed };
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putModel('digits-v2');
    await stage.putLiveEndpoint();
  });
  afterEach(() => stage.close());

  const weightsOf = ({ variants }: EndpointObservation) =>
    variants.map(({ name, currentWeight, shadow = false }) => [name, currentWeight, shadow]);

  it('puts it beside the live variant, with its part of the requests', async () => {
    const observation = await stage.run('deploy', deployShadow);
    assert.deepEqual(weightsOf(observation), [
      ['main', 100, false],
      ['b-1a2b3c4d', 10, true],
    ]);
  });

  it('gives the former shadow no user’s request where it becomes a production variant', async () => {
    await stage.run('deploy', deployShadow);
    const observation = await stage.run('deploy', update);
    assert.deepEqual(weightsOf(observation), [
      ['main', 100, false],
      ['b-1a2b3c4d', 0, false],
    ]);
  });

  it('leaves the shadow behind where the next config is based on the one that has it', async () => {
    await stage.run('deploy', deployShadow);
    const only = {
      ...both,
      configName: `${rolloutId}-b`,
      basedOn: shadowed.configName,
      variants: [{ ...candidate, weight: 100 }],
    };
    const observation = await stage.run('deploy', { ...update, deployment: only });
    assert.deepEqual(
      observation.variants.map(({ name, shadow }) => [name, shadow]),
      [['b-1a2b3c4d', undefined]],
    );
  });

  it('keeps the instances that autoscaling has given the live variant', async () => {
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 4 }];
    await stage.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'digits', DesiredWeightsAndCapacities }),
    );
    const observation = await stage.run('deploy', deployShadow);
    assert.equal(observation.variants[0]?.currentCount, 4);
  });
});

describe('deploying the candidate’s own endpoint', () => {
  it('takes the settings of the live one’s config with it, and none of its variants', async () => {
    const stage = await ActivityTestEnvironment.open();
    try {
      await stage.putModel('digits-v2');
      const VpcConfig = { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] };
      await stage.putLiveEndpoint({ KmsKeyId: 'key-1', ExecutionRoleArn: role, VpcConfig });
      const deployment = {
        ...both,
        configName: `${rolloutId}-b`,
        createsEndpoint: true,
        variants: [{ ...candidate, weight: 100 }],
      };
      const observation = await stage.run('deploy', { rolloutId, endpoint: rolloutId, deployment });
      assert.deepEqual(
        observation.variants.map(({ name, endpoint, configName }) => [name, endpoint, configName]),
        [['b-1a2b3c4d', rolloutId, deployment.configName]],
      );
      const command = new DescribeEndpointConfigCommand({ EndpointConfigName: deployment.configName });
      const config = await stage.sagemaker.send(command);
      assert.deepEqual(
        [config.KmsKeyId, config.ExecutionRoleArn, config.VpcConfig],
        ['key-1', role, VpcConfig],
      );
    } finally {
      await stage.close();
    }
  });
});
