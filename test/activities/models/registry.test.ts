import assert from 'node:assert/strict';
import {
  DeleteModelPackageCommand,
  ListModelPackagesCommand,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { rolloutId } from '../endpoint/arms.js';
import { failureOf, role, ActivityTestEnvironment } from '../activity-environment.js';
import { manualRegistration as manual, registration } from './training-plan.js';

describe('registering', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
  });
  afterEach(() => stage.close());

  async function versions(): Promise<number> {
    const command = new ListModelPackagesCommand({ ModelPackageGroupName: 'digits' });
    return (await stage.sagemaker.send(command)).ModelPackageSummaryList?.length ?? 0;
  }

  it('makes the group and one approved version', async () => {
    const { packageArn } = await stage.run('registerModel', registration);
    assert.match(packageArn, /model-package\/digits\/1$/);
    assert.equal(await versions(), 1);
  });

  it('finds the version of an earlier attempt instead of making another', async () => {
    stage.emulator.faults.add({ operation: 'CreateModelPackage', kind: 'lostResponse' });
    const first = await stage.run('registerModel', registration);
    const second = await stage.run('registerModel', registration);
    assert.equal(second.packageArn, first.packageArn);
    assert.equal(await versions(), 1);
  });

  it('makes another version for the other model', async () => {
    await stage.run('registerModel', registration);
    await stage.run('registerModel', { ...registration, role: 'baseline' });
    assert.equal(await versions(), 2);
  });

  it('waits for a person’s approval, and is refused by a rejection', async () => {
    const register = stage.start('registerModel', manual);
    for (let look = 0; look < 3; look += 1) await register.once();
    assert.match(register.messages.at(-1) ?? '', /waiting for approval/);
    const ModelPackageArn = (register.details as { state: { packageArn: string } }).state.packageArn;
    const decide = (ModelApprovalStatus: 'Approved' | 'Rejected') =>
      stage.sagemaker.send(
        new UpdateModelPackageCommand({
          ModelPackageArn,
          ModelApprovalStatus,
          ApprovalDescription: 'too slow',
        }),
      );
    await decide('Approved');
    assert.equal((await register.all()).packageArn, ModelPackageArn);
    await decide('Rejected');
    await assert.rejects(stage.run('registerModel', manual), failureOf('NotApproved', /too slow/));
  });

  it('is refused where a person deletes the version, however often the attempt is made anew', async () => {
    const register = stage.start('registerModel', manual);
    while (!/waiting for approval/.test(register.messages.at(-1) ?? '')) await register.once();
    const { packageArn } = (register.details as { state: { packageArn: string } }).state;
    stage.emulator.faults.add({ operation: 'DescribeModelPackage', kind: 'error500', count: 3 });
    await register.once();
    await stage.sagemaker.send(new DeleteModelPackageCommand({ ModelPackageName: packageArn }));
    await assert.rejects(
      register.all(5),
      failureOf('NotApproved', /^model package \S+\/digits\/1 was deleted before it was approved$/),
    );
    assert.equal(await versions(), 0);
  });
});

describe('creating a model', () => {
  let stage: ActivityTestEnvironment;
  const modelName = `${rolloutId}-b`;
  const fromArtefact = {
    rolloutId,
    modelName,
    role,
    source: { image: 'simulated/server', artefact: 's3://bucket/model.tar.gz' },
  };
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
  });
  afterEach(() => stage.close());

  it('makes it once, from an artefact, though the answer is lost', async () => {
    stage.emulator.faults.add({ operation: 'CreateModel', kind: 'lostResponse' });
    await stage.run('createModel', fromArtefact);
    await stage.run('createModel', fromArtefact);
  });

  it('makes it from a package', async () => {
    const { packageArn } = await stage.run('registerModel', registration);
    await stage.run('createModel', { ...fromArtefact, source: { packageArn } });
  });

  it('refuses somebody else’s, and its own from another source', async () => {
    await stage.putModel('digits-99999999-b');
    await assert.rejects(
      stage.run('createModel', { ...fromArtefact, modelName: 'digits-99999999-b' }),
      failureOf('NotOwned', /not created by a rollout/),
    );
    await stage.run('createModel', fromArtefact);
    const other = {
      ...fromArtefact,
      source: { ...fromArtefact.source, artefact: 's3://bucket/other.tar.gz' },
    };
    await assert.rejects(stage.run('createModel', other), failureOf('NotOwned', /from different input/));
    await assert.rejects(
      stage.run('createModel', { ...fromArtefact, rolloutId: 'digits-99999999' }),
      failureOf('NotOwned', /of rollout digits-1a2b3c4d/),
    );
  });
});
