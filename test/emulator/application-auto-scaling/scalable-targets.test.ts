import assert from 'node:assert/strict';
import { type Account, createConfig, createModels, settledSeconds, shopOf } from '../aws-account.js';
import {
  activitiesOf,
  instancesOf,
  ofTarget,
  openShop,
  resource,
  setInstances,
  track,
} from './scaled-shop.js';

const refused = (message: RegExp) => ({ name: 'ValidationException', message });

describe('emulated scalable targets', () => {
  let account: Account;
  beforeEach(async () => (account = await openShop()));
  afterEach(() => account.emulator.stop());

  const register = (request: object) =>
    account.autoScaling.registerScalableTarget({ ...resource, ...request });
  const describeTargets = async () =>
    (await account.autoScaling.describeScalableTargets(ofTarget)).ScalableTargets;

  it('RegisterScalableTarget: new variant -> described with its limits and the service-linked role', async () => {
    const { ScalableTargetARN } = await register({ MinCapacity: 1, MaxCapacity: 4, Tags: { team: 'shop' } });
    assert.match(
      ScalableTargetARN ?? '',
      /^arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target\/[0-9a-f]{32}$/,
    );
    assert.deepEqual(await describeTargets(), [
      {
        ...resource,
        MinCapacity: 1,
        MaxCapacity: 4,
        RoleARN:
          'arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint',
        CreationTime: new Date(account.clock.now()),
        SuspendedState: {
          DynamicScalingInSuspended: false,
          DynamicScalingOutSuspended: false,
          ScheduledScalingSuspended: false,
        },
        ScalableTargetARN,
      },
    ]);
  });

  it('RegisterScalableTarget: registered variant -> keeps what the request does not name', async () => {
    const first = await register({
      ...{ MinCapacity: 1, MaxCapacity: 4, RoleARN: 'arn:aws:iam::123456789012:role/scaler' },
      SuspendedState: { DynamicScalingInSuspended: true },
    });
    account.clock.advance(60);
    const second = await register({ MaxCapacity: 6, SuspendedState: { ScheduledScalingSuspended: true } });
    assert.equal(second.ScalableTargetARN, first.ScalableTargetARN);
    const [target] = (await describeTargets()) ?? [];
    assert.deepEqual(
      [target?.MinCapacity, target?.MaxCapacity, target?.RoleARN],
      [1, 6, 'arn:aws:iam::123456789012:role/scaler'],
    );
    assert.deepEqual(target?.SuspendedState, {
      DynamicScalingInSuspended: true,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: true,
    });
    assert.equal(target.CreationTime?.getTime(), account.clock.now() - 60_000);
  });

  it('RegisterScalableTarget: present instances outside of the limits -> move into them, with an activity', async () => {
    await register({ MinCapacity: 3, MaxCapacity: 4 });
    const [begun] = await activitiesOf(account);
    assert.deepEqual(
      [begun?.Description, begun?.Cause, begun?.StatusCode, begun?.EndTime],
      ['Setting desired instance count to 3.', 'minimum capacity was set to 3', 'InProgress', undefined],
    );
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 3);
    const [ended] = await activitiesOf(account);
    assert.equal(ended?.StatusCode, 'Successful');
    assert.equal(
      ended.StatusMessage,
      'Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker.',
    );
    assert.equal((ended.EndTime?.getTime() ?? 0) - (ended.StartTime?.getTime() ?? 0), 2_000);
    await register({ MinCapacity: 1, MaxCapacity: 2 });
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 2);
    assert.equal((await activitiesOf(account))[0]?.Cause, 'maximum capacity was set to 2');
  });

  it('RegisterScalableTarget: endpoint is Updating -> registered, the instances stay', async () => {
    await shopOf(account).change('b', { DesiredWeight: 1 });
    await register({ MinCapacity: 3, MaxCapacity: 4 });
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 1);
    assert.deepEqual(await activitiesOf(account), []);
  });

  it('UpdateEndpointWeightsAndCapacities: outside of the limits -> accepted, registering moves it back', async () => {
    await register({ MinCapacity: 1, MaxCapacity: 2 });
    await setInstances(account, 5);
    assert.equal(await instancesOf(account), 5);
    await register({});
    account.clock.advance(settledSeconds);
    assert.equal(await instancesOf(account), 2);
  });

  it('RegisterScalableTarget: invalid limits -> refused', async () => {
    await assert.rejects(register({ MaxCapacity: 4 }), refused(/^Minimum capacity must be specified$/));
    await assert.rejects(register({ MinCapacity: 1 }), refused(/^Maximum capacity must be specified$/));
    await assert.rejects(
      register({ MinCapacity: 3, MaxCapacity: 2 }),
      refused(/^Maximum capacity cannot be less than minimum capacity$/),
    );
    await assert.rejects(
      register({ MinCapacity: 0, MaxCapacity: 2 }),
      refused(/^Minimum capacity cannot be less than 1$/),
    );
    assert.deepEqual(await describeTargets(), []);
  });

  it('RegisterScalableTarget: unknown endpoint or variant, other case of the name -> refused', async () => {
    const limits = { MinCapacity: 1, MaxCapacity: 2 };
    for (const [ResourceId, message] of [
      ['endpoint/none/variant/a', /^Could not find endpoint "arn:.*endpoint\/none"\.$/],
      ['endpoint/shop/variant/none', /^Could not find variant "none" in endpoint/],
      ['endpoint/SHOP/variant/a', /^Could not find endpoint/],
      ['shop', /^Unsupported service namespace, resource type or scalable dimension$/],
    ] as const)
      await assert.rejects(register({ ...limits, ResourceId }), refused(message));
  });

  it('RegisterScalableTarget: burstable or serverless variant -> refused', async () => {
    const { sageMaker, clock } = account;
    await createModels(sageMaker, 'small', 'serverless');
    const variants = {
      small: { InstanceType: 'ml.t2.medium', InitialInstanceCount: 1 },
      serverless: { ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } },
    } as const;
    for (const [name, variant] of Object.entries(variants)) {
      const ProductionVariants = [{ VariantName: 'v', ModelName: name, ...variant }];
      await sageMaker.createEndpointConfig({ EndpointConfigName: name, ProductionVariants });
      await sageMaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
    }
    clock.advance(settledSeconds);
    const limits = { MinCapacity: 1, MaxCapacity: 2 };
    await assert.rejects(
      register({ ...limits, ResourceId: 'endpoint/small/variant/v' }),
      refused(/^You cannot register a variant with ml\.t2\.medium instance type as a scalable target\./),
    );
    await assert.rejects(
      register({ ...limits, ResourceId: 'endpoint/serverless/variant/v' }),
      refused(/has no instances/),
    );
  });

  it('RegisterScalableTarget: other dimensions and namespaces -> refused by name, describes are empty', async () => {
    const { autoScaling } = account;
    const limits = { MinCapacity: 1, MaxCapacity: 2 };
    for (const [ServiceNamespace, ScalableDimension, ResourceId] of [
      ['sagemaker', 'sagemaker:inference-component:DesiredCopyCount', 'inference-component/x'],
      ['sagemaker', 'sagemaker:variant:DesiredProvisionedConcurrency', 'endpoint/shop/variant/a'],
      ['ecs', 'ecs:service:DesiredCount', 'service/default/x'],
    ] as const) {
      await assert.rejects(
        register({ ...limits, ServiceNamespace, ScalableDimension, ResourceId }),
        refused(new RegExp(`^The scalable dimension ${ScalableDimension} is not emulated\\.`)),
      );
      const { ScalableTargets } = await autoScaling.describeScalableTargets({ ServiceNamespace });
      assert.deepEqual(ScalableTargets, []);
    }
    await assert.rejects(
      register({ ...limits, ServiceNamespace: 'ecs' }),
      refused(/^Unsupported service namespace, resource type or scalable dimension$/),
    );
  });

  it('DescribeScalableTargets: several -> filtered by resource, in pages', async () => {
    const { autoScaling } = account;
    await register({ MinCapacity: 1, MaxCapacity: 2 });
    await register({ MinCapacity: 1, MaxCapacity: 2, ResourceId: 'endpoint/shop/variant/b' });
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await autoScaling.describeScalableTargets({
        ...{ ServiceNamespace: 'sagemaker', MaxResults: 1 },
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      assert.equal(page.ScalableTargets?.length, 1);
      ids.push(page.ScalableTargets[0]?.ResourceId);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(ids, ['endpoint/shop/variant/a', 'endpoint/shop/variant/b']);
    const named = await autoScaling.describeScalableTargets({
      ServiceNamespace: 'sagemaker',
      ResourceIds: ['endpoint/shop/variant/b'],
      ScalableDimension: resource.ScalableDimension,
    });
    assert.deepEqual(
      named.ScalableTargets?.map(({ ResourceId }) => ResourceId),
      ['endpoint/shop/variant/b'],
    );
    await assert.rejects(
      autoScaling.describeScalableTargets({ ServiceNamespace: 'sagemaker', NextToken: 'x' }),
      { name: 'InvalidNextTokenException' },
    );
    await assert.rejects(
      autoScaling.describeScalableTargets({
        ServiceNamespace: 'sagemaker',
        ScalableDimension: resource.ScalableDimension,
      }),
      refused(/ResourceIds must be specified/),
    );
  });

  it('DeregisterScalableTarget: with policy and scheduled action -> all gone, with the alarms; instances stay', async () => {
    const { autoScaling, cloudWatch } = account;
    await track(account, { limits: [2, 4] });
    account.clock.advance(settledSeconds);
    await autoScaling.putScheduledAction({
      ...{ ...resource, ScheduledActionName: 'night', Schedule: 'cron(0 22 * * ? *)' },
      ScalableTargetAction: { MaxCapacity: 2 },
    });
    assert.equal((await cloudWatch.describeAlarms({})).MetricAlarms?.length, 2);
    await autoScaling.deregisterScalableTarget(resource);
    assert.deepEqual(await describeTargets(), []);
    assert.deepEqual((await autoScaling.describeScalingPolicies(ofTarget)).ScalingPolicies, []);
    assert.deepEqual((await autoScaling.describeScheduledActions(ofTarget)).ScheduledActions, []);
    assert.deepEqual((await cloudWatch.describeAlarms({})).MetricAlarms, []);
    assert.equal(await instancesOf(account), 2);
    await assert.rejects(autoScaling.deregisterScalableTarget(resource), {
      name: 'ObjectNotFoundException',
      message: `No scalable target found for service namespace: sagemaker, resource ID: ${resource.ResourceId}, scalable dimension: ${resource.ScalableDimension}`,
    });
  });

  it('tags: of a target -> added, changed, removed; unknown ARN -> not found', async () => {
    const { autoScaling } = account;
    const request = { MinCapacity: 1, MaxCapacity: 2, Tags: { team: 'shop' } };
    const { ScalableTargetARN: ResourceARN = '' } = await register(request);
    await autoScaling.tagResource({ ResourceARN, Tags: { team: 'web', stage: 'live' } });
    await autoScaling.untagResource({ ResourceARN, TagKeys: ['stage', 'unknown'] });
    assert.deepEqual((await autoScaling.listTagsForResource({ ResourceARN })).Tags, { team: 'web' });
    await assert.rejects(register(request), refused(/To update tags on an existing scalable target/));
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key-${index}`, '']));
    await assert.rejects(autoScaling.tagResource({ ResourceARN, Tags: many }), {
      name: 'TooManyTagsException',
    });
    await autoScaling.deregisterScalableTarget(resource);
    await assert.rejects(autoScaling.listTagsForResource({ ResourceARN }), {
      name: 'ResourceNotFoundException',
    });
  });

  it('DeleteEndpoint: with scaled variants -> deregisters them', async () => {
    await track(account);
    await shopOf(account).remove();
    assert.deepEqual(await describeTargets(), []);
    assert.deepEqual((await account.cloudWatch.describeAlarms({})).MetricAlarms, []);
  });

  it('DeleteEndpoint: without the permission to deregister -> refused, nothing changes', async () => {
    await track(account);
    account.emulator.faults.add({ operation: 'DeregisterScalableTarget', kind: 'accessDenied' });
    await assert.rejects(
      shopOf(account).remove(),
      refused(/does not have application-autoscaling:DeregisterScalableTarget permission/),
    );
    assert.equal((await shopOf(account).describe()).EndpointStatus, 'InService');
    assert.equal((await describeTargets())?.length, 1);
    await createConfig(account.sageMaker, 'unscaled', { b: 1 });
    await shopOf(account).remove();
  });
});
