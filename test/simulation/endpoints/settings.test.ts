/** Settings that a spec writes as AWS does reach AWS, and only the objects that the rollout makes. */
import assert from 'node:assert/strict';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  DescribeTrainingJobCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { Simulation } from '../../../src/simulation/simulation.js';
import { planQuery, statusQuery, timelineQuery } from '../../../src/workflows/messages.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { specOf, trained } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { endpoint, minuteMs, resultOf, until, workflowId } from '../waits/ranker-rollout.js';

const vpc = { Subnets: ['subnet-0a1b2c3d'], SecurityGroupIds: ['sg-0a1b2c3d'] };
const secret = 'hf_0123456789abcdefgh';

const live: Partial<ProductionVariant> = {
  InstanceType: 'ml.m5.large',
  ContainerStartupHealthCheckTimeoutInSeconds: 1_200,
  CoreDumpConfig: { DestinationS3Uri: 's3://bucket/dumps', KmsKeyId: 'dumps' },
};
const settings = {
  ContainerStartupHealthCheckTimeoutInSeconds: 600,
  CoreDumpConfig: { DestinationS3Uri: 's3://bucket/dumps' },
  RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
};

const spec = (fields: object = {}) =>
  specOf(endpoint, {
    serve: { variant: settings },
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

async function open(variant: Partial<ProductionVariant> | null = live): Promise<Simulation> {
  const simulation = await Simulation.open({ sandbox: await workflowSandbox(await workflowBundle()) });
  const { sagemaker } = simulation.aws;
  await createModel(sagemaker, `${endpoint}-1`);
  await createModel(sagemaker, `${endpoint}-2`);
  if (variant === null) return simulation;
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'original',
      ProductionVariants: [
        { VariantName: 'AllTraffic', ModelName: `${endpoint}-1`, InitialInstanceCount: 2, ...variant },
      ],
    }),
  );
  await sagemaker.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: 'original' }));
  await simulation.emulator.setTraffic({ endpoint, requestsPerSecond: 20 });
  await simulation.temporal.skip(20 * minuteMs);
  return simulation;
}

async function liveConfig({ aws: { sagemaker } }: Simulation): Promise<DescribeEndpointConfigOutput> {
  const { EndpointConfigName } = await sagemaker.send(
    new DescribeEndpointCommand({ EndpointName: endpoint }),
  );
  return sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
}

function membersOf(variant: ProductionVariant | undefined, like: object): object {
  return Object.fromEntries(Object.entries(variant ?? {}).filter(([member]) => member in like));
}

async function warningsOf(simulation: Simulation): Promise<string[]> {
  const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
  return timeline.flatMap((entry) => (entry.kind === 'warning' ? [entry.message] : []));
}

