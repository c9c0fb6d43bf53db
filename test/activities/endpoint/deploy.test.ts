import assert from 'node:assert/strict';
import {
  DeleteEndpointConfigCommand,
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
  base: { ProductionVariants: [variantOf('main', 'digits-v1')] },
  copies: 'main',
  replaces: null,
  createsEndpoint: false,
  variants: [baseline, candidate],
  shadow: null,
  metricPeriodSeconds: 60,
  scaling: null,
  tags: { config: {}, endpoint: {} },
};
const update = { rolloutId, endpoint: 'digits', deployment: both };
const creation = { ...update, deployment: { ...both, base: null, createsEndpoint: true } };

describe('deploy', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v2');
  });
  afterEach(() => testEnv.close());

  it('deploy: no endpoint -> creates config and endpoint with tags, returns the observation', async () => {
    await testEnv.putModel('digits-v1');
    const observation = await testEnv.run('deploy', creation);
    assert.equal(observation.status, 'InService');
    assert.equal(observation.configName, both.configName);
    const ResourceArn = `arn:aws:sagemaker:us-east-1:123456789012:endpoint/digits`;
    const { Tags } = await testEnv.sagemaker.send(new ListTagsCommand({ ResourceArn }));
    assert.equal(Tags?.find((tag) => tag.Key === 'penstock:rollout')?.Value, rolloutId);
  });

  it('deploy: response to CreateEndpoint lost -> adopts its own endpoint', async () => {
    await testEnv.putModel('digits-v1');
    testEnv.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'lostResponse' });
    const observation = await testEnv.run('deploy', creation);
    assert.equal(observation.status, 'InService');
    assert.equal(
      testEnv.emulator.calls.count('CreateEndpoint', 'ok'),
      0,
      'the worker received no response to its only successful call',
    );
  });

  it("deploy: someone else's config serves instead of the previous one -> Drift, not overwritten", async () => {
    await testEnv.putLiveEndpoint();
    const replaces = 'the-config-before';
    await assert.rejects(
      testEnv.run('deploy', { ...update, deployment: { ...both, replaces } }),
      failureOf('Drift', /endpoint digits is on config .*, not on the-config-before/),
    );
    assert.equal(testEnv.emulator.calls.count('UpdateEndpoint'), 0);
  });

  it('deploy: config that served before was deleted -> created again as it was', async () => {
    const KmsKeyId = 'key-1';
    await testEnv.putLiveEndpoint({ KmsKeyId });
    const base = await testEnv.settingsOf('digits-config');
    await testEnv.run('deploy', { ...update, deployment: { ...both, base } });
    await testEnv.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'digits-config' }));
    const original = { ...both, base, configName: 'digits-config', owned: false, variants: [baseline] };
    const seen = await testEnv.run('deploy', { ...update, deployment: original });
    assert.equal(seen.configName, 'digits-config');
    assert.deepEqual(
      seen.variants.map(({ name }) => name),
      ['main'],
    );
    assert.deepEqual(await testEnv.settingsOf('digits-config'), base);
  });

  it('deploy: config that served before was deleted -> the next config has its settings', async () => {
    await testEnv.putLiveEndpoint({ KmsKeyId: 'key-1' });
    const base = await testEnv.settingsOf('digits-config');
    await testEnv.run('deploy', { ...update, deployment: { ...both, base } });
    await testEnv.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'digits-config' }));
    const configName = `${rolloutId}-b`;
    const last = { ...both, base, configName, variants: [{ ...candidate, weight: 100 }] };
    await testEnv.run('deploy', { ...update, deployment: last });
    assert.equal((await testEnv.settingsOf(configName)).KmsKeyId, 'key-1');
  });

  it('deploy: endpoint of another owner -> NotOwned', async () => {
    await testEnv.putLiveEndpoint();
    await assert.rejects(
      testEnv.run('deploy', creation),
      failureOf('NotOwned', /endpoint digits .* not created by a rollout/),
    );
  });

  it('deploy: endpoint config of another owner -> NotOwned, no update', async () => {
    await testEnv.putLiveEndpoint();
    await testEnv.putConfig(both.configName, [variantOf('main', 'digits-v1')]);
    await assert.rejects(
      testEnv.run('deploy', update),
      failureOf('NotOwned', /endpoint config digits-1a2b3c4d-ab/),
    );
    assert.equal(testEnv.calls('UpdateEndpoint'), 0);
  });

  it('deploy: own config from different input -> NotOwned', async () => {
    await testEnv.putLiveEndpoint();
    await testEnv.run('deploy', update);
    const other = { ...both, variants: [{ ...baseline, count: 1 }, candidate] };
    const back = {
      ...update,
      deployment: { ...both, configName: 'digits-config', owned: false, variants: [baseline] },
    };
    await testEnv.run('deploy', back);
    await assert.rejects(
      testEnv.run('deploy', { ...update, deployment: other }),
      failureOf('NotOwned', /from different input/),
    );
  });

  it('deploy: live endpoint -> update keeps counts and config settings', async () => {
    const capture = {
      EnableCapture: true,
      InitialSamplingPercentage: 10,
      DestinationS3Uri: 's3://bucket/captured',
      CaptureOptions: [{ CaptureMode: 'Input' }],
    };
    await testEnv.putLiveEndpoint({ KmsKeyId: 'key-1', DataCaptureConfig: capture });
    const deployment = { ...both, base: await testEnv.settingsOf('digits-config') };
    const observation = await testEnv.run('deploy', { ...update, deployment });
    assert.deepEqual(
      observation.variants.map(({ name, currentCount }) => [name, currentCount]),
      [
        ['main', 2],
        ['b-1a2b3c4d', 1],
      ],
    );
    const command = new DescribeEndpointConfigCommand({ EndpointConfigName: both.configName });
    const config = await testEnv.sagemaker.send(command);
    assert.equal(config.KmsKeyId, 'key-1');
    assert.deepEqual(config.DataCaptureConfig, capture);
    const [call] = testEnv.emulator.calls.of('UpdateEndpoint');
    assert.equal(call?.parameters.RetainAllVariantProperties, true);
  });

  it('deploy: SageMaker reverts without a reason -> UpdateReverted', async () => {
    await testEnv.putLiveEndpoint();
    testEnv.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revertSilently' });
    await assert.rejects(testEnv.run('deploy', update), failureOf('UpdateReverted', /no reason given/));
  });

  it('deploy: creation fails -> EndpointFailed with the reason', async () => {
    await testEnv.putModel('digits-v1');
    testEnv.emulator.faults.add({ operation: 'CreateEndpoint', kind: 'fail' });
    await assert.rejects(testEnv.run('deploy', creation), failureOf('EndpointFailed', /is Failed: \S/));
  });

  it('deploy: crash after the update request -> one update', async () => {
    await testEnv.putLiveEndpoint();
    const attempts = testEnv.start('deploy', update);
    await attempts.once();
    attempts.details = undefined;
    const observation = await attempts.all();
    assert.equal(observation.configName, both.configName);
    assert.equal(testEnv.calls('UpdateEndpoint'), 1);
  });

  it('deploy: crash and two reverts -> second update, then UpdateReverted', async () => {
    await testEnv.putLiveEndpoint();
    testEnv.emulator.faults.add({ operation: 'UpdateEndpoint', kind: 'revert', count: 2 });
    const attempts = testEnv.start('deploy', update);
    await attempts.once();
    attempts.details = undefined;
    testEnv.skipTime(60);
    await assert.rejects(attempts.all(), failureOf('UpdateReverted'));
    assert.equal(testEnv.calls('UpdateEndpoint'), 2);
  });

  it('deploy: throttling, server errors and lost responses -> deployed', async () => {
    await testEnv.putLiveEndpoint();
    for (const operation of ['DescribeEndpoint', 'CreateEndpointConfig', 'UpdateEndpoint']) {
      testEnv.emulator.faults.add({ operation, kind: 'throttle', count: 3 });
      testEnv.emulator.faults.add({ operation, kind: 'error500', count: 3 });
      testEnv.emulator.faults.add({ operation, kind: 'lostResponse', nth: 2 });
    }
    const observation = await testEnv.run('deploy', update);
    assert.equal(observation.configName, both.configName);
  });

  it('deploy: live endpoint was deleted -> EndpointNotFound, not created again', async () => {
    await testEnv.putModel('digits-v1');
    await assert.rejects(testEnv.run('deploy', update), failureOf('EndpointNotFound'));
  });

  it('deleteConfig: config in use, then unused, then missing -> Busy, deleted, success', async () => {
    await testEnv.putLiveEndpoint();
    await testEnv.run('deploy', update);
    const deletion = { rolloutId, configName: both.configName, endpoint: 'digits' };
    const outcome = await testEnv.start('deleteConfig', deletion).once();
    assert.ok('retried' in outcome && outcome.retried.type === 'Busy');
    const back = { ...both, configName: 'digits-config', owned: false, variants: [baseline] };
    await testEnv.run('deploy', { ...update, deployment: back });
    await testEnv.run('deleteConfig', deletion);
    await testEnv.run('deleteConfig', deletion);
    await assert.rejects(
      testEnv.run('deleteConfig', { ...deletion, configName: 'digits-config' }),
      failureOf('NotOwned'),
    );
  });

  it('deleteEndpoint: own endpoint -> deleted, endpoint of another rollout -> NotOwned', async () => {
    await testEnv.putModel('digits-v1');
    await testEnv.run('deploy', creation);
    await assert.rejects(
      testEnv.run('deleteEndpoint', { rolloutId: 'digits-99999999', endpoint: 'digits' }),
      failureOf('NotOwned'),
    );
    await testEnv.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
    assert.equal(await testEnv.run('observeEndpoint', { endpoint: 'digits' }), null);
    await testEnv.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
  });
});

