/** `penstock plan --from-aws` on an emulated account, as the real clients read it. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import { STS } from '@aws-sdk/client-sts';
import type { Preview } from '../../../src/cli/preview/preview.js';
import { readPreviews } from '../../../src/cli/preview/read-previews.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { startEmulator, type Emulator } from '../../../src/emulator/emulator.js';
import { role } from '../../activities/activity-environment.js';
import { putManualAlarm } from '../../support/settable-alarm.js';
import { penstock } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const specs = new URL('../specs/', import.meta.url);
const valid = fileURLToPath(new URL('valid.yaml', specs));
const waves = fileURLToPath(new URL('waves.yaml', specs));
const reads = /^(Describe|List|Get)/;
const team = [{ Key: 'team', Value: 'vision' }];
const vpc = { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] };

describe('penstock plan --from-aws', () => {
  let nowMs = Date.UTC(2026, 0, 5);
  let emulator: Emulator;
  let clients: {
    sagemaker: SageMaker;
    autoscaling: ApplicationAutoScaling;
    cloudwatch: CloudWatch;
    quotas: ServiceQuotas;
    sts: STS;
  };

  beforeEach(async () => {
    emulator = await startEmulator({ clock: { now: () => nowMs } });
    const { awsConfig } = emulator;
    clients = {
      sagemaker: new SageMaker(awsConfig),
      autoscaling: new ApplicationAutoScaling(awsConfig),
      cloudwatch: new CloudWatch(awsConfig),
      quotas: new ServiceQuotas(awsConfig),
      sts: new STS(awsConfig),
    };
    await putModel('digits-v2');
    await putManualAlarm(clients.cloudwatch, 'digits-5xx', 'OK');
  });
  afterEach(() => emulator.stop());

  const context = {
    readPreviews: (plans: readonly Plan[], now: number) => readPreviews(plans, now, clients),
  };

  async function putModel(ModelName: string, more: object = {}): Promise<void> {
    const PrimaryContainer = { Image: `simulated/${ModelName}`, ModelDataUrl: 's3://bucket/model.tar.gz' };
    await clients.sagemaker.createModel({ ModelName, ExecutionRoleArn: role, PrimaryContainer, ...more });
  }

  /** Tuned, tagged, in a VPC, captured, and autoscaled. */
  async function putLiveEndpoint(): Promise<void> {
    const { sagemaker, autoscaling } = clients;
    await putModel('digits-v1', { VpcConfig: vpc, EnableNetworkIsolation: true, Tags: team });
    await sagemaker.createEndpointConfig({
      EndpointConfigName: 'digits-config',
      ProductionVariants: [
        {
          ...{ VariantName: 'main', ModelName: 'digits-v1', InstanceType: 'ml.m5.xlarge' },
          ...{ InitialInstanceCount: 3, InitialVariantWeight: 1 },
          ContainerStartupHealthCheckTimeoutInSeconds: 900,
          RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
        },
      ],
      DataCaptureConfig: {
        ...{ EnableCapture: true, InitialSamplingPercentage: 20, DestinationS3Uri: 's3://bucket/capture' },
        CaptureOptions: [{ CaptureMode: 'Input' }],
      },
      Tags: team,
    });
    await sagemaker.createEndpoint({
      EndpointName: 'digits',
      EndpointConfigName: 'digits-config',
      Tags: team,
    });
    nowMs += 3_600_000;
    const target = {
      ServiceNamespace: 'sagemaker',
      ResourceId: 'endpoint/digits/variant/main',
      ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
    } as const;
    await autoscaling.registerScalableTarget({ ...target, MinCapacity: 2, MaxCapacity: 6 });
    await autoscaling.putScalingPolicy({
      ...target,
      PolicyName: 'requests',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 100,
        PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
      },
    });
  }

  async function livePreviews(file: string): Promise<Preview[]> {
    const { exitCode, stdout } = await penstock(['plan', file, '--from-aws', '--json'], context);
    assert.equal(exitCode, 0);
    return (JSON.parse(stdout) as { live: Preview[] }).live;
  }

  it('plan --from-aws: autoscaled, tuned and tagged endpoint -> the differences of each config', async () => {
    await putLiveEndpoint();
    const { exitCode, stdout } = await penstock(['plan', valid, '--from-aws'], context);
    assert.equal(exitCode, 0);
    assertSnapshot('plan-from-aws', stdout.slice(stdout.indexOf('Endpoint digits')));
  });

  it('plan --from-aws: newest version of a group -> the version that a rollout would choose now', async () => {
    const ModelPackageGroupName = 'churn';
    await clients.sagemaker.createModelPackageGroup({ ModelPackageGroupName });
    const addVersion = (ModelApprovalStatus: 'Approved' | 'Rejected') =>
      clients.sagemaker.createModelPackage({
        ...{ ModelPackageGroupName, ModelApprovalStatus },
        InferenceSpecification: { Containers: [{ Image: 'simulated/churn' }] },
      });
    const { ModelPackageArn } = await addVersion('Approved');
    await addVersion('Rejected');
    const [preview] = await livePreviews('examples/registry-group.yaml');
    assert.equal(preview?.models.candidate?.version, ModelPackageArn);
  });

  it('plan --from-aws: any endpoint -> only calls that read', async () => {
    await putLiveEndpoint();
    const before = [...emulator.calls].length;
    await livePreviews(valid);
    const made = [...emulator.calls].slice(before).map(({ operation }) => operation);
    assert.ok(made.length > 5);
    assert.deepEqual(
      made.filter((operation) => !reads.test(operation)),
      [],
    );
  });

  it('plan --from-aws --json: tuned endpoint -> kept, changed and omitted members, tags and scaling', async () => {
    await putLiveEndpoint();
    const [preview] = await livePreviews(valid);
    assert.deepEqual(
      preview?.stages.map(({ arrangement }) => arrangement),
      ['sideBySide', 'candidateOnly'],
    );
    const [both, alone] = preview?.stages ?? [];
    const [main, candidate] = both?.differences?.variants ?? [];
    assert.equal(main?.name, 'main');
    assert.equal(candidate?.comparedWith, 'main');
    assert.ok(candidate.kept.includes('RoutingConfig'));
    assert.deepEqual(
      candidate.changed.find(({ member }) => member === 'InstanceType'),
      { member: 'InstanceType', before: 'ml.m5.xlarge', after: 'ml.m5.large' },
    );
    assert.deepEqual(both?.differences?.kept, ['DataCaptureConfig', 'MetricsConfig']);
    assert.deepEqual(both?.tags, { team: 'vision' });
    assert.equal(both?.scaling?.['main']?.suspended.DynamicScalingInSuspended, true);
    assert.equal(both?.scaling?.[candidate.name]?.maxCapacity, 6);
    // The candidate's model has the name main there.
    assert.deepEqual(alone?.differences?.removedVariants, []);
    assert.deepEqual(
      alone.differences.variants.map(({ name, comparedWith }) => [name, comparedWith]),
      [['main', 'main']],
    );
    assert.match(
      preview?.warnings.join() ?? '',
      /digits-v2 has no VPC; digits-v1, which serves, has subnets/,
    );
  });

  it('plan --from-aws: no endpoint -> the refusals of the preflight, and no config', async () => {
    const { exitCode, stdout } = await penstock(['plan', valid, '--from-aws'], context);
    assert.equal(exitCode, 0);
    assertSnapshot('plan-from-aws-absent', stdout.slice(stdout.indexOf('Endpoint digits')));
  });

  it('plan --from-aws: waves -> a preview for each endpoint', async () => {
    const previews = await livePreviews(waves);
    assert.deepEqual(
      previews.map(({ endpoint }) => endpoint),
      ['digits-eu', 'digits-us', 'digits-ap'],
    );
  });

  it('plan --from-aws: access denied -> the call and exit code 2', async () => {
    emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'accessDenied' });
    const { exitCode, stderr } = await penstock(['plan', valid, '--from-aws'], context);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^Cannot read digits from AWS: AccessDenied/);
  });
});
