/** Settings that a spec writes as AWS does: what is allowed, and the message for what is not. */
import assert from 'node:assert/strict';
import { SpecError, type Problem } from '../../../../src/plan/spec/spec-error.js';
import { lintSpec } from '../../../../src/plan/spec/lint-spec.js';
import { validateSpec } from '../../../../src/plan/spec/validate-spec.js';
import { role, smallest, trained } from '../../specs.js';

type Fields = Record<string, unknown>;

function problemsOf(fields: object): Problem[] {
  try {
    validateSpec({ ...smallest, ...fields });
  } catch (error) {
    assert.ok(error instanceof SpecError);
    return error.problems;
  }
  return [];
}

const variant = (members: Fields) => ({ serve: { variant: members } });
const models = (candidate: Fields) => ({ models: { baseline: 'live', candidate } });
const packaged = {
  package: 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/digits/3',
  role,
};
const model = (settings: Fields) => models({ ...packaged, settings });
const training = (settings: Fields, fields: Fields = {}) =>
  models({ train: { ...trained.train, ...fields, settings } });

const vpc = { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] };

describe('settings as AWS writes them: valid', () => {
  for (const [name, fields] of Object.entries({
    'a variant': variant({
      ContainerStartupHealthCheckTimeoutInSeconds: 1800,
      VolumeSizeInGB: 256,
      RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
      InferenceAmiVersion: 'al2023-ami-sagemaker-inference-gpu-4-1',
    }),
    'a model': model({ VpcConfig: vpc, PrimaryContainer: { Environment: { HF_MODEL_ID: 'a/b' } } }),
    'a version of a group': models({
      ...{ group: 'digits', approved: 'newest', role },
      settings: { EnableNetworkIsolation: true },
    }),
    'a model with several containers': model({
      Containers: [{ Image: 'features:2', ContainerHostname: 'features' }, { Environment: { A: 'b' } }],
      InferenceExecutionConfig: { Mode: 'Serial' },
    }),
    'a training job': training({
      VpcConfig: vpc,
      EnableManagedSpotTraining: true,
      StoppingCondition: { MaxWaitTimeInSeconds: 172_800 },
      CheckpointConfig: { S3Uri: 's3://bucket/checkpoints' },
      Environment: { A: 'b' },
      AlgorithmSpecification: {
        TrainingInputMode: 'FastFile',
        MetricDefinitions: [{ Name: 'auc', Regex: 'auc=(.*)' }],
      },
      ResourceConfig: { VolumeKmsKeyId: 'key', KeepAlivePeriodInSeconds: 600 },
      RetryStrategy: { MaximumRetryAttempts: 2 },
      InputDataConfig: [
        { ChannelName: 'train', InputMode: 'Pipe' },
        {
          ChannelName: 'features',
          DataSource: {
            FileSystemDataSource: {
              FileSystemId: 'fs-0123456789a',
              FileSystemAccessMode: 'ro',
              FileSystemType: 'FSxLustre',
              DirectoryPath: '/features',
            },
          },
        },
      ],
    }),
  }))
    it(`settings: ${name} -> no problem`, () => assert.deepEqual(problemsOf(fields), []));
});

