/** A rollout loses nothing of what the owner has set on the endpoint. */
import assert from 'node:assert/strict';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  type DescribeEndpointConfigOutput,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListTagsCommand,
  type ProductionVariant,
  SageMakerClient,
  type Tag,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { Simulation } from '../../../src/simulation/simulation.js';
import { timelineQuery } from '../../../src/workflows/messages.js';
import { createModel, role } from '../../e2e/live-endpoint.js';
import { specOf, trained } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { endpoint, minuteMs, resultOf, until, workflowId } from '../waits/ranker-rollout.js';

const costs: Tag = { Key: 'CostCenter', Value: 'ml-42' };
const vpc = { Subnets: ['subnet-0a1b2c3d'], SecurityGroupIds: ['sg-0a1b2c3d'] };
const key = 'arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000';

/** As large models are served: each setting is one that a start or a request depends on. */
const large: Partial<ProductionVariant> = {
  VolumeSizeInGB: 256,
  ModelDataDownloadTimeoutInSeconds: 1_800,
  ContainerStartupHealthCheckTimeoutInSeconds: 1_200,
  RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
  InferenceAmiVersion: 'al2-ami-sagemaker-inference-gpu-2',
  EnableSSMAccess: true,
  CoreDumpConfig: { DestinationS3Uri: 's3://bucket/dumps' },
};

const spec = (fields: object = {}) =>
  specOf(endpoint, {
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

async function open({
  isolated = false,
  endpointTags = [],
}: { isolated?: boolean; endpointTags?: Tag[] } = {}): Promise<Simulation> {
  const simulation = await Simulation.open({ sandbox: await workflowSandbox(await workflowBundle()) });
  const { sagemaker } = simulation.aws;
  const network = isolated ? { VpcConfig: vpc, EnableNetworkIsolation: true } : {};
  await createModel(sagemaker, `${endpoint}-1`, { Tags: [costs], ...network });
  await createModel(sagemaker, `${endpoint}-2`);
  await sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'original',
      KmsKeyId: key,
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: `${endpoint}-1`,
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 2,
          ...large,
        },
      ],
      Tags: [costs, { Key: 'penstock:rollout', Value: 'ranker-00000000' }],
    }),
  );
  const Tags = [costs, ...endpointTags];
  await sagemaker.send(
    new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: 'original', Tags }),
  );
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

async function tagsOf({ aws: { sagemaker } }: Simulation, ResourceArn: string | undefined) {
  const { Tags = [] } = await sagemaker.send(new ListTagsCommand({ ResourceArn }));
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) as Record<string, string>;
}

function settingsOf(variant: ProductionVariant | undefined): Partial<ProductionVariant> {
  return Object.fromEntries(Object.entries(variant ?? {}).filter(([member]) => member in large));
}

