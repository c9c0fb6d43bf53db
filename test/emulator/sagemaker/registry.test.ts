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

  it('UpdateModelPackage: metadata, specification, source -> described, and used by models', async () => {
    const { sageMaker } = account;
    const { ModelPackageArn } = await sageMaker.createModelPackage({
      ...version('run-1'),
      CustomerMetadataProperties: { removed: '1', kept: '1', changed: '1' },
    });
    const describe = () => sageMaker.describeModelPackage({ ModelPackageName: ModelPackageArn! });
    const specification = (Image: string) => ({
      Containers: [{ Image, ModelDataUrl: 's3://bucket/model.tar.gz' }],
    });
    await sageMaker.updateModelPackage({
      ModelPackageArn: ModelPackageArn!,
      ModelApprovalStatus: 'Approved',
      CustomerMetadataProperties: { changed: '2', added: '2' },
      CustomerMetadataPropertiesToRemove: ['removed'],
      InferenceSpecification: specification('simulated/y'),
      SourceUri: 's3://bucket/source',
    });
    const updated = await describe();
    assert.deepEqual(updated.CustomerMetadataProperties, { kept: '1', changed: '2', added: '2' });
    assert.equal(updated.InferenceSpecification?.Containers?.[0]?.Image, 'simulated/y');
    assert.equal(updated.SourceUri, 's3://bucket/source');
    await sageMaker.updateModelPackage({
      ModelPackageArn: ModelPackageArn!,
      CustomerMetadataPropertiesToRemove: ['kept', 'changed', 'added'],
      AdditionalInferenceSpecificationsToAdd: [{ Name: 'small', ...specification('simulated/small') }],
    });
    const again = await describe();
    assert.equal(again.CustomerMetadataProperties, undefined);
    assert.equal(again.InferenceSpecification?.Containers?.[0]?.Image, 'simulated/y');
    assert.deepEqual(
      again.AdditionalInferenceSpecifications?.map((each) => each.Name),
      ['small'],
    );
    const tooMany = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, '1']));
    const update = { ModelPackageArn: ModelPackageArn!, CustomerMetadataProperties: tooMany };
    await sageMaker.updateModelPackage(update);
    await assert.rejects(
      sageMaker.updateModelPackage({ ...update, CustomerMetadataProperties: { one: 'more' } }),
      { name: 'ValidationException', message: /at most 50 metadata properties/ },
    );
  });

  it('ListModelPackages: filter and type -> versions of the group; summaries have no customer metadata', async () => {
    const { sageMaker } = account;
    const stage = { Stage: 'Development', StageStatus: 'Approved' };
    const approved = await sageMaker.createModelPackage({
      ...version('run-1'),
      ModelApprovalStatus: 'Approved',
      ModelLifeCycle: stage,
      CustomerMetadataProperties: { owner: 'search' },
    });
    await sageMaker.createModelPackage(version('run-2'));
    const listed = async (request: object) =>
      (await sageMaker.listModelPackages(request)).ModelPackageSummaryList ?? [];
    const [summary, ...others] = await listed({
      ModelPackageGroupName: 'digits',
      ModelApprovalStatus: 'Approved',
    });
    assert.deepEqual(others, []);
    assert.equal(summary?.ModelPackageArn, approved.ModelPackageArn);
    assert.deepEqual(summary?.ModelLifeCycle, stage);
    assert.equal('CustomerMetadataProperties' in summary, false);
    assert.equal('InferenceSpecification' in summary, false);
    assert.equal((await listed({})).length, 0);
    assert.equal((await listed({ ModelPackageType: 'Versioned' })).length, 2);
    await assert.rejects(listed({ ModelPackageGroupName: 'absent' }), { name: 'ValidationException' });
  });

  it('DescribeModel: members that the request leaves out -> their defaults', async () => {
    const { sageMaker } = account;
    await sageMaker.createModel({ ModelName: 'm', PrimaryContainer: { Image: 'simulated/x' } });
    const described = await sageMaker.describeModel({ ModelName: 'm' });
    assert.equal(described.EnableNetworkIsolation, false);
    assert.deepEqual(described.PrimaryContainer, {
      ...{ Image: 'simulated/x', Mode: 'SingleModel', Environment: {} },
    });
  });

  it('ListMonitoringSchedules -> none', async () => {
    const { MonitoringScheduleSummaries } = await account.sageMaker.listMonitoringSchedules({
      EndpointName: 'shop',
    });
    assert.deepEqual(MonitoringScheduleSummaries, []);
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
