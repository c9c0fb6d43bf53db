/** What lets no rollout begin, and what ends one before any traffic moves. */
import assert from 'node:assert/strict';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  DeleteEndpointConfigCommand,
  DeleteModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
  type ProductionVariant,
} from '@aws-sdk/client-sagemaker';
import { createModel, role } from '../../e2e/live-endpoint.js';
import type { Group } from '../../e2e/scenario.js';
import { specOf, trained } from '../../e2e/specs.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';

const packageOf = (name: string) => `arn:aws:sagemaker:us-east-1:123456789012:model-package/${name}/1`;
const variant = { InstanceType: 'ml.m5.large', InitialInstanceCount: 1 } as const;

/** Starts one that ends where it began; returns why. */
async function refuse(stage: E2eEnvironment, endpoint: string, fields: object = {}): Promise<string> {
  const rollout = await stage.start(specOf(endpoint, fields));
  const { result } = await rollout.expectOutcome('failed');
  return result.reason;
}

async function putEndpoint(
  stage: E2eEnvironment,
  EndpointName: string,
  ProductionVariants: ProductionVariant[],
  ShadowProductionVariants?: ProductionVariant[],
): Promise<void> {
  for (const letter of ['1', '2']) await createModel(stage.sagemaker, `${EndpointName}-${letter}`);
  const EndpointConfigName = `${EndpointName}-original`;
  const config = { EndpointConfigName, ProductionVariants, ShadowProductionVariants };
  await stage.sagemaker.send(new CreateEndpointConfigCommand(config));
  await stage.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName }));
}

async function putPackage(stage: E2eEnvironment, ModelPackageGroupName: string): Promise<void> {
  await stage.sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName }));
  const command = new CreateModelPackageCommand({
    ModelPackageGroupName,
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { Containers: [{ Image: 'simulated/x', ModelDataUrl: 's3://bucket/x' }] },
  });
  await stage.sagemaker.send(command);
}