/** Name, fields, then path, message and allowed values of the only problem. */
const invalid: [string, object, string, string | RegExp, string | RegExp][] = [
  [
    'misspelt member',
    variant({ ContainerStartupHealthcheckTimeoutInSeconds: 600 }),
    'serve.variant.ContainerStartupHealthcheckTimeoutInSeconds',
    'There is no field ContainerStartupHealthcheckTimeoutInSeconds; did you mean ContainerStartupHealthCheckTimeoutInSeconds?',
    /^(?!.*InstanceType).*RoutingConfig/,
  ],
  [
    'misspelt value',
    variant({ RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUEST' } }),
    'serve.variant.RoutingConfig.RoutingStrategy',
    /did you mean LEAST_OUTSTANDING_REQUESTS\?$/,
    'LEAST_OUTSTANDING_REQUESTS, RANDOM, PREFIX_AWARE, KV_AWARE',
  ],
  [
    'number out of range',
    variant({ ContainerStartupHealthCheckTimeoutInSeconds: 7200 }),
    'serve.variant.ContainerStartupHealthCheckTimeoutInSeconds',
    'serve.variant.ContainerStartupHealthCheckTimeoutInSeconds cannot be 7200.',
    'a whole number from 60 to 3600',
  ],
  [
    'text for a number',
    variant({ VolumeSizeInGB: '256' }),
    'serve.variant.VolumeSizeInGB',
    'serve.variant.VolumeSizeInGB cannot be "256".',
    'a whole number from 1 to 512',
  ],
  [
    'member that the rollout sets',
    variant({ InitialInstanceCount: 2 }),
    'serve.variant.InitialInstanceCount',
    'a rollout cannot take InitialInstanceCount from the settings.',
    'serve.count',
  ],
  [
    'missing member',
    model({ VpcConfig: { Subnets: ['subnet-1'] } }),
    'models.candidate.settings.VpcConfig.SecurityGroupIds',
    'models.candidate.settings.VpcConfig.SecurityGroupIds is missing.',
    'a list of 1 to 5 entries',
  ],
  [
    'text that does not match',
    model({ VpcConfig: { ...vpc, Subnets: ['subnet 1'] } }),
    'models.candidate.settings.VpcConfig.Subnets[0]',
    /cannot be "subnet 1"/,
    'text of at most 32 characters that matches [-0-9a-zA-Z]+',
  ],
  [
    'settings of an existing model',
    models({ model: 'digits-2', settings: { EnableNetworkIsolation: true } }),
    'models.candidate.settings',
    /keeps its own settings/,
    /no model/,
  ],
  [
    'tags in a model',
    model({ Tags: [{ Key: 'a', Value: 'b' }] }),
    'models.candidate.settings.Tags',
    /Tags/,
    'tags',
  ],
  [
    'image of the own container',
    model({ PrimaryContainer: { Image: 'x' } }),
    'models.candidate.settings.PrimaryContainer.Image',
    /Image/,
    'servingImage in train, or package',
  ],
  [
    'no container for the own model',
    model({ Containers: [{ Image: 'x' }] }),
    'models.candidate.settings.Containers',
    /each of these containers has a model already/,
    /one container/,
  ],
  [
    'two containers for the own model',
    model({ Containers: [{}, {}] }),
    'models.candidate.settings.Containers',
    /2 containers have none/,
    /one container/,
  ],
  [
    'time limit that has a field',
    training({ StoppingCondition: { MaxRuntimeInSeconds: 60 } }),
    'models.candidate.train.settings.StoppingCondition.MaxRuntimeInSeconds',
    /MaxRuntimeInSeconds/,
    'stopAfter in train',
  ],
  [
    'Spot without its time limit',
    training({ EnableManagedSpotTraining: true }),
    'models.candidate.train.settings.StoppingCondition.MaxWaitTimeInSeconds',
    /Spot training needs/,
    /at least 86400/,
  ],
  [
    'Spot with a time limit below stopAfter',
    training({ EnableManagedSpotTraining: true, StoppingCondition: { MaxWaitTimeInSeconds: 3600 } }),
    'models.candidate.train.settings.StoppingCondition.MaxWaitTimeInSeconds',
    /shorter than stopAfter/,
    /at least 86400/,
  ],
  [
    'time to wait without Spot',
    training({ StoppingCondition: { MaxWaitTimeInSeconds: 100_000 } }),
    'models.candidate.train.settings.StoppingCondition.MaxWaitTimeInSeconds',
    /only managed Spot training waits/,
    /EnableManagedSpotTraining: true/,
  ],
  [
    'channel without data',
    training({ InputDataConfig: [{ ChannelName: 'other', InputMode: 'Pipe' }] }),
    'models.candidate.train.settings.InputDataConfig[0].DataSource',
    /not in input/,
    /S3Uri/,
  ],
  [
    'data of a channel of input',
    training({
      InputDataConfig: [{ ChannelName: 'train', DataSource: { S3DataSource: { S3Uri: 's3://b/x' } } }],
    }),
    'models.candidate.train.settings.InputDataConfig[0].DataSource.S3DataSource.S3Uri',
    /is in input/,
    'input.train',
  ],
  [
    'two entries for one channel',
    training({
      InputDataConfig: [
        { ChannelName: 'train', InputMode: 'Pipe' },
        { ChannelName: 'train', CompressionType: 'Gzip' },
      ],
    }),
    'models.candidate.train.settings.InputDataConfig[1].ChannelName',
    /channel train has an entry already/,
    'one entry for each channel',
  ],
  [
    'volume on an instance with own disks',
    { serve: { instance: 'ml.g5.xlarge', variant: { VolumeSizeInGB: 256 } } },
    'serve.variant.VolumeSizeInGB',
    /ml\.g5\.xlarge has disks of its own/,
    /no VolumeSizeInGB/,
  ],
];

describe('settings as AWS writes them: invalid', () => {
  for (const [name, fields, path, message, allowed] of invalid)
    it(`settings: ${name} -> one problem at ${path}`, () => {
      const problems = problemsOf(fields);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
        JSON.stringify(problems),
      );
      const [problem] = problems;
      for (const [found, expected] of [
        [problem?.message, message],
        [problem?.allowed, allowed],
      ] as const)
        if (typeof expected === 'string') assert.equal(found, expected);
        else assert.match(found ?? '', expected);
    });
});

describe('values of environment variables', () => {
  const secret = 'hf_0123456789abcdefgh';
  for (const [name, environment] of Object.entries<unknown>({
    'too long a value': { HF_TOKEN: `${secret}${'x'.repeat(1100)}` },
    'a number': { PIN: 912_375 },
    'a text instead of an object': secret,
    'a list': [secret],
  }))
    it(`settings: ${name} in Environment -> the problem does not show it`, () => {
      for (const fields of [
        model({ PrimaryContainer: { Environment: environment } }),
        training({ Environment: environment }),
      ]) {
        const problems = problemsOf(fields);
        assert.equal(problems.length, 1, JSON.stringify(problems));
        assert.doesNotMatch(JSON.stringify(problems), /hf_0123|912375/);
      }
    });

  it('lintSpec: environment variable that is named like a secret -> warning without its value', () => {
    const spec = validateSpec({
      ...smallest,
      ...model({ PrimaryContainer: { Environment: { HF_TOKEN: secret, HF_MODEL_ID: 'a/b' } } }),
    });
    const warnings = lintSpec(spec).filter((warning) => warning.includes('HF_'));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /HF_TOKEN/);
    assert.doesNotMatch(warnings.join(), /hf_0123/);
  });
});
