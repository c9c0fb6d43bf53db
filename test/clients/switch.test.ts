import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { userBucketOf, isCandidateBucket } from '../../src/plan/split/bucketing.js';
import { startSwitch, type RunningSwitch } from '../../src/switch/start-switch.js';
import { eventually } from '../support/dev-server.js';
import { splitOf } from '../switch/split/splits.js';
import { configOf } from '../switch/switch-environment.js';
import { runScript } from './scripts.js';

const names = ['shop', 'broken'];
const users = Array.from({ length: 60 }, (_, i) => `user-${i}`);
const split = splitOf({
  targets: { baseline: { endpoint: 'shop', variant: 'a' }, candidate: { endpoint: 'shop', variant: 'b' } },
});

interface Failure {
  code: string;
  message: string;
  status: number;
  original: number | null;
}

/** Output of through_switch.py. */
interface Seen {
  rounds: Record<string, string>[];
  body: unknown;
  contentType: string;
  inferenceId: string;
  named: Failure;
  missing: Failure;
  broken: Failure;
}

describe('switch with third-party clients', () => {
  let emulator: Emulator;
  let running: RunningSwitch;
  let folder: string;

  before(async () => {
    emulator = await startEmulator({
      pace: { creating: 0.2 },
      lateMs: 100,
      behaviours: [
        { model: 'good', latencyMs: { p50: 1, p99: 2 }, response: { answer: 42 } },
        { model: 'bad', errorRate: 1 },
      ],
    });
    await createEndpoints(emulator);
    folder = await mkdtemp(join(tmpdir(), 'penstock-switch-'));
    running = await startSwitch({
      config: configOf({
        user: [{ field: 'user.id' }, { header: 'x-user' }],
        records: { cloudwatch: { every: '1s' } },
      }),
      folder,
      source: { read: (endpoint) => Promise.resolve(endpoint === 'shop' ? split : null) },
      runtime: emulator.awsConfig,
      cloudwatch: new CloudWatchClient(emulator.awsConfig),
      log: () => undefined,
    });
  });
  after(async () => {
    await running.stop();
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  describe('boto3 through the switch', () => {
    let seen: Seen;
    before(async () => {
      const env = { ...emulator.env, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: running.url };
      seen = await runScript('through_switch.py', env, 'shop', JSON.stringify(users));
    });

    it('boto3 through the switch: two rounds of users -> every user gets the arm of the hash', () => {
      const variantOf = (user: string) =>
        isCandidateBucket(userBucketOf(split.seed, user), split.candidateShare) ? 'b' : 'a';
      const expected = Object.fromEntries(users.map((user) => [user, variantOf(user)]));
      assert.deepEqual(seen.rounds, [expected, expected]);
      assert.deepEqual(new Set(Object.values(expected)), new Set(['a', 'b']));
    });

    it('boto3 through the switch: response -> unchanged', () => {
      assert.deepEqual(
        [seen.body, seen.contentType, seen.inferenceId],
        [{ answer: 42 }, 'application/json', 'order-1'],
      );
    });

    it('boto3 through the switch: errors -> those of SageMaker unchanged, its own in the same format', () => {
      const { missing, broken, named } = seen;
      assert.deepEqual([missing.code, missing.status], ['ValidationError', 400]);
      assert.match(missing.message, /no-such-endpoint/);
      assert.deepEqual([broken.code, broken.status, broken.original], ['ModelError', 424, 500]);
      assert.deepEqual([named.code, named.status], ['ValidationError', 400]);
      assert.match(named.message, /allowTargetVariant/);
    });
  });

  describe('autocannon through the switch', () => {
    it('autocannon through the switch: 500 requests -> all succeed and are counted in CloudWatch', async () => {
      const result = await autocannon({
        url: `${running.url}/endpoints/shop/invocations`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-user': 'user-1' },
        body: '{}',
        connections: 8,
        amount: 500,
      });
      assert.deepEqual([result['2xx'], result.non2xx, result.errors], [500, 0, 0]);
      // boto3 made two rounds, and one more request of the first user.
      const all = 500 + 2 * users.length + 1;
      const counted = await eventually(async () => {
        const sum = await sumOf(emulator, 'Exposures');
        return sum >= all ? sum : undefined;
      });
      assert.equal(counted, all);
    });
  });
});

async function createEndpoints(emulator: Emulator): Promise<void> {
  const sageMaker = new SageMaker(emulator.awsConfig);
  const role = 'arn:aws:iam::123456789012:role/penstock-sagemaker';
  for (const ModelName of ['good', 'bad'])
    await sageMaker.createModel({
      ModelName,
      ExecutionRoleArn: role,
      PrimaryContainer: { Image: `simulated/${ModelName}` },
    });
  for (const name of names) {
    await sageMaker.createEndpointConfig({
      EndpointConfigName: name,
      ProductionVariants: ['a', 'b'].map((VariantName) => ({
        VariantName,
        ModelName: name === 'broken' ? 'bad' : 'good',
        InstanceType: 'ml.m5.large',
        InitialInstanceCount: 1,
      })),
    });
    await sageMaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
  }
  await eventually(async () => {
    const found = await Promise.all(
      names.map((EndpointName) => sageMaker.describeEndpoint({ EndpointName })),
    );
    return found.every(({ EndpointStatus }) => EndpointStatus === 'InService') ? true : undefined;
  });
}

/** Sum of a metric over both arms and all periods so far. */
async function sumOf(emulator: Emulator, MetricName: string): Promise<number> {
  const now = Date.now();
  const { MetricDataResults = [] } = await new CloudWatchClient(emulator.awsConfig).send(
    new GetMetricDataCommand({
      StartTime: new Date(now - 3_600_000),
      EndTime: new Date(now + 60_000),
      MetricDataQueries: ['baseline', 'candidate'].map((role) => ({
        Id: role,
        MetricStat: {
          Metric: {
            Namespace: 'Penstock/Switch',
            MetricName,
            Dimensions: [
              { Name: 'EndpointName', Value: 'shop' },
              { Name: 'RolloutId', Value: split.rolloutId },
              { Name: 'Role', Value: role },
            ],
          },
          Period: 60,
          Stat: 'Sum',
        },
      })),
    }),
  );
  return MetricDataResults.flatMap(({ Values = [] }) => Values).reduce((sum, value) => sum + value, 0);
}
