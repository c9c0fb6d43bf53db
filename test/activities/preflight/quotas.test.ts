import assert from 'node:assert/strict';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import {
  endpointNeeds,
  judgeQuotas,
  lastUpdateNeeds,
} from '../../../src/activities/preflight/check-quotas.js';
import { createInstanceQuotaReader } from '../../../src/activities/preflight/instance-quotas.js';
import type { InitialEndpoint } from '../../../src/activities/interface/endpoint.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { ActivityTestEnvironment, failureOf } from '../activity-environment.js';
import { preflightPlan } from './preflight-plan.js';

const name = 'ml.m5.large for endpoint usage';
const training = {
  ...{
    jobName: 'digits-1a2b3c4d-b',
    image: 'i',
    servingImage: 'i',
    role: 'r',
    input: {},
    output: 's3://b/o',
  },
  instance: { type: 'ml.m5.xlarge', count: 3, volumeGb: 30 },
  ...{ stopAfterSeconds: 3600, hyperparameters: {} },
};

/** The finding is a runbook entry. */
function isEntry(message: string) {
  return (error: Error): true => {
    assertRunbookEntry(error.message, message);
    return true;
  };
}

async function preflight(instanceLimits: Record<string, number>, changes: Partial<Plan> = {}) {
  const testEnv = await ActivityTestEnvironment.open({ sageMaker: { instanceLimits } });
  try {
    await testEnv.putModel('digits-v2');
    await testEnv.putAlarm('digits-5xx', 'OK');
    await testEnv.putLiveEndpoint();
    return await testEnv.run('preflight', { plan: preflightPlan(changes) });
  } finally {
    await testEnv.close();
  }
}