describe('carried over', () => {
  it('hosting settings: of the baseline -> the candidate has them, side by side and promoted', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const both = await liveConfig(simulation);
    assert.equal(both.ProductionVariants?.length, 2);
    for (const variant of both.ProductionVariants ?? []) assert.deepEqual(settingsOf(variant), large);
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const promoted = await liveConfig(simulation);
    assert.deepEqual(settingsOf(promoted.ProductionVariants?.[0]), large);
    assert.equal(promoted.KmsKeyId, key);
    await simulation.close();
  });

  it('metrics: spec that asks for no period -> no enhanced metrics, which cost money', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    assert.equal((await liveConfig(simulation)).MetricsConfig?.EnableEnhancedMetrics, undefined);
    await simulation.close();
  });

  it('tags: of config, endpoint and model, and of the spec -> all that the rollout makes has them', async () => {
    const simulation = await open();
    const candidate = trained('ranker');
    simulation.startRollout(
      spec({
        models: { baseline: 'live', candidate, register: { group: 'rankers' } },
        tags: { Team: 'search' },
      }),
    );
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const config = await liveConfig(simulation);
    const rollout = (await tagsOf(simulation, config.EndpointConfigArn))['penstock:rollout'];
    assert.match(rollout ?? '', /^ranker-(?!00000000)/);
    const ModelName = config.ProductionVariants?.[0]?.ModelName;
    const { ModelArn } = await simulation.aws.sagemaker.send(new DescribeModelCommand({ ModelName }));
    for (const arn of [config.EndpointConfigArn, ModelArn]) {
      const { CostCenter, Team } = await tagsOf(simulation, arn);
      assert.deepEqual({ CostCenter, Team }, { CostCenter: 'ml-42', Team: 'search' });
    }
    const group = config.EndpointConfigArn?.replace(/endpoint-config.*/, 'model-package-group/rankers');
    assert.equal((await tagsOf(simulation, group))['Team'], 'search');
    await simulation.close();
  });

  it('network: live model in a VPC, isolated -> so is the model that the rollout makes', async () => {
    const simulation = await open({ isolated: true });
    simulation.startRollout(spec({ models: { baseline: 'live', candidate: trained('ranker') } }));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const ModelName = (await liveConfig(simulation)).ProductionVariants?.[0]?.ModelName;
    const model = await simulation.aws.sagemaker.send(new DescribeModelCommand({ ModelName }));
    assert.deepEqual([model.VpcConfig, model.EnableNetworkIsolation], [vpc, true]);
    await simulation.close();
  });

  it('network: existing candidate without the VPC of the live model -> the timeline warns', async () => {
    const simulation = await open({ isolated: true });
    simulation.startRollout(spec());
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    const warnings = timeline.flatMap((entry) => (entry.kind === 'warning' ? [entry.message] : []));
    assert.equal(warnings.length, 2);
    assertRunbookEntry(warnings[0], 'model X has no VPC; Y, which serves, has subnets ...');
    assertRunbookEntry(
      warnings[1],
      'model X is not isolated from the network; Y, which serves, is isolated from the network',
    );
    await simulation.close();
  });

  const owners: [name: string, tag: Tag, owner: RegExp][] = [
    [
      'CloudFormation',
      { Key: 'aws:cloudformation:stack-name', Value: 'shop' },
      /the CloudFormation stack shop/,
    ],
    ['Terraform', { Key: 'ManagedBy', Value: 'terraform' }, /to Terraform,/],
  ];
  for (const [name, tag, owner] of owners)
    it(`infrastructure code: a tag of ${name} on the endpoint -> the timeline warns`, async () => {
      const simulation = await open({ endpointTags: [tag] });
      simulation.startRollout(spec());
      assert.equal((await resultOf(simulation)).outcome, 'promoted');
      const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
      const [warning] = timeline.flatMap((entry) => (entry.kind === 'warning' ? [entry.message] : []));
      assertRunbookEntry(
        warning,
        'endpoint churn seems to belong to X, whose next deployment can put the old config back; see docs/infrastructure-as-code.md',
      );
      assert.match(warning ?? '', owner);
      await simulation.close();
    });

  it('package that serves already: from an earlier rollout -> refused before anything is made', async () => {
    const simulation = await open();
    const { sagemaker } = simulation.aws;
    const group = { ModelPackageGroupName: 'rankers' };
    await sagemaker.send(new CreateModelPackageGroupCommand(group));
    const { ModelPackageArn } = await sagemaker.send(
      new CreateModelPackageCommand({
        ...group,
        ModelApprovalStatus: 'Approved',
        InferenceSpecification: {
          Containers: [{ Image: 'simulated/ranker', ModelDataUrl: 's3://bucket/model.tar.gz' }],
        },
      }),
    );
    const models = { baseline: 'live', candidate: { package: ModelPackageArn, role } };
    simulation.startRollout(spec({ models }));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    simulation.startRollout(spec({ models }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'model package X serves already; set models.candidate to another version');
    await simulation.close();
  });

  it('setting that the SDK does not know: in the config that serves -> refused by its name', async () => {
    const simulation = await open();
    const sagemaker = new SageMakerClient({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1',
      credentials: { accessKeyId: 'simulation', secretAccessKey: 'simulation' },
      requestHandler: simulation.aws.sagemaker.config.requestHandler,
    });
    const command = new CreateEndpointConfigCommand({
      EndpointConfigName: 'newer',
      ProductionVariants: [
        {
          VariantName: 'AllTraffic',
          ModelName: `${endpoint}-1`,
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 2,
        },
      ],
    });
    // The SDK drops it from the request too.
    const newer = { MaxInvocationsPerSecondPerInstance: 100, MaxCrossRegionPercentPerEndpoint: 20 };
    sagemaker.middlewareStack.add(
      (next, { commandName }) =>
        (call) => {
          if (commandName !== 'CreateEndpointConfigCommand') return next(call);
          const request = call.request as { body: string; headers: Record<string, string> };
          const input = JSON.parse(request.body) as object;
          request.body = JSON.stringify({ ...input, CrossRegionTrafficConfig: newer });
          request.headers['content-length'] = String(Buffer.byteLength(request.body));
          return next(call);
        },
      { step: 'build', priority: 'low', name: 'addNewerSetting' },
    );
    await sagemaker.send(command);
    await sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: 'newer' }));
    await simulation.temporal.skip(20 * minuteMs);
    simulation.startRollout(spec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(
      reason,
      'endpoint config X has M, which this release cannot carry over; update the worker',
    );
    assert.match(reason, /newer has CrossRegionTrafficConfig, which/);
    await simulation.close();
  });

  it('model that serves already: as candidate -> refused before anything is made', async () => {
    const simulation = await open();
    simulation.startRollout(spec({ models: { baseline: 'live', candidate: { model: `${endpoint}-1` } } }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assert.match(reason, /model ranker-1 serves already/);
    await simulation.close();
  });
});
