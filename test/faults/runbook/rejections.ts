/** Rollouts that end before any traffic moves. */
import assert from 'node:assert/strict';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigInput,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { createModel, role } from '../../e2e/live-endpoint.js';
import type { Group } from '../../e2e/scenario.js';
import { specOf, trained } from '../../e2e/specs.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';

const packageOf = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:model-package/${name}/1`;
const variant = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 } as const;

/** Starts a rollout that ends as failed. Returns its reason. */
async function failureReason(
  environment: E2eEnvironment,
  endpoint: string,
  fields: object = {},
): Promise<string> {
  const rollout = await environment.start(specOf(endpoint, fields));
  const { result } = await rollout.expectOutcome('failed');
  return result.reason;
}

async function putEndpoint(
  environment: E2eEnvironment,
  EndpointName: string,
  ProductionVariants: ProductionVariant[],
  settings: Partial<CreateEndpointConfigInput> = {},
): Promise<void> {
  for (const letter of ['1', '2']) await createModel(environment.sagemaker, `${EndpointName}-${letter}`);
  const EndpointConfigName = `${EndpointName}-original`;
  const config = { EndpointConfigName, ProductionVariants, ...settings };
  await environment.sagemaker.send(new CreateEndpointConfigCommand(config));
  await environment.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
}

async function putPackage(environment: E2eEnvironment, ModelPackageGroupName: string): Promise<void> {
  await environment.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName,
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { Containers: [{ Image: 'simulated/x', ModelDataUrl: 's3://bucket/x' }] },
  });
  await environment.sagemaker.send(command);
}

export const rejections: Group = {
  about: 'rollouts without traffic',
  scenarios: [
    {
      it: 'preflight: endpoint, model, metric and variable do not exist -> failed with every finding',
      async run(environment) {
        const sales = { namespace: 'Shop', name: 'Sales', dimensions: { Model: 'main' } };
        const source = { expression: 'sales / 2', metrics: { sales } };
        const reason = await failureReason(environment, 'nowhere', {
          guardrails: [{ metric: 'sales', above: 1, source, window: '10s', dataDelay: '2s' }],
          notify: [{ webhook: { urlEnv: 'UNSET_VARIABLE' }, on: ['hold'] }],
        });
        assertRunbookEntry(
          reason,
          'endpoint churn does not exist, so the baseline cannot be live; set models.baseline to a model',
        );
        assertRunbookEntry(reason, 'endpoint churn does not exist; set serve.instance and serve.count');
        assertRunbookEntry(reason, 'model X does not exist');
        assertRunbookEntry(reason, 'CloudWatch has no metric X with data in the last two weeks');
        assertRunbookEntry(reason, '...: the worker has no environment variable X');
      },
    },
    {
      it: 'preflight: endpoint already serves, model package missing or not approved -> failed',
      async run(environment) {
        await environment.putLive('serving');
        await putPackage(environment, 'pending');
        const candidate = { package: packageOf('missing'), role };
        const first = await failureReason(environment, 'serving', {
          models: { baseline: { model: 'serving-1' }, candidate },
          serve: { instance: 'ml.m5.large', count: 1, metricsEvery: '10s' },
        });
        assertRunbookEntry(first, 'endpoint churn already serves X; set models.baseline to live');
        assertRunbookEntry(first, 'model package X does not exist');
        const models = { baseline: 'live', candidate: { package: packageOf('pending'), role } };
        assertRunbookEntry(
          await failureReason(environment, 'serving', { models }),
          'model package X has approval status Y, not Approved',
        );
      },
    },
    {
      it: 'preflight: model serves already, was deleted, or carries too many tags -> failed',
      async run(environment) {
        await environment.putLive('repeated');
        assertRunbookEntry(
          await failureReason(environment, 'repeated', {
            models: { baseline: 'live', candidate: { model: 'repeated-1' } },
          }),
          'model X serves already; set models.candidate to another model',
        );
        await environment.putLive('orphaned');
        await environment.sagemaker.send(new DeleteModelCommand({ ModelName: 'orphaned-1' }));
        assertRunbookEntry(
          await failureReason(environment, 'orphaned'),
          'model X, which endpoint churn serves, no longer exists; create it again',
        );
        const Tags = Array.from({ length: 30 }, (_, i) => ({ Key: `old-${i}`, Value: '' }));
        await putEndpoint(environment, 'tagged', [{ ...variant, VariantName: 'a', ModelName: 'tagged-1' }], {
          Tags,
        });
        const tags = Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`new-${i}`, '']));
        assertRunbookEntry(
          await failureReason(environment, 'tagged', { tags }),
          'the config would get 49 tags, with those of the spec; at most 48 are possible',
        );
      },
    },
    {
      it: 'preflight: endpoint is not one plain variant in service -> failed',
      async run(environment) {
        const [ModelName, VariantName] = ['twofold-1', 'a'];
        await putEndpoint(environment, 'twofold', [
          { ...variant, ModelName, VariantName },
          { ...variant, ModelName, VariantName: 'b' },
        ]);
        assertRunbookEntry(
          await failureReason(environment, 'twofold'),
          'endpoint churn has 2 production variants; set models.baseline to { variant: NAME } with one of A, B',
        );
        await environment.putLive('kept-busy');
        await environment.emulator.cause({ event: 'systemUpdate', endpoint: 'kept-busy', seconds: 300 });
        assertRunbookEntry(
          await failureReason(environment, 'kept-busy'),
          'endpoint churn is X, not InService',
        );
        const shadowed = { ...variant, VariantName, ModelName: 'shadowed-1' };
        await putEndpoint(environment, 'shadowed', [shadowed], {
          ShadowProductionVariants: [{ ...shadowed, VariantName: 'b' }],
        });
        assertRunbookEntry(
          await failureReason(environment, 'shadowed'),
          'endpoint churn has a shadow variant',
        );
        const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 5 };
        await putEndpoint(environment, 'serverless', [
          { VariantName, ModelName: 'serverless-1', ServerlessConfig },
        ]);
        assertRunbookEntry(
          await failureReason(environment, 'serverless'),
          'endpoint churn is serverless, so it supports only one variant',
        );
        const AsyncInferenceConfig = { OutputConfig: { S3OutputPath: 's3://bucket/answers' } };
        await putEndpoint(
          environment,
          'asynchronous',
          [{ ...variant, VariantName, ModelName: 'asynchronous-1' }],
          {
            AsyncInferenceConfig,
          },
        );
        assertRunbookEntry(
          await failureReason(environment, 'asynchronous'),
          'endpoint churn is asynchronous, which rollouts do not support',
        );
        await environment.putLive('bare');
        await environment.sagemaker.send(
          new DeleteEndpointConfigCommand({ EndpointConfigName: 'bare-original' }),
        );
        assertRunbookEntry(
          await failureReason(environment, 'bare'),
          'cannot update endpoint churn: its endpoint config X no longer exists',
        );
      },
    },
    {
      it: 'resource names: another owner has them -> NotOwned',
      run: () =>
        E2eEnvironment.withOwnEnvironment('names', async (environment) => {
          for (const endpoint of ['foreign', 'rival', 'remade']) await environment.putLive(endpoint);
          const rollouts = await Promise.all(
            ['foreign', 'rival', 'remade'].map((endpoint) => environment.start(specOf(endpoint))),
          );
          const tags = [
            [],
            [['rollout', 'rival-00000000']],
            [
              ['rollout', ''],
              ['input', 'other'],
            ],
          ];
          for (const [i, { endpoint, names, rolloutId }] of rollouts.entries()) {
            const config = {
              EndpointConfigName: names.sideBySideConfig,
              ProductionVariants: [{ ...variant, VariantName: 'x', ModelName: `${endpoint}-1` }],
              Tags: tags[i]?.map(([key, value]) => ({ Key: `penstock:${key}`, Value: value || rolloutId })),
            };
            await environment.sagemaker.send(new CreateEndpointConfigCommand(config));
          }
          await environment.startWorker();
          const [foreign = '', rival = '', remade = ''] = await Promise.all(
            rollouts.map(async (rollout) => (await environment.rollouts.wait(rollout.endpoint)).reason),
          );
          assertRunbookEntry(foreign, '... already exists and was not created by a rollout');
          assertRunbookEntry(rival, '... already exists and belongs to rollout X');
          assertRunbookEntry(remade, '... already exists, created by this rollout from different input');
          assertRunbookEntry((await readFailureTypes(environment, 'remade'))[0], 'NotOwned');
        }),
    },
    {
      it: 'spec: invalid, started directly -> InvalidSpec',
      async run(environment) {
        await environment.rollouts.start(
          { apiVersion: 'penstock/v1', endpoint: 'unsound' },
          { startedBy: 'ana' },
        );
        assert.equal((await environment.rollouts.wait('unsound')).outcome, 'failed');
        assertRunbookEntry((await readFailureTypes(environment, 'unsound'))[0], 'InvalidSpec');
      },
    },
    {
      it: 'training: the job fails -> TrainingFailed',
      async run(environment) {
        await environment.putLive('lost-loss');
        environment.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail', about: 'lost-loss' });
        const models = { baseline: 'live', candidate: trained('lost-loss') };
        assertRunbookEntry(
          await failureReason(environment, 'lost-loss', { models }),
          'training job X ended Failed: ...',
        );
        assertRunbookEntry((await readFailureTypes(environment, 'lost-loss'))[0], 'TrainingFailed');
      },
    },
    {
      it: 'validation: golden answers differ -> ValidationFailed',
      async run(environment) {
        await environment.putLive('mistaken');
        await environment.emulator.setBehaviour({ model: 'mistaken-2', response: { digit: 8 } });
        const golden = [{ body: { pixels: [3] }, expect: { digit: 3 } }];
        const reason = await failureReason(environment, 'mistaken', { validate: { golden } });
        assertRunbookEntry(reason, '... 12 of 100 golden answers match, fewer than 100 % ...');
        assertRunbookEntry((await readFailureTypes(environment, 'mistaken'))[0], 'ValidationFailed');
      },
    },
    {
      it: 'registry: the version is rejected -> NotApproved',
      async run(environment) {
        const rollout = await startUnapproved(environment, 'unloved');
        const ModelPackageArn = await findPackage(environment, 'unloved');
        const command = new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Rejected' });
        await environment.sagemaker.send(command);
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'model package X was rejected: ...');
        assertRunbookEntry((await readFailureTypes(environment, 'unloved'))[0], 'NotApproved');
      },
    },
    {
      it: 'registry: the version is deleted before its approval -> NotApproved',
      async run(environment) {
        const rollout = await startUnapproved(environment, 'unwanted');
        const ModelPackageName = await findPackage(environment, 'unwanted');
        await environment.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName }));
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'model package X was deleted before it was approved');
        assertRunbookEntry((await readFailureTypes(environment, 'unwanted'))[0], 'NotApproved');
      },
    },
    {
      it: 'permissions: UpdateEndpoint is denied once -> holds with AccessDenied, then promoted',
      async run(environment) {
        await environment.putLive('forbidden');
        environment.emulator.faults.add({
          operation: 'UpdateEndpoint',
          kind: 'accessDenied',
          about: '"forbidden"',
        });
        const rollout = await environment.start(specOf('forbidden'));
        const { hold } = await rollout.until((status) => status.hold?.reason === 'blocked');
        const [said, cause] = hold?.message.split(/(?=AccessDeniedException: )/) ?? [];
        assertRunbookEntry(
          `${said}${cause}`,
          'AWS did not carry out a change, and the rollout repeats it: ...',
        );
        assertRunbookEntry(cause, 'AccessDeniedException: ...');
        await rollout.expectOutcome('promoted');
        assertRunbookEntry((await readFailureTypes(environment, 'forbidden'))[0], 'AccessDenied');
      },
    },
  ],
};

/** Returns when the rollout waits for the approval of the version that it has trained. */
async function startUnapproved(environment: E2eEnvironment, endpoint: string): Promise<RolloutUnderTest> {
  await environment.putLive(endpoint);
  const models = {
    baseline: 'live',
    candidate: trained(endpoint),
    register: { group: endpoint, approval: 'manual' },
  };
  const rollout = await environment.start(specOf(endpoint, { models }));
  await rollout.until(({ waitingFor }) => /approval/.test(waitingFor?.what ?? ''));
  return rollout;
}

/** The version appears some time after its group. */
async function findPackage(environment: E2eEnvironment, ModelPackageGroupName: string): Promise<string> {
  for (;;) {
    const command = new ListModelPackagesCommand({ ModelPackageGroupName });
    const found = await environment.sagemaker.send(command).catch(() => null);
    const arn = found?.ModelPackageSummaryList?.[0]?.ModelPackageArn;
    if (arn !== undefined) return arn;
  }
}
