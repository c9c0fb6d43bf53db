import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { runAws } from './scripts.js';

const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';

interface Described {
  EndpointStatus: string;
  EndpointArn: string;
  ProductionVariants: { VariantName: string; CurrentWeight: number }[];
}

/** Each test continues from the end of the previous one. */
describe('AWS CLI', function () {
  // The first start on a machine installs the AWS CLI.
  this.timeout(600_000);
  let emulator: Emulator;
  let folder: string;
  const answered = { A: 0, B: 0 };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const pace = { training: 1, creating: 1, updating: 1, shifting: 1, deleting: 0.5 };
    emulator = await startEmulator({ pace, lateMs: 200 });
  });
  after(async () => {
    await emulator?.stop();
    await rm(folder, { recursive: true });
  });

  const sagemaker = <T>(...args: string[]) => runAws<T>(emulator.env, 'sagemaker', ...args);
  const cloudwatch = <T>(...args: string[]) => runAws<T>(emulator.env, 'cloudwatch', ...args);
  const describeShop = () => sagemaker<Described>('describe-endpoint', '--endpoint-name', 'shop');

  /** The variant that served the request, and its response. */
  async function invoke(...args: string[]): Promise<{ variant: 'A' | 'B'; body: unknown }> {
    const file = path.join(folder, 'response.json');
    const command = ['sagemaker-runtime', 'invoke-endpoint', '--endpoint-name', 'shop', '--body', '{}'];
    const { InvokedProductionVariant: variant } = await runAws<{ InvokedProductionVariant: 'A' | 'B' }>(
      emulator.env,
      ...command,
      ...args,
      file,
    );
    answered[variant] += 1;
    return { variant, body: JSON.parse(await readFile(file, 'utf8')) };
  }

  it('AWS CLI: create-training-job -> Completed', async () => {
    const request = {
      TrainingJobName: 'job',
      AlgorithmSpecification: { TrainingImage: 'simulated/shop', TrainingInputMode: 'File' },
      RoleArn: role,
      OutputDataConfig: { S3OutputPath: 's3://models/shop' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    };
    await sagemaker('create-training-job', '--cli-input-json', JSON.stringify(request));
    const describe = () =>
      sagemaker<{ TrainingJobStatus: string }>('describe-training-job', '--training-job-name', 'job');
    while ((await describe()).TrainingJobStatus === 'InProgress') await sleep(200);
    assert.equal((await describe()).TrainingJobStatus, 'Completed');
  });

  it('AWS CLI: create-endpoint with two variants -> InService', async () => {
    const container = 'Image=simulated/shop,ModelDataUrl=s3://models/shop/job/output/model.tar.gz';
    const model = ['--primary-container', container, '--execution-role-arn', role];
    const create = (name: string) => sagemaker('create-model', '--model-name', name, ...model);
    await Promise.all([create('shop-a'), create('shop-b')]);
    const variant = (name: string) =>
      `VariantName=${name},ModelName=shop-${name.toLowerCase()},InstanceType=ml.m5.large,InitialInstanceCount=1,InitialVariantWeight=50`;
    const config = [
      '--endpoint-config-name',
      'shop-config',
      '--production-variants',
      variant('A'),
      variant('B'),
    ];
    const metrics = ['--metrics-config', 'EnableEnhancedMetrics=true,MetricPublishFrequencyInSeconds=10'];
    await sagemaker('create-endpoint-config', ...config, ...metrics);
    const tags = ['--tags', 'Key=team,Value=search'];
    await sagemaker(
      'create-endpoint',
      '--endpoint-name',
      'shop',
      '--endpoint-config-name',
      'shop-config',
      ...tags,
    );
    while ((await describeShop()).EndpointStatus === 'Creating') await sleep(200);
    await sagemaker('wait', 'endpoint-in-service', '--endpoint-name', 'shop');
  });

  it('AWS CLI: list-tags -> the tags of the endpoint', async () => {
    const { EndpointArn } = await describeShop();
    const found = await sagemaker<{ Tags: unknown }>('list-tags', '--resource-arn', EndpointArn);
    assert.deepEqual(found.Tags, [{ Key: 'team', Value: 'search' }]);
  });

  it('AWS CLI: invoke-endpoint, with and without a target variant -> responses', async () => {
    assert.deepEqual((await invoke()).body, { ok: true });
    for (const variant of ['A', 'B'] as const) {
      assert.equal((await invoke('--target-variant', variant)).variant, variant);
    }
  });

  it('AWS CLI: update-endpoint-weights-and-capacities -> new weights', async () => {
    const changes = ['VariantName=A,DesiredWeight=0', 'VariantName=B,DesiredWeight=90'];
    await sagemaker(
      'update-endpoint-weights-and-capacities',
      '--endpoint-name',
      'shop',
      '--desired-weights-and-capacities',
      ...changes,
    );
    while ((await describeShop()).EndpointStatus === 'Updating') await sleep(200);
    const { ProductionVariants } = await describeShop();
    assert.deepEqual(
      ProductionVariants.map(({ VariantName, CurrentWeight }) => [VariantName, CurrentWeight]),
      [
        ['A', 0],
        ['B', 90],
      ],
    );
    assert.equal((await invoke()).variant, 'B');
  });

  it('AWS CLI: get-metric-statistics -> the number of requests of each variant', async () => {
    const [start, end] = [-600_000, 600_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const about = (variant: string) => [
      ...['--namespace', 'AWS/SageMaker', '--metric-name', 'Invocations', '--period', '60'],
      ...['--start-time', start ?? '', '--end-time', end ?? '', '--statistics', 'Sum'],
      ...['--dimensions', 'Name=EndpointName,Value=shop', `Name=VariantName,Value=${variant}`],
    ];
    const count = async (variant: string) => {
      const found = await cloudwatch<{ Datapoints: { Sum: number }[] }>(
        'get-metric-statistics',
        ...about(variant),
      );
      return found.Datapoints.reduce((sum, { Sum }) => sum + Sum, 0);
    };
    // A metric period of 10 s must end first.
    for (let tries = 0; tries < 300 && (await count('B')) < answered.B; tries++) await sleep(500);
    assert.deepEqual({ A: await count('A'), B: await count('B') }, answered);
  });

  it('AWS CLI: alarm set to ALARM, then deleted -> described, then gone', async () => {
    const name = ['--alarm-name', 'busy'];
    const rule = ['--namespace', 'Shop', '--metric-name', 'Sales', '--statistic', 'Sum', '--period', '60'];
    const limit = ['--evaluation-periods', '1', '--threshold', '1'];
    const comparison = ['--comparison-operator', 'GreaterThanThreshold', '--treat-missing-data', 'ignore'];
    await cloudwatch('put-metric-alarm', ...name, ...rule, ...limit, ...comparison);
    await cloudwatch('set-alarm-state', ...name, '--state-value', 'ALARM', '--state-reason', 'a rehearsal');
    const states = async () => {
      const found = await cloudwatch<{ MetricAlarms: { StateValue: string }[] }>('describe-alarms');
      return found.MetricAlarms.map(({ StateValue }) => StateValue);
    };
    assert.deepEqual(await states(), ['ALARM']);
    await cloudwatch('delete-alarms', '--alarm-names', 'busy');
    assert.deepEqual(await states(), []);
  });

  it('AWS CLI: everything is deleted in order -> not found', async () => {
    await sagemaker('delete-endpoint', '--endpoint-name', 'shop');
    while ((await readStatus(describeShop)) !== null) await sleep(200);
    await sagemaker('delete-endpoint-config', '--endpoint-config-name', 'shop-config');
    await Promise.all(['shop-a', 'shop-b'].map((name) => sagemaker('delete-model', '--model-name', name)));
    const refused =
      /\(ValidationException\) when calling the DescribeModel operation: Could not find model "arn:/;
    await assert.rejects(sagemaker('describe-model', '--model-name', 'shop-a'), refused);
  });
});

/** Null if the endpoint does not exist. */
async function readStatus(describe: () => Promise<Described>): Promise<string | null> {
  try {
    return (await describe()).EndpointStatus;
  } catch (error) {
    if (/ValidationException.*Could not find endpoint/.test((error as Error).message)) return null;
    throw error;
  }
}