describe('preflight: quotas', () => {
  it('quota of instances: less than baseline and candidate need together -> finding with the numbers', async () => {
    await assert.rejects(
      preflight({ [name]: 3 }),
      isEntry('the quota "Q" is N, and the rollout needs M: ...'),
    );
  });

  it('quota of instances: just enough -> no finding and no warning', async () => {
    assert.equal((await preflight({ [name]: 4 })).warnings, undefined);
  });

  it('stable names: enough for both, but not for the second fleet of the last update -> warning with the numbers', async () => {
    const serve = { ...preflightPlan().serve, variantNames: { kind: 'stable' as const } };
    const { warnings = [] } = await preflight({ [name]: 4 }, { serve });
    assert.deepEqual(warnings, [
      `the quota "${name}" is 4, and the last update can need 6: 2 of the baseline, 2 of the candidate and 2 of the second fleet; ask Service Quotas for an increase to 6 or more, or change serve.instance, serve.count or serve.variantNames`,
    ]);
    assertRunbookEntry(warnings[0], 'the quota "Q" is N, and the last update can need M: ...');
    assert.equal((await preflight({ [name]: 6 }, { serve })).warnings, undefined);
  });

  it('stable names: not enough for both -> only the finding', async () => {
    const serve = { ...preflightPlan().serve, variantNames: { kind: 'stable' as const } };
    await assert.rejects(preflight({ [name]: 3 }, { serve }), (error: Error) => {
      assert.equal(error.message.match(/the quota/g)?.length, 1);
      assert.doesNotMatch(error.message, /last update/);
      return true;
    });
  });

  it('quota of training instances: less than the jobs need -> finding', async () => {
    const candidate = { kind: 'train', modelName: 'digits-1a2b3c4d-b', training } as const;
    await assert.rejects(
      preflight(
        { 'ml.m5.xlarge for training job usage': 2 },
        { models: { baseline: { kind: 'live' }, candidate } },
      ),
      failureOf(
        'PreflightFailed',
        /"ml\.m5\.xlarge for training job usage" is 2, .*3 to train the candidate/,
      ),
    );
  });

  it('quota of Spot training instances: enough of them -> no finding, whatever the other quota', async () => {
    const spot = { ...training, settings: { EnableManagedSpotTraining: true } };
    const candidate = { kind: 'train', modelName: 'digits-1a2b3c4d-b', training: spot } as const;
    const limits = {
      'ml.m5.xlarge for training job usage': 0,
      'ml.m5.xlarge for spot training job usage': 3,
    };
    const models = { baseline: { kind: 'live' }, candidate } as const;
    assert.equal((await preflight(limits, { models })).warnings, undefined);
  });

  it('quota of instances: denied, or not answered -> one warning, and the rollout starts', async () => {
    for (const kind of ['accessDenied', 'error500', 'throttle'] as const) {
      const testEnv = await ActivityTestEnvironment.open();
      try {
        await testEnv.putModel('digits-v2');
        await testEnv.putAlarm('digits-5xx', 'OK');
        await testEnv.putLiveEndpoint();
        testEnv.emulator.faults.add({ operation: 'ListServiceQuotas', kind, every: 1 });
        const { warnings = [] } = await testEnv.run('preflight', { plan: preflightPlan() });
        assert.equal(warnings.length, 1);
        assertRunbookEntry(warnings[0], 'cannot check that the quotas ... are large enough: ...');
      } finally {
        await testEnv.close();
      }
    }
  });

  it('quota of instances: read again -> its code is known, so the list is not', async () => {
    const testEnv = await ActivityTestEnvironment.open();
    try {
      await testEnv.putModel('digits-v2');
      await testEnv.putAlarm('digits-5xx', 'OK');
      await testEnv.putLiveEndpoint();
      await testEnv.run('preflight', { plan: preflightPlan() });
      const pages = testEnv.calls('ListServiceQuotas');
      await testEnv.run('preflight', { plan: preflightPlan() });
      assert.deepEqual([testEnv.calls('ListServiceQuotas'), testEnv.calls('GetServiceQuota')], [pages, 1]);
    } finally {
      await testEnv.close();
    }
  });

  it('quota with a usage metric: the account uses too much -> warning with the numbers', async () => {
    const UsageMetric = {
      ...{ MetricNamespace: 'AWS/Usage', MetricName: 'ResourceCount' },
      MetricDimensions: { Service: 'SageMaker', Resource: 'endpoint/ml.m5.large' },
    };
    const Quotas = [{ QuotaName: name, QuotaCode: 'L-1', Value: 10, UsageMetric }];
    const answering = (answer: object) => ({ send: () => Promise.resolve(answer) });
    const reader = createInstanceQuotaReader(
      answering({ Quotas }) as unknown as ServiceQuotasClient,
      answering({ MetricDataResults: [{ Values: [9, 4] }] }) as unknown as CloudWatchClient,
    );
    const read = await reader.readQuotas([name], Date.now());
    assert.deepEqual(read.get(name), { value: { limit: 10, used: 9 } });
    const needs = endpointNeeds(preflightPlan(), live(2));
    const { findings, warnings } = judgeQuotas(needs, read);
    assert.deepEqual(findings, []);
    assertRunbookEntry(warnings[0], 'the quota "Q" is N, the account uses U, and the rollout adds A; ...');
  });

  const live = (count: number) =>
    ({ kind: 'live', instanceType: 'ml.m5.large', count }) as InitialEndpoint & { kind: 'live' };
  const serving = (changes: Partial<Plan['serve']>) => ({ serve: { ...preflightPlan().serve, ...changes } });
  const cases: {
    what: string;
    plan: Partial<Plan>;
    starting: InitialEndpoint;
    expected: [string, number][];
  }[] = [
    { what: 'all instances of both', plan: {}, starting: live(3), expected: [['ml.m5.large', 6]] },
    {
      what: 'both scaled to their shares',
      plan: serving({ capacity: 'scaleBoth' }),
      starting: live(3),
      expected: [['ml.m5.large', 4]],
    },
    {
      what: 'another type for the candidate',
      plan: serving({ instanceType: 'ml.c5.large', count: 5 }),
      starting: live(3),
      expected: [['ml.c5.large', 5]],
    },
    {
      what: 'a new endpoint with a baseline',
      plan: {
        ...serving({ instanceType: 'ml.m5.large', count: 2 }),
        models: {
          baseline: { kind: 'model', modelName: 'a' },
          candidate: { kind: 'model', modelName: 'b' },
        },
      },
      starting: { kind: 'absent' },
      expected: [['ml.m5.large', 4]],
    },
  ];
  const stable = { variantNames: { kind: 'stable' as const } };
  const lastUpdates: [what: string, plan: Partial<Plan>, starting: InitialEndpoint, needs: object | null][] =
    [
      ['stable names', serving(stable), live(3), { type: 'ml.m5.large', together: 9, added: 6 }],
      ['per rollout', serving({ variantNames: { kind: 'perRollout' } }), live(3), null],
      [
        'two endpoints',
        { topology: 'endpoints', ...serving({ variantNames: { kind: 'perRollout' } }) },
        live(3),
        { type: 'ml.m5.large', together: 9, added: 6 },
      ],
      [
        'a baseline that is scaled in before',
        { rollbackWindow: { seconds: 600, baseline: 'scaledIn' }, ...serving(stable) },
        live(3),
        { type: 'ml.m5.large', together: 7, added: 4 },
      ],
      [
        'another type for the candidate',
        serving({ ...stable, instanceType: 'ml.c5.large', count: 5 }),
        live(3),
        { type: 'ml.c5.large', together: 10, added: 10 },
      ],
      [
        'no baseline',
        {
          ...serving({ ...stable, instanceType: 'ml.m5.large', count: 2 }),
          models: { baseline: { kind: 'none' }, candidate: { kind: 'model', modelName: 'b' } },
        },
        { kind: 'absent' },
        null,
      ],
    ];
  for (const [what, plan, starting, expected] of lastUpdates)
    it(`instances that the last update needs: ${what} -> ${expected === null ? 'no more' : 'a second fleet'}`, () => {
      const [need = null] = lastUpdateNeeds(preflightPlan(plan), starting);
      const found = need && {
        type: need.quota.replace(/ .*/, ''),
        ...{ together: need.together, added: need.added },
      };
      assert.deepEqual(found, expected);
    });

  for (const { what, plan, starting, expected } of cases) {
    it(`instances that a rollout needs: ${what} -> ${expected.map(([type, count]) => `${count} × ${type}`).join()}`, () => {
      assert.deepEqual(
        endpointNeeds(preflightPlan(plan), starting).map(({ quota, together }) => [quota, together]),
        expected.map(([type, count]) => [`${type} for endpoint usage`, count]),
      );
    });
  }
});
