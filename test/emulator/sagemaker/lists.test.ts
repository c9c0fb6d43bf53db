import assert from 'node:assert/strict';
import { type Account, createConfig, createModels, openAccount } from '../aws-account.js';
import { trainingRequest } from './training-fixtures.js';

const names = ['cat-one', 'dog', 'cat-two'];

/** One list operation each, with a function that creates an item, and one that returns the names of a list. */
const lists: {
  kind: string;
  make: (account: Account, name: string) => Promise<unknown>;
  list: (account: Account, request: object) => Promise<{ found: (string | undefined)[]; NextToken?: string }>;
  newestFirst: boolean;
}[] = [
  {
    kind: 'models',
    make: ({ sageMaker }, name) => createModels(sageMaker, name),
    list: async ({ sageMaker }, request) => {
      const { Models = [], ...rest } = await sageMaker.listModels(request);
      return { found: Models.map((each) => each.ModelName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    kind: 'endpoint configs',
    make: ({ sageMaker }, name) => createConfig(sageMaker, name, { model: 1 }),
    list: async ({ sageMaker }, request) => {
      const { EndpointConfigs = [], ...rest } = await sageMaker.listEndpointConfigs(request);
      return { found: EndpointConfigs.map((each) => each.EndpointConfigName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    kind: 'endpoints',
    make: ({ sageMaker }, EndpointName) =>
      sageMaker.createEndpoint({ EndpointName, EndpointConfigName: 'config' }),
    list: async ({ sageMaker }, request) => {
      const { Endpoints = [], ...rest } = await sageMaker.listEndpoints(request);
      return { found: Endpoints.map((each) => each.EndpointName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    kind: 'training jobs',
    make: ({ sageMaker }, name) =>
      sageMaker.createTrainingJob(trainingRequest(name, 'simulated/x', { train: 's3://bucket/train' })),
    list: async ({ sageMaker }, request) => {
      const { TrainingJobSummaries = [], ...rest } = await sageMaker.listTrainingJobs(request);
      return { found: TrainingJobSummaries.map((each) => each.TrainingJobName), ...tokenOf(rest) };
    },
    newestFirst: true,
  },
  {
    kind: 'model package groups',
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

for (const { kind, make, list, newestFirst } of lists) {
  describe(`list of ${kind}`, () => {
    let account: Account;
    let times: Date[];
    before(async () => {
      account = await openAccount();
      await createModels(account.sageMaker, 'model');
      await createConfig(account.sageMaker, 'config', { model: 1 });
      account.clock.advance(60);
      times = [];
      for (const name of names) {
        times.push(new Date(account.clock.now()));
        await make(account, name);
        account.clock.advance(60);
      }
    });
    after(() => account.emulator.stop());

    const ours = async (request: object) =>
      (await list(account, request)).found.filter((name) => names.includes(name ?? ''));

    it(`list of ${kind}: default or requested order -> by creation`, async () => {
      const byDefault = await ours({});
      const ascending = await ours({ SortBy: 'CreationTime', SortOrder: 'Ascending' });
      assert.deepEqual(ascending, names);
      assert.deepEqual(byDefault, newestFirst ? [...names].reverse() : names);
      assert.deepEqual(await ours({ SortBy: 'Name', SortOrder: 'Ascending' }), ['cat-one', 'cat-two', 'dog']);
    });

    it(`list of ${kind}: filters -> only matching items`, async () => {
      assert.deepEqual((await ours({ NameContains: 'cat' })).sort(), ['cat-one', 'cat-two']);
      assert.deepEqual(await ours({ CreationTimeAfter: times[1], CreationTimeBefore: times[2] }), ['dog']);
    });

    it(`list of ${kind}: several pages -> each item once`, async () => {
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

describe('ListTrainingJobs with filters', () => {
  it('ListTrainingJobs: match on the second page -> first page empty, with a NextToken', async () => {
    const account = await openAccount();
    const { sageMaker, clock, emulator } = account;
    for (const name of ['old-cat', ...names]) {
      await sageMaker.createTrainingJob(trainingRequest(name, 'simulated/x', { train: 's3://bucket/train' }));
      clock.advance(1);
    }
    await sageMaker.stopTrainingJob({ TrainingJobName: 'old-cat' });
    clock.advance(10);
    for (const filter of [{ NameContains: 'OLD' }, { StatusEquals: 'Stopped' as const }]) {
      const first = await sageMaker.listTrainingJobs({ ...filter, MaxResults: 2 });
      assert.deepEqual(first.TrainingJobSummaries, []);
      const second = await sageMaker.listTrainingJobs({
        ...{ ...filter, MaxResults: 2 },
        NextToken: first.NextToken!,
      });
      assert.deepEqual(
        second.TrainingJobSummaries?.map((each) => each.TrainingJobName),
        ['old-cat'],
      );
      assert.equal(second.NextToken, undefined);
    }
    const pooled = await sageMaker.listTrainingJobs({ WarmPoolStatusEquals: 'Available' });
    assert.deepEqual(pooled.TrainingJobSummaries, []);
    await emulator.stop();
  });
});

describe('deletion of registry and tags', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  it('DeleteModelPackageGroup: group with packages -> ConflictException', async () => {
    const { sageMaker } = account;
    const group = { ModelPackageGroupName: 'digits' };
    await sageMaker.createModelPackageGroup(group);
    const { ModelPackageArn } = await sageMaker.createModelPackage(group);
    await assert.rejects(sageMaker.deleteModelPackageGroup(group), { name: 'ConflictException' });
    await sageMaker.deleteModelPackage({ ModelPackageName: ModelPackageArn });
    await sageMaker.deleteModelPackageGroup(group);
    await assert.rejects(sageMaker.describeModelPackageGroup(group), { name: 'ValidationException' });
  });

  it('DeleteTags: some keys -> only those tags are removed', async () => {
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
