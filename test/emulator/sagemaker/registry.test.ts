import assert from 'node:assert/strict';
import { type Account, openAccount } from '../aws-account.js';

describe('emulated model registry', () => {
  let account: Account;
  beforeEach(async () => {
    account = await openAccount();
    await account.sageMaker.createModelPackageGroup({ ModelPackageGroupName: 'digits' });
  });
  afterEach(() => account.emulator.stop());

  const version = (ClientToken: string) => ({
    ModelPackageGroupName: 'digits',
    ClientToken,
    InferenceSpecification: {
      Containers: [{ Image: 'simulated/x', ModelDataUrl: 's3://bucket/model.tar.gz' }],
      SupportedContentTypes: ['application/json'],
      SupportedResponseMIMETypes: ['application/json'],
    },
  });

  it('CreateModelPackage: repeated ClientToken -> the same version', async () => {
    const { sageMaker } = account;
    const first = await sageMaker.createModelPackage(version('run-1'));
    const again = await sageMaker.createModelPackage(version('run-1'));
    const second = await sageMaker.createModelPackage(version('run-2'));
    assert.match(first.ModelPackageArn!, /model-package\/digits\/1$/);
    assert.equal(again.ModelPackageArn, first.ModelPackageArn);
    assert.match(second.ModelPackageArn!, /model-package\/digits\/2$/);
    const listed = await sageMaker.listModelPackages({ ModelPackageGroupName: 'digits' });
    assert.deepEqual(
      listed.ModelPackageSummaryList?.map((each) => each.ModelPackageVersion),
      [2, 1],
    );
  });

  it('CreateModelPackage: repeated ClientToken with other parameters -> refused', async () => {
    const { sageMaker } = account;
    await sageMaker.createModelPackage(version('run-1'));
    await assert.rejects(
      sageMaker.createModelPackage({ ...version('run-1'), ModelApprovalStatus: 'Approved' }),
      { name: 'ConflictException' },
    );
  });

  it('CreateModel: model package -> accepted only if approved, with its image and artefact', async () => {
    const { sageMaker } = account;
    const { ModelPackageArn } = await sageMaker.createModelPackage(version('run-1'));
    const model = { ModelName: 'm', Containers: [{ ModelPackageName: ModelPackageArn! }] };
    const pending = await sageMaker.describeModelPackage({ ModelPackageName: ModelPackageArn! });
    assert.equal(pending.ModelApprovalStatus, 'PendingManualApproval');
    await assert.rejects(sageMaker.createModel(model), {
      name: 'ValidationException',
      message: /not approved/,
    });
    await sageMaker.updateModelPackage({
      ModelPackageArn: ModelPackageArn!,
      ModelApprovalStatus: 'Approved',
    });
    await sageMaker.createModel(model);
    const described = await sageMaker.describeModel({ ModelName: 'm' });
    assert.equal(described.Containers?.[0]?.ModelPackageName, ModelPackageArn);
  });

  it('model registry: unknown groups or packages, duplicate groups -> refused', async () => {
    const { sageMaker } = account;
    const refused = (message: RegExp) => ({ name: 'ValidationException', message });
    await assert.rejects(
      sageMaker.describeModelPackageGroup({ ModelPackageGroupName: 'none' }),
      refused(/^ModelPackageGroup arn:.*none does not exist\.$/),
    );
    await assert.rejects(
      sageMaker.describeModelPackage({
        ModelPackageName: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/none/1',
      }),
      refused(
        /^ModelPackage arn:aws:sagemaker:us-east-1:123456789012:model-package\/none\/1 does not exist\.$/,
      ),
    );
    await assert.rejects(
      sageMaker.createModelPackageGroup({ ModelPackageGroupName: 'digits' }),
      refused(/already exists/),
    );
  });

  it('AddTags: repeated key -> the later value', async () => {
    const { sageMaker } = account;
    const { ModelArn } = await sageMaker.createModel({
      ModelName: 'm',
      PrimaryContainer: { Image: 'simulated/x' },
      Tags: [{ Key: 'rollout', Value: 'one' }],
    });
    await sageMaker.addTags({ ResourceArn: ModelArn, Tags: [{ Key: 'rollout', Value: 'two' }] });
    const { Tags } = await sageMaker.listTags({ ResourceArn: ModelArn });
    assert.deepEqual(Tags, [{ Key: 'rollout', Value: 'two' }]);
    const described = await sageMaker.describeModel({ ModelName: 'm' });
    assert.equal('Tags' in described, false);
  });
});