describe('settings', () => {
  it('serve.variant: with a live baseline -> the candidate has them, side by side and promoted', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const [baseline, candidate] = (await liveConfig(simulation)).ProductionVariants ?? [];
    assert.deepEqual(membersOf(baseline, live), live);
    assert.equal(baseline?.RoutingConfig, undefined);
    assert.deepEqual(membersOf(candidate, settings), settings);
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const promoted = await liveConfig(simulation);
    assert.deepEqual(membersOf(promoted.ProductionVariants?.[0], settings), settings);
    const warnings = await warningsOf(simulation);
    assert.equal(warnings.length, 2, warnings.join('\n'));
    assertRunbookEntry(
      warnings[0],
      'serve.variant: the candidate has M V instead of the W of X, which serves',
    );
    assertRunbookEntry(warnings[1], 'serve.variant: the candidate has no M, unlike the V of X, which serves');
    await simulation.close();
  });

  it('serve.variant: rollout that is aborted -> the endpoint is on the original config', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    await simulation.temporal.handle(workflowId).signal('abort', { actor: 'ada', reason: 'test' });
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    const config = await liveConfig(simulation);
    assert.equal(config.EndpointConfigName, 'original');
    assert.deepEqual(membersOf(config.ProductionVariants?.[0], live), live);
    await simulation.close();
  });

  it('serve.variant: first deployment -> the only variant has them', async () => {
    const simulation = await open(null);
    simulation.startRollout(
      spec({
        models: { candidate: { model: `${endpoint}-2` } },
        serve: { instance: 'ml.m5.large', count: 1, variant: settings },
        strategy: 'standard',
        guardrails: [],
      }),
    );
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const [variant] = (await liveConfig(simulation)).ProductionVariants ?? [];
    assert.deepEqual(membersOf(variant, settings), settings);
    await simulation.close();
  });

  it('serve.variant: volume, on a live instance type with own disks -> refused before anything is made', async () => {
    const simulation = await open({ InstanceType: 'ml.g5.xlarge' });
    simulation.startRollout(spec({ serve: { variant: { VolumeSizeInGB: 256 } } }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'serve.variant sets VolumeSizeInGB, but T has disks of its own; remove it');
    await simulation.close();
  });

  it('settings of a trained model: of the job and of the model -> both have them, and no value is shown', async () => {
    const simulation = await open();
    const { sagemaker } = simulation.aws;
    const { train } = trained('ranker');
    const training = {
      VpcConfig: vpc,
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxWaitTimeInSeconds: 172_800 },
      CheckpointConfig: { S3Uri: 's3://bucket/checkpoints' },
      Environment: { HF_TOKEN: secret },
      RetryStrategy: { MaximumRetryAttempts: 2 },
      InputDataConfig: [{ ChannelName: 'train', InputMode: 'FastFile' }],
    };
    const model = {
      VpcConfig: vpc,
      Containers: [
        { Image: 'simulated/features', ContainerHostname: 'features' },
        { ContainerHostname: 'ranker', Environment: { HF_TOKEN: secret } },
      ],
      InferenceExecutionConfig: { Mode: 'Serial' },
    };
    const candidate = { train: { ...train, settings: training }, settings: model };
    simulation.startRollout(spec({ models: { baseline: 'live', candidate }, serve: {} }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const { ModelName } = (await liveConfig(simulation)).ProductionVariants?.[0] ?? {};
    const job = await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: ModelName }));
    assert.deepEqual(job.StoppingCondition, {
      MaxRuntimeInSeconds: 86_400,
      MaxWaitTimeInSeconds: 172_800,
    });
    assert.deepEqual(job.Environment, training.Environment);
    assert.deepEqual(job.VpcConfig, vpc);
    const [channel] = job.InputDataConfig ?? [];
    assert.equal(channel?.InputMode, 'FastFile');
    assert.equal(channel.DataSource?.S3DataSource?.S3Uri, train.input.train);
    const made = await sagemaker.send(new DescribeModelCommand({ ModelName }));
    assert.deepEqual(made.VpcConfig, vpc);
    assert.equal(made.InferenceExecutionConfig?.Mode, 'Serial');
    const [features, own] = made.Containers ?? [];
    assert.equal(features?.ModelDataUrl, undefined);
    assert.equal(own?.Image, train.image);
    assert.equal(own.ModelDataUrl, job.ModelArtifacts?.S3ModelArtifacts);
    assert.deepEqual(own.Environment, { HF_TOKEN: secret });
    const warnings = await warningsOf(simulation);
    assertRunbookEntry(
      warnings[0],
      'model X has subnets ... with security groups ...; Y, which serves, has no VPC',
    );
    const handle = simulation.temporal.handle(workflowId);
    const shown = [
      await handle.query(planQuery),
      await handle.query(statusQuery),
      await handle.query(timelineQuery),
    ];
    assert.match(JSON.stringify(shown), /HF_TOKEN/);
    assert.doesNotMatch(JSON.stringify(shown), new RegExp(secret));
    await simulation.close();
  });
});