export const refusals: Group = {
  about: 'no traffic moves',
  scenarios: [
    {
      it: 'where there is no endpoint, model, metric or variable of the names that the spec has',
      async play(stage) {
        const sales = { namespace: 'Shop', name: 'Sales', dimensions: { Model: 'main' } };
        const source = { expression: 'sales / 2', metrics: { sales } };
        const reason = await refuse(stage, 'nowhere', {
          guardrails: [{ metric: 'sales', above: 1, source, window: '10s', dataDelay: '2s' }],
          notify: [{ webhook: { urlEnv: 'NOBODY_SET_THIS' }, on: ['hold'] }],
        });
        assertRunbookEntry(
          reason,
          'endpoint churn does not exist, so the baseline cannot be live: say which model it is',
        );
        assertRunbookEntry(reason, 'endpoint churn does not exist: say serve.instance and serve.count');
        assertRunbookEntry(reason, 'model X does not exist');
        assertRunbookEntry(reason, 'CloudWatch has had no metric X in the last two weeks');
        assertRunbookEntry(reason, '...: the worker has no environment variable X');
      },
    },
    {
      it: 'where something serves already, or a version is not there or not approved',
      async play(stage) {
        await stage.putLive('serving');
        await putPackage(stage, 'pending');
        const candidate = { package: packageOf('missing'), role };
        const first = await refuse(stage, 'serving', {
          models: { baseline: { model: 'serving-1' }, candidate },
          serve: { instance: 'ml.m5.large', count: 1, metricsEvery: '10s' },
        });
        assertRunbookEntry(first, 'endpoint churn serves X already: say baseline: live');
        assertRunbookEntry(first, 'model package X does not exist');
        const models = { baseline: 'live', candidate: { package: packageOf('pending'), role } };
        assertRunbookEntry(await refuse(stage, 'serving', { models }), 'model package X is Y, not Approved');
      },
    },
    {
      it: 'where the endpoint is no plain one in service',
      async play(stage) {
        const [ModelName, VariantName] = ['twofold-1', 'a'];
        await putEndpoint(stage, 'twofold', [
          { ...variant, ModelName, VariantName },
          { ...variant, ModelName, VariantName: 'b' },
        ]);
        assertRunbookEntry(
          await refuse(stage, 'twofold'),
          'endpoint churn has 2 production variants, not one',
        );
        await stage.putLive('kept-busy');
        await stage.emulator.cause({ event: 'systemUpdate', endpoint: 'kept-busy', seconds: 300 });
        assertRunbookEntry(await refuse(stage, 'kept-busy'), 'endpoint churn is X, not InService');
        const shadowed = { ...variant, VariantName, ModelName: 'shadowed-1' };
        await putEndpoint(stage, 'shadowed', [shadowed], [{ ...shadowed, VariantName: 'b' }]);
        assertRunbookEntry(await refuse(stage, 'shadowed'), 'endpoint churn has a shadow variant');
        const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 5 };
        await putEndpoint(stage, 'serverless', [
          { VariantName, ModelName: 'serverless-1', ServerlessConfig },
        ]);
        assertRunbookEntry(
          await refuse(stage, 'serverless'),
          'endpoint churn is serverless: it takes one variant only',
        );
        await stage.putLive('bare');
        await stage.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: 'bare-original' }));
        assertRunbookEntry(
          await refuse(stage, 'bare'),
          'endpoint config X of endpoint churn no longer exists: it cannot be updated',
        );
      },
    },
    {
      it: 'where names are taken',
      play: () =>
        E2eEnvironment.withOwnEnvironment('names', async (stage) => {
          for (const endpoint of ['strange', 'rival', 'remade']) await stage.putLive(endpoint);
          const rollouts = await Promise.all(
            ['strange', 'rival', 'remade'].map((endpoint) => stage.start(specOf(endpoint))),
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
            await stage.sagemaker.send(new CreateEndpointConfigCommand(config));
          }
          await stage.startWorker();
          const [strange = '', rival = '', remade = ''] = await Promise.all(
            rollouts.map(async (rollout) => (await stage.rollouts.wait(rollout.endpoint)).reason),
          );
          assertRunbookEntry(strange, '... exists already and is not made by a rollout');
          assertRunbookEntry(rival, '... exists already and is of rollout X');
          assertRunbookEntry(remade, '... exists already, made by this rollout from other input');
          assertRunbookEntry((await readFailureTypes(stage, 'remade'))[0], 'NotOwned');
        }),
    },
    {
      it: 'where the spec does not hold',
      async play(stage) {
        await stage.rollouts.start({ apiVersion: 'penstock/v1', endpoint: 'unsound' }, { startedBy: 'ana' });
        assert.equal((await stage.rollouts.wait('unsound')).outcome, 'failed');
        assertRunbookEntry((await readFailureTypes(stage, 'unsound'))[0], 'InvalidSpec');
      },
    },
    {
      it: 'where training fails',
      async play(stage) {
        await stage.putLive('lost-loss');
        stage.emulator.faults.add({ operation: 'CreateTrainingJob', kind: 'fail', about: 'lost-loss' });
        const models = { baseline: 'live', candidate: trained('lost-loss') };
        assertRunbookEntry(await refuse(stage, 'lost-loss', { models }), 'training job X ended Failed: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'lost-loss'))[0], 'TrainingFailed');
      },
    },
    {
      it: 'where golden answers differ',
      async play(stage) {
        await stage.putLive('mistaken');
        await stage.emulator.setBehaviour({ model: 'mistaken-2', response: { digit: 8 } });
        const golden = [{ body: { pixels: [3] }, expect: { digit: 3 } }];
        const reason = await refuse(stage, 'mistaken', { validate: { golden } });
        assertRunbookEntry(reason, '... 12 of 100 golden answers match, fewer than 100 % ...');
        assertRunbookEntry((await readFailureTypes(stage, 'mistaken'))[0], 'ValidationFailed');
      },
    },
    {
      it: 'where a version is rejected in the registry',
      async play(stage) {
        const rollout = await startUnapproved(stage, 'unloved');
        const ModelPackageArn = await findPackage(stage, 'unloved');
        const command = new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Rejected' });
        await stage.sagemaker.send(command);
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'model package X was rejected: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'unloved'))[0], 'NotApproved');
      },
    },
    {
      it: 'where a version is deleted from the registry before it is approved',
      async play(stage) {
        const rollout = await startUnapproved(stage, 'unwanted');
        const ModelPackageName = await findPackage(stage, 'unwanted');
        await stage.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName }));
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'model package X was deleted before it was approved');
        assertRunbookEntry((await readFailureTypes(stage, 'unwanted'))[0], 'NotApproved');
      },
    },
    {
      it: 'where a permission is missing',
      async play(stage) {
        await stage.putLive('forbidden');
        stage.emulator.faults.add({
          operation: 'UpdateEndpoint',
          kind: 'accessDenied',
          about: '"forbidden"',
        });
        assertRunbookEntry(await refuse(stage, 'forbidden'), 'AccessDeniedException: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'forbidden'))[0], 'AccessDenied');
      },
    },
  ],
};

/** The version appears some time after its group. */
/** Until the rollout waits for a person's approval of the version that it has trained. */
async function startUnapproved(stage: E2eEnvironment, endpoint: string): Promise<Running> {
  await stage.putLive(endpoint);
  const models = {
    baseline: 'live',
    candidate: trained(endpoint),
    register: { group: endpoint, approval: 'manual' },
  };
  const rollout = await stage.start(specOf(endpoint, { models }));
  await rollout.until(({ waitingFor }) => /approval/.test(waitingFor?.what ?? ''));
  return rollout;
}

async function findPackage(stage: E2eEnvironment, ModelPackageGroupName: string): Promise<string> {
  for (;;) {
    const command = new ListModelPackagesCommand({ ModelPackageGroupName });
    const found = await stage.sagemaker.send(command).catch(() => null);
    const arn = found?.ModelPackageSummaryList?.[0]?.ModelPackageArn;
    if (arn !== undefined) return arn;
  }
}
