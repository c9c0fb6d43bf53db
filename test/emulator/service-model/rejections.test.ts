import assert from 'node:assert/strict';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { startEmulator } from '../../../src/emulator/emulator.js';
import { type Account, createConfig, createModels, createShop, openAccount } from '../aws-account.js';
import { trainingRequest } from '../sagemaker/training-fixtures.js';

const variant = {
  VariantName: 'v',
  ModelName: 'a',
  InstanceType: 'ml.m5.large',
  InitialInstanceCount: 1,
} as const;

/** Requests that the real services refuse, with the error name and message of the services. */
const refusals: [string, (account: Account) => Promise<unknown>, string, RegExp][] = [
  [
    'an unknown endpoint',
    ({ sageMaker }) => sageMaker.describeEndpoint({ EndpointName: 'none' }),
    'ValidationException',
    /^Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint\/none"\.$/,
  ],
  [
    'an unknown endpoint config',
    ({ sageMaker }) => sageMaker.createEndpoint({ EndpointName: 'new', EndpointConfigName: 'none' }),
    'ValidationException',
    /^Could not find endpoint configuration ".*none"\.$/,
  ],
  [
    'an unknown model',
    ({ sageMaker }) => createConfig(sageMaker, 'new', { none: 1 }),
    'ValidationException',
    /^Could not find model ".*none"\.$/,
  ],
  [
    'a second endpoint of the same name in other case',
    ({ sageMaker }) => sageMaker.createEndpoint({ EndpointName: 'Shop', EndpointConfigName: 'shop-config' }),
    'ValidationException',
    /^Cannot create already existing endpoint ".*shop"\.$/,
  ],
  [
    'a second endpoint config of the same name',
    ({ sageMaker }) => createConfig(sageMaker, 'shop-config', { a: 1 }),
    'ValidationException',
    /^Cannot create already existing endpoint configuration ".*shop-config"\.$/,
  ],
  [
    'a second model of the same name',
    ({ sageMaker }) => createModels(sageMaker, 'a'),
    'ValidationException',
    /^Cannot create already existing model ".*model\/a"\.$/,
  ],
  [
    'a name with an underscore',
    ({ sageMaker }) => createModels(sageMaker, 'bad_name'),
    'ValidationException',
    /^1 validation error detected: Value 'bad_name' at 'modelName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
  ],
  [
    'a missing member',
    ({ sageMaker }) => sageMaker.describeEndpoint({ EndpointName: undefined }),
    'ValidationException',
    /Value null at 'endpointName' failed to satisfy constraint: Member must not be null$/,
  ],
  [
    'eleven variants',
    ({ sageMaker }) =>
      sageMaker.createEndpointConfig({
        EndpointConfigName: 'new',
        ProductionVariants: Array.from({ length: 11 }, (_, n) => ({ ...variant, VariantName: `v${n}` })),
      }),
    'ValidationException',
    /at 'productionVariants' failed to satisfy constraint: Member must have length less than or equal to 10$/,
  ],
  [
    'a negative weight',
    ({ sageMaker }) => createConfig(sageMaker, 'new', { a: -1 }),
    'ValidationException',
    /at 'productionVariants\.1\.member\.initialVariantWeight' .* greater than or equal to 0$/,
  ],
  [
    'a shadow variant with two production variants',
    ({ sageMaker }) =>
      sageMaker.createEndpointConfig({
        EndpointConfigName: 'new',
        ProductionVariants: [variant, { ...variant, VariantName: 'w' }],
        ShadowProductionVariants: [{ ...variant, VariantName: 's' }],
      }),
    'ValidationException',
    /exactly one production variant and one shadow variant/,
  ],
  [
    'an unknown training job',
    ({ sageMaker }) => sageMaker.describeTrainingJob({ TrainingJobName: 'none' }),
    'ValidationException',
    /^Requested resource not found/,
  ],
  [
    'a training job without a role',
    ({ sageMaker }) => sageMaker.createTrainingJob({ TrainingJobName: 'job' } as CreateTrainingJobRequest),
    'ValidationException',
    /^\d validation errors detected: .*'roleArn' failed to satisfy constraint: Member must not be null/,
  ],
  [
    'an unknown variant in a change of weights',
    ({ sageMaker }) =>
      sageMaker.updateEndpointWeightsAndCapacities({
        EndpointName: 'shop',
        DesiredWeightsAndCapacities: [{ VariantName: 'none', DesiredWeight: 1 }],
      }),
    'ValidationException',
    /^The variant name\(s\) "none" is\/are not present within endpoint configuration "shop-config"\.$/,
  ],
  [
    'an operation that is not emulated',
    ({ sageMaker }) => sageMaker.listClusters({}),
    'UnknownOperationException',
    /ListClusters/,
  ],
  [
    'a CloudWatch operation that is not emulated',
    ({ cloudWatch }) => cloudWatch.listDashboards({}),
    'InvalidAction',
    /ListDashboards/,
  ],
  [
    'a missing model data artefact',
    ({ sageMaker }) =>
      sageMaker.createModel({
        ModelName: 'new',
        PrimaryContainer: { Image: 'local/digits-classifier', ModelDataUrl: 's3://bucket/none/model.tar.gz' },
      }),
    'ValidationException',
    /^Could not find model data at s3:\/\/bucket\/none\/model\.tar\.gz\.$/,
  ],
  [
    'an artefact outside the store',
    ({ sageMaker }) =>
      sageMaker.createModel({
        ModelName: 'new',
        PrimaryContainer: { Image: 'local/digits-classifier', ModelDataUrl: 's3://examples/../../etc' },
      }),
    'ValidationException',
    /^Could not find model data/,
  ],
];

describe('emulated services', () => {
  let account: Account;
  before(async () => {
    account = await openAccount();
    await createShop(account, { a: 1 });
  });
  after(() => account.emulator.stop());

  for (const [problem, act, name, message] of refusals) {
    it(`emulator: ${problem} -> ${name}`, async () => {
      await assert.rejects(act(account), { name, message, $fault: 'client' });
    });
  }

  it('ListEndpoints: invalid regular expression -> refused', async () => {
    const request = trainingRequest('job', 'simulated/x', { train: 's3://bucket/train' });
    const MetricDefinitions = [{ Name: 'loss', Regex: 'loss=(' }];
    await assert.rejects(
      account.sageMaker.createTrainingJob({
        ...request,
        AlgorithmSpecification: { TrainingInputMode: 'File', MetricDefinitions },
      }),
      { name: 'ValidationException', message: /must be a regular expression/ },
    );
  });

  it('emulator: request with an Origin header -> 403', async () => {
    const answer = await fetch(`${account.emulator.url}/_emulator/traffic`, {
      method: 'POST',
      headers: { origin: 'https://example.org' },
      body: JSON.stringify({ endpoint: 'shop', requestsPerSecond: 1 }),
    });
    assert.equal(answer.status, 403);
  });

  it('emulator: another host than 127.0.0.1 -> rejected', async () => {
    await assert.rejects(startEmulator({ host: '0.0.0.0' }), /listens on 127\.0\.0\.1 only/);
  });
});
