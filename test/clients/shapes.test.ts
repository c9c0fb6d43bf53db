import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmulator, type Emulator } from '../../src/emulator/emulator.js';
import { record, type Exchange } from './recording.js';
import { expectedOutcomes, runRollouts } from './rollouts.js';
import { runScript } from './scripts.js';

/** Output of shapes.py: counts by operation and protocol, and counts by problem. */
interface Checked {
  counts: Record<string, number>;
  problems: Record<string, number>;
}

/**
 * A rule of AWS's model that the service does not follow: ModelArtifacts is "required" in a response, but a job has none
 * before it is complete.
 */
const knownExceptions = ['DescribeTrainingJob response.ModelArtifacts: is required'];

describe("botocore's service models", function () {
  // The first start on a machine installs the clients, and downloads or builds the server.
  this.timeout(900_000);
  let folder: string;
  let emulator: Emulator;
  let exchanges: Record<'rollouts' | 'boto3' | 'protocols', Exchange[]>;
  let outcomes: unknown;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'penstock-test-'));
    const pace = { training: 2, creating: 1.5, updating: 1.5, shifting: 0.5, deleting: 0.3 };
    const behaviours = [{ model: 'broken-*-2', errorRate: 0.3 }];
    emulator = await startEmulator({ pace, lateMs: 500, behaviours });
    const plan = { name: 'shop', image: 'simulated/shop', hyperparameters: { A: {}, B: {} }, body: {} };
    const [rollouts, boto3, protocols] = await Promise.all([
      recorded(async (url) => (outcomes = await runRollouts(emulator, url))),
      recorded((url) => runScript('canary.py', variables(url), JSON.stringify({ ...plan, requests: 20 }))),
      recorded((url) => runScript('protocols.py', variables(url))),
    ]);
    exchanges = { rollouts, boto3, protocols };
  });
  after(async () => {
    await emulator?.stop();
    await rm(folder, { recursive: true });
  });

  /** The exchanges while `run` uses the account at the recorded URL. */
  async function recorded(run: (url: string) => Promise<unknown>): Promise<Exchange[]> {
    const recording = await record(emulator.url);
    try {
      await run(recording.url);
      return recording.exchanges;
    } finally {
      await recording.stop();
    }
  }

  function variables(url: string): Record<string, string> {
    const names = ['SAGEMAKER', 'SAGEMAKER_RUNTIME', 'CLOUDWATCH'];
    return { ...emulator.env, ...Object.fromEntries(names.map((name) => [`AWS_ENDPOINT_URL_${name}`, url])) };
  }

  async function check(exchanges: Exchange[]): Promise<Checked> {
    const file = path.join(folder, 'exchanges.jsonl');
    await writeFile(file, exchanges.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const { counts, problems } = await runScript<Checked>('shapes.py', {}, file);
    const unexpected = Object.entries(problems).filter(([problem]) => !knownExceptions.includes(problem));
    return { counts, problems: Object.fromEntries(unexpected) };
  }

  it('service models: rollouts -> all requests and responses are valid', async () => {
    assert.deepEqual(outcomes, expectedOutcomes);
    const { counts, problems } = await check(exchanges.rollouts);
    assert.deepEqual(problems, {});
    for (const operation of [
      'CreateTrainingJob',
      'DescribeTrainingJob',
      'CreateModelPackageGroup',
      'CreateModelPackage',
      'CreateModel',
      'CreateEndpointConfig',
      'CreateEndpoint',
      'UpdateEndpoint',
      'UpdateEndpointWeightsAndCapacities',
      'DescribeEndpoint',
      'DescribeEndpointConfig',
      'ListTags',
      'DeleteEndpointConfig',
      'GetMetricData',
    ]) {
      assert.ok((counts[`${operation} (json)`] ?? 0) > 0, `${operation} was called`);
    }
  });

  it('service models: boto3 -> all responses are valid', async () => {
    const { counts, problems } = await check(exchanges.boto3);
    assert.deepEqual(problems, {});
    assert.ok((counts['InvokeEndpoint (rest-json)'] ?? 0) >= 45);
  });

  it('service models: CloudWatch in each protocol -> all responses are valid', async () => {
    const { counts, problems } = await check(exchanges.protocols);
    // Intentional mistakes of the script, in the protocols whose requests are checked here.
    assert.deepEqual(problems, {
      'PutMetricData request.MetricData[0].Unit: Miles is none of its enum': 2,
      'SetAlarmState request.StateValue: GREEN is none of its enum': 2,
    });
    for (const protocol of ['json', 'cbor', 'query']) {
      assert.ok((counts[`DescribeAlarms (${protocol})`] ?? 0) > 0, `${protocol} was used`);
    }
  });

  it('shapes.py: invalid requests, responses and errors -> every problem is found', async () => {
    const request = {
      EndpointName: 'under_score',
      EndpointConfigName: 7,
      Tags: [{ Key: 'team' }],
      Colour: 'red',
    };
    const answered = exchangeOf('CreateEndpoint', request, 200, {});
    const described = exchangeOf('DescribeEndpoint', { EndpointName: 'shop' }, 200, {
      EndpointName: 'shop',
      EndpointArn: 'arn:aws:sagemaker:us-east-1:123456789012:endpoint/shop',
      EndpointStatus: 'Fine',
      CreationTime: 1_790_000_000_000,
      LastModifiedTime: 1_790_000_000,
    });
    const failed = exchangeOf('DeleteEndpoint', { EndpointName: 'shop' }, 400, { __type: 'Bang' });
    assert.deepEqual((await check([answered, described, failed])).problems, {
      'CreateEndpoint request.EndpointName: under_score does not match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}': 1,
      'CreateEndpoint request.EndpointConfigName: int instead of a string': 1,
      'CreateEndpoint request.Tags[0].Value: is required': 1,
      'CreateEndpoint request.Colour: is not in the model': 1,
      'CreateEndpoint response.EndpointArn: is required': 1,
      'DescribeEndpoint response.EndpointStatus: Fine is none of its enum': 1,
      'DescribeEndpoint response.CreationTime: 1790000000000 is no time in epoch seconds': 1,
      'DeleteEndpoint error: Bang is not an error of this operation': 1,
    });
  });
});

function exchangeOf(operation: string, request: object, status: number, response: object): Exchange {
  const encode = (body: object) => Buffer.from(JSON.stringify(body)).toString('base64');
  return {
    method: 'POST',
    path: '/',
    requestHeaders: { 'x-amz-target': `SageMaker.${operation}` },
    requestBody: encode(request),
    status,
    responseHeaders: {},
    responseBody: encode(response),
  };
}