describe('deleteEndpoint', () => {
  it('deleteEndpoint: reads are older than the accepted request, a second one would be denied -> deleted', async () => {
    // About half of the reads are old.
    for (let seed = 1; seed <= 6; seed += 1) {
      const testEnv = await ActivityTestEnvironment.open({
        ...{ seed, pace: { deleting: 40 } },
        sageMaker: { staleReadsMs: 20_000 },
      });
      await testEnv.putModel('digits-v1');
      await testEnv.putModel('digits-v2');
      await testEnv.run('deploy', creation);
      testEnv.emulator.faults.add({ operation: 'DeleteEndpoint', kind: 'accessDenied', nth: 2, count: 10 });
      await testEnv.run('deleteEndpoint', { rolloutId, endpoint: 'digits' });
      assert.equal(testEnv.emulator.calls.count('DeleteEndpoint'), 1);
      await testEnv.close();
    }
  });
});

describe('deploy with a shadow', () => {
  let testEnv: ActivityTestEnvironment;
  const shadowed: DesiredDeployment = {
    ...both,
    configName: `${rolloutId}-s`,
    variants: [baseline],
    shadow: { ...candidate, weight: 10 },
  };
  const deployShadow = { ...update, deployment: shadowed };
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v2');
    await testEnv.putLiveEndpoint();
  });
  afterEach(() => testEnv.close());

  const weightsOf = ({ variants }: EndpointObservation) =>
    variants.map(({ name, currentWeight, shadow = false }) => [name, currentWeight, shadow]);

  it('deploy: shadow -> created next to the live variant with its share', async () => {
    const observation = await testEnv.run('deploy', deployShadow);
    assert.deepEqual(weightsOf(observation), [
      ['main', 100, false],
      ['b-1a2b3c4d', 10, true],
    ]);
  });

  it('deploy: shadow becomes a production variant -> weight 0', async () => {
    await testEnv.run('deploy', deployShadow);
    const observation = await testEnv.run('deploy', update);
    assert.deepEqual(weightsOf(observation), [
      ['main', 100, false],
      ['b-1a2b3c4d', 0, false],
    ]);
  });

  it('deploy: base config has a shadow -> not carried over', async () => {
    await testEnv.run('deploy', deployShadow);
    const only = {
      ...both,
      configName: `${rolloutId}-b`,
      base: await testEnv.settingsOf(shadowed.configName),
      variants: [{ ...candidate, weight: 100 }],
    };
    const observation = await testEnv.run('deploy', { ...update, deployment: only });
    assert.deepEqual(
      observation.variants.map(({ name, shadow }) => [name, shadow]),
      [['b-1a2b3c4d', undefined]],
    );
  });

  it('deploy: live variant was autoscaled -> keeps its instances', async () => {
    const DesiredWeightsAndCapacities = [{ VariantName: 'main', DesiredInstanceCount: 4 }];
    await testEnv.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'digits', DesiredWeightsAndCapacities }),
    );
    const observation = await testEnv.run('deploy', deployShadow);
    assert.equal(observation.variants[0]?.currentCount, 4);
  });
});

describe('deploy of the candidate’s own endpoint', () => {
  it('deploy: candidate’s own endpoint -> config settings of the live endpoint, without its variants', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    try {
      await testEnv.putModel('digits-v2');
      const VpcConfig = { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1'] };
      await testEnv.putLiveEndpoint({ KmsKeyId: 'key-1', ExecutionRoleArn: role, VpcConfig });
      const deployment = {
        ...both,
        base: await testEnv.settingsOf('digits-config'),
        configName: `${rolloutId}-b`,
        createsEndpoint: true,
        variants: [{ ...candidate, weight: 100 }],
      };
      const observation = await testEnv.run('deploy', { rolloutId, endpoint: rolloutId, deployment });
      assert.deepEqual(
        observation.variants.map(({ name, endpoint, configName }) => [name, endpoint, configName]),
        [['b-1a2b3c4d', rolloutId, deployment.configName]],
      );
      const command = new DescribeEndpointConfigCommand({ EndpointConfigName: deployment.configName });
      const config = await testEnv.sagemaker.send(command);
      assert.deepEqual(
        [config.KmsKeyId, config.ExecutionRoleArn, config.VpcConfig],
        ['key-1', role, VpcConfig],
      );
    } finally {
      await testEnv.close();
    }
  });
});
