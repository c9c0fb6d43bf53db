import assert from 'node:assert/strict';
import { type Account, createConfig, createModels, openAccount } from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

const names = ['cat-one', 'dog', 'cat-two'];

/** One list operation each: how the thing is made, and the names that a list of it has. */
const lists: {
  what: string;
  make: (account: Account, name: string) => Promise<unknown>;
  list: (account: Account, request: object) => Promise<{ found: (string | undefined)[]; NextToken?: string }>;
  newestFirst: boolean;
}[] = [
  {
    what: 'models',
    make: ({ sageMaker }, name) => createModels(sageMaker, name),
    list: async ({ sageMaker }, request) => {
      const { Models = [], ...rest } = await sageMaker.listModels(request);
      return { found: Models.map((each) => each.ModelName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    what: 'endpoint configs',
    make: ({ sageMaker }, name) => createConfig(sageMaker, name, { model: 1 }),
    list: async ({ sageMaker }, request) => {
      const { EndpointConfigs = [], ...rest } = await sageMaker.listEndpointConfigs(request);
      return { found: EndpointConfigs.map((each) => each.EndpointConfigName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    what: 'endpoints',
    make: ({ sageMaker }, EndpointName) =>
      sageMaker.createEndpoint({ EndpointName, EndpointConfigName: 'config' }),
    list: async ({ sageMaker }, request) => {
      const { Endpoints = [], ...rest } = await sageMaker.listEndpoints(request);
      return { found: Endpoints.map((each) => each.EndpointName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    what: 'training jobs',
    make: ({ sageMaker }, name) =>
      sageMaker.createTrainingJob(trainingRequest(name, 'simulated/x', { train: 's3://bucket/train' })),
    list: async ({ sageMaker }, request) => {
      const { TrainingJobSummaries = [], ...rest } = await sageMaker.listTrainingJobs(request);
      return { found: TrainingJobSummaries.map((each) => each.TrainingJobName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    what: 'model package groups',
    make: ({ sageMaker }, ModelPackageGroupName) =>
      sageMaker.createModelPackageGroup({ ModelPackageGroupName }),
    list: async ({ sageMaker }, request) => {
      const { ModelPackageGroupSummaryList = [], ...rest } = await sageMaker.listModelPackageGroups(request);
      return {
        found: ModelPackageGroupSummaryList.map((each) => each.ModelPackageGroupName),
        ...tokenOf(rest),
      };
    },
    newestFirst: false,
  },
];

function tokenOf({ NextToken }: { NextToken?: string | undefined }): { NextToken?: string } {
  return NextToken === undefined ? {} : { NextToken };
}

for (const { what, make, list, newestFirst } of lists) {
  describe(`emulated list of ${what}`, () => {
    let account: Account;
    let times: Date[];
    before(async () => {
      account = await openAccount();
      await createModels(account.sageMaker, 'model');
      await createConfig(account.sageMaker, 'config', { model: 1 });
      account.clock.pass(60);
      times = [];
      for (const name of names) {
        times.push(new Date(account.clock.now()));
        await make(account, name);
        account.clock.pass(60);
      }
    });
    after(() => account.emulator.stop());

    const ours = async (request: object) =>
      (await list(account, request)).found.filter((name) => names.includes(name ?? ''));

    it('comes in the order of creation, its own way round unless asked', async () => {
      const usual = await ours({});
      const ascending = await ours({ SortBy: 'CreationTime', SortOrder: 'Ascending' });
      assert.deepEqual(ascending, names);
      assert.deepEqual(usual, newestFirst ? [...names].reverse() : names);
      assert.deepEqual(await ours({ SortBy: 'Name', SortOrder: 'Ascending' }), ['cat-one', 'cat-two', 'dog']);
    });

    it('keeps what the filters let through', async () => {
      assert.deepEqual((await ours({ NameContains: 'cat' })).sort(), ['cat-one', 'cat-two']);
      assert.deepEqual(await ours({ CreationTimeAfter: times[1], CreationTimeBefore: times[2] }), ['dog']);
    });

    it('comes page by page', async () => {
      const seen: (string | undefined)[] = [];
      let token: string | undefined;
      do {
        const { found, NextToken } = await list(account, {
          MaxResults: 1,
          ...(token === undefined ? {} : { NextToken: token }),
        });
        assert.ok(found.length <= 1);
        seen.push(...found);
        token = NextToken;
      } while (token !== undefined);
      assert.deepEqual(seen.filter((name) => names.includes(name ?? '')).sort(), [...names].sort());
    });
  });
}

describe('emulated registry and tags at their end', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  it('refuse to delete a group that is not empty with a ConflictException', async () => {
    const { sageMaker } = account;
    const group = { ModelPackageGroupName: 'digits' };
    await sageMaker.createModelPackageGroup(group);
    const { ModelPackageArn } = await sageMaker.createModelPackage(group);
    await assert.rejects(sageMaker.deleteModelPackageGroup(group), { name: 'ConflictException' });
    await sageMaker.deleteModelPackage({ ModelPackageName: ModelPackageArn });
    await sageMaker.deleteModelPackageGroup(group);
    await assert.rejects(sageMaker.describeModelPackageGroup(group), { name: 'ValidationException' });
  });

  it('drop the tags that are named and leave the others', async () => {
    const { sageMaker } = account;
    const { ModelArn: ResourceArn } = await sageMaker.createModel({
      ModelName: 'm',
      PrimaryContainer: { Image: 'simulated/x' },
      Tags: [
        { Key: 'one', Value: '1' },
        { Key: 'two', Value: '2' },
      ],
    });
    await sageMaker.deleteTags({ ResourceArn, TagKeys: ['one', 'never'] });
    assert.deepEqual((await sageMaker.listTags({ ResourceArn })).Tags, [{ Key: 'two', Value: '2' }]);
  });
});
