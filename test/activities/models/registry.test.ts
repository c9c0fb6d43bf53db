import assert from 'node:assert/strict';
import {
  DeleteModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { rolloutId } from '../endpoint/arms.js';
import { failureOf, role, ActivityTestEnvironment } from '../activity-environment.js';
import { manualRegistration as manual, registration } from './training-plan.js';

describe('registerModel', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
  });
  afterEach(() => testEnv.close());

  async function versions(): Promise<number> {
    const command = new ListModelPackagesCommand({ ModelPackageGroupName: 'digits' });
    return (await testEnv.sagemaker.send(command)).ModelPackageSummaryList?.length ?? 0;
  }

  it('registerModel: no group -> creates the group and one approved version', async () => {
    const { packageArn } = await testEnv.run('registerModel', registration);
    assert.match(packageArn, /model-package\/digits\/1$/);
    assert.equal(await versions(), 1);
  });

  it('registerModel: response lost, or called again -> same version', async () => {
    testEnv.emulator.faults.add({ operation: 'CreateModelPackage', kind: 'lostResponse' });
    const first = await testEnv.run('registerModel', registration);
    const second = await testEnv.run('registerModel', registration);
    assert.equal(second.packageArn, first.packageArn);
    assert.equal(await versions(), 1);
  });

  it('registerModel: other model -> another version', async () => {
    await testEnv.run('registerModel', registration);
    await testEnv.run('registerModel', { ...registration, role: 'baseline' });
    assert.equal(await versions(), 2);
  });

  it('registerModel: manual approval -> waits, approval succeeds, rejection is NotApproved', async () => {
    const register = testEnv.start('registerModel', manual);
    for (let attempt = 0; attempt < 3; attempt += 1) await register.once();
    assert.match(register.messages.at(-1) ?? '', /waiting for approval/);
    const ModelPackageArn = (register.details as { state: { packageArn: string } }).state.packageArn;
    const decide = (ModelApprovalStatus: 'Approved' | 'Rejected') =>
      testEnv.sagemaker.send(
        new UpdateModelPackageCommand({
          ModelPackageArn,
          ModelApprovalStatus,
          ApprovalDescription: 'too slow',
        }),
      );
    await decide('Approved');
    assert.equal((await register.all()).packageArn, ModelPackageArn);
    await decide('Rejected');
    await assert.rejects(testEnv.run('registerModel', manual), failureOf('NotApproved', /too slow/));
  });

  it('registerModel: version deleted while it waits -> NotApproved after retries', async () => {
    const register = testEnv.start('registerModel', manual);
    while (!/waiting for approval/.test(register.messages.at(-1) ?? '')) await register.once();
    const { packageArn } = (register.details as { state: { packageArn: string } }).state;
    testEnv.emulator.faults.add({ operation: 'DescribeModelPackage', kind: 'error500', count: 3 });
    await register.once();
    await testEnv.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: packageArn }));
    await assert.rejects(
      register.all(5),
      failureOf('NotApproved', /^model package \S+\/digits\/1 was deleted before it was approved$/),
    );
    assert.equal(await versions(), 0);
  });
});

describe('createModel', () => {
  let testEnv: ActivityTestEnvironment;
  const modelName = `${rolloutId}-b`;
  const fromArtefact = {
    rolloutId,
    modelName,
    role,
    source: { image: 'simulated/server', artefact: 's3://bucket/model.tar.gz' },
    network: {},
    tags: {},
  };
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
  });
  afterEach(() => testEnv.close());

  it('createModel: artifact, response lost -> adopts its own model', async () => {
    testEnv.emulator.faults.add({ operation: 'CreateModel', kind: 'lostResponse' });
    await testEnv.run('createModel', fromArtefact);
    await testEnv.run('createModel', fromArtefact);
  });

  it('createModel: package -> created', async () => {
    const { packageArn } = await testEnv.run('registerModel', registration);
    await testEnv.run('createModel', { ...fromArtefact, source: { packageArn } });
  });

  it('createModel: another owner’s model, or own model from another source -> NotOwned', async () => {
    await testEnv.putModel('digits-99999999-b');
    await assert.rejects(
      testEnv.run('createModel', { ...fromArtefact, modelName: 'digits-99999999-b' }),
      failureOf('NotOwned', /not created by a rollout/),
    );
    await testEnv.run('createModel', fromArtefact);
    const other = {
      ...fromArtefact,
      source: { ...fromArtefact.source, artefact: 's3://bucket/other.tar.gz' },
    };
    await assert.rejects(testEnv.run('createModel', other), failureOf('NotOwned', /from different input/));
    await assert.rejects(
      testEnv.run('createModel', { ...fromArtefact, rolloutId: 'digits-99999999' }),
      failureOf('NotOwned', /belongs to rollout digits-1a2b3c4d/),
    );
  });
});
