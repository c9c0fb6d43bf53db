import assert from 'node:assert/strict';
import type { Channel } from '../../../src/plan/compiled/notifications.js';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { assertRunbookEntry } from '../../support/runbook.js';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';
import { preflightPlan as planOf, rolloutId } from './preflight-plan.js';

const fresh: Partial<Plan> = {
  models: {
    baseline: { kind: 'model', modelName: 'digits-v1' },
    candidate: { kind: 'model', modelName: 'digits-v2' },
  },
  serve: {
    instanceType: 'ml.m5.large',
    count: 1,
    metricPeriodSeconds: 60,
    capacity: 'full',
  },
};

/** The emulator's. */
const startedIn = { account: '123456789012', region: 'us-east-1' };

describe('preflight', () => {
  let testEnv: ActivityTestEnvironment;
  beforeEach(async () => {
    testEnv = await ActivityTestEnvironment.open();
    await testEnv.putModel('digits-v2');
    await testEnv.putAlarm('digits-5xx', 'OK');
  });
  afterEach(() => testEnv.close());

  function expectFindings(changes: Partial<Plan>, message: RegExp): Promise<void> {
    return assert.rejects(
      testEnv.run('preflight', { plan: planOf(changes) }),
      failureOf('PreflightFailed', message),
    );
  }

  it('preflight: live endpoint -> returns its config, variant, model and count', async () => {
    await testEnv.putLiveEndpoint();
    assert.deepEqual(await testEnv.run('preflight', { plan: planOf() }), {
      kind: 'live',
      configName: 'digits-config',
      madeBy: null,
      settings: await testEnv.settingsOf('digits-config'),
      variantName: 'main',
      modelName: 'digits-v1',
      instanceType: 'ml.m5.large',
      count: 2,
      scaling: null,
      tags: { endpoint: {}, config: {}, model: {} },
      network: {},
      startedIn,
    });
  });

  it('preflight: endpoint absent, alarm without data -> absent', async () => {
    await testEnv.putModel('digits-v1');
    await testEnv.setAlarm('digits-5xx', 'INSUFFICIENT_DATA');
    assert.deepEqual(await testEnv.run('preflight', { plan: planOf(fresh) }), { kind: 'absent', startedIn });
  });

  it('preflight: any plan -> only Describe and List calls', async () => {
    await testEnv.putLiveEndpoint();
    const before = [...testEnv.emulator.calls].length;
    await testEnv.run('preflight', { plan: planOf() });
    const made = [...testEnv.emulator.calls].slice(before).map((call) => call.operation);
    assert.deepEqual(
      made.filter((operation) => !/^(Describe|List|Get|Simulate)/.test(operation)),
      [],
    );
  });

  it('preflight: several problems -> all findings in one message', async () => {
    await testEnv.setAlarm('digits-5xx', 'ALARM');
    await expectFindings(
      { models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'none' } } },
      /does not exist, so the baseline cannot be live.*set serve.instance.*model none does not exist.*in ALARM/,
    );
  });

  it('preflight: new baseline on a live endpoint -> finding', async () => {
    await testEnv.putLiveEndpoint();
    await expectFindings(fresh, /endpoint digits already serves digits-v1; set models.baseline to live/);
  });

  it('preflight: endpoint with two variants -> finding', async () => {
    await testEnv.putModel('digits-v1');
    await testEnv.putConfig('two', [variantOf('a', 'digits-v1'), variantOf('b', 'digits-v2')]);
    await testEnv.putEndpoint('two');
    await expectFindings(
      {},
      /has 2 production variants; set models.baseline to { variant: NAME } with one of/,
    );
  });

  it('preflight: alarm missing -> finding', async () => {
    await testEnv.putLiveEndpoint();
    await expectFindings(
      { guardrails: [{ kind: 'alarm', id: 'x', alarmName: 'x' }] },
      /alarm x does not exist/,
    );
  });

  it('preflight: CloudWatch fails for a time -> retries, access denied -> finding', async () => {
    await testEnv.putLiveEndpoint();
    // The SDK tries three times.
    testEnv.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'error500', count: 3 });
    const attempts = testEnv.start('preflight', { plan: planOf() });
    assert.equal((await attempts.all()).kind, 'live');
    assert.equal(attempts.messages.length, 1);
    assert.match(attempts.messages[0] ?? '', /^alarm digits-5xx cannot be read \(InternalFailure/);
    testEnv.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'accessDenied' });
    await expectFindings({}, /alarm digits-5xx cannot be read \(AccessDenied/);
  });

  it('preflight: names of another owner -> finding, own names -> none', async () => {
    await testEnv.putLiveEndpoint();
    const { sideBySideConfig, singleConfig } = resourceNamesOf(rolloutId);
    await testEnv.putConfig(sideBySideConfig, [variantOf('a', 'digits-v1')]);
    await expectFindings(
      {},
      new RegExp(`endpoint config ${sideBySideConfig} already exists and was not created by a rollout`),
    );
    const deployment = {
      configName: singleConfig.candidate,
      owned: true,
      base: { ProductionVariants: [variantOf('main', 'digits-v1')] },
      copies: null,
      replaces: null,
      createsEndpoint: false,
      shadow: null,
      variants: [
        { name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large', count: 1, weight: 100 },
      ],
      metricPeriodSeconds: 60,
      scaling: null,
      tags: { config: {}, endpoint: {} },
    };
    await testEnv.run('deploy', { rolloutId, endpoint: 'digits', deployment });
    const message = /^endpoint config digits-1a2b3c4d-ab already exists and was not created by a rollout$/;
    await expectFindings({}, message);
  });

  it('preflight: no baseline, endpoint absent -> absent, endpoint live -> finding', async () => {
    const alone: Partial<Plan> = {
      ...fresh,
      models: { baseline: { kind: 'none' }, candidate: { kind: 'model', modelName: 'digits-v2' } },
    };
    assert.deepEqual(await testEnv.run('preflight', { plan: planOf(alone) }), { kind: 'absent', startedIn });
    await testEnv.putLiveEndpoint();
    await expectFindings(alone, /endpoint digits already serves digits-v1, so it has a baseline/);
  });

  it('preflight: shadow config or second endpoint of another owner -> finding', async () => {
    await testEnv.putLiveEndpoint();
    const { candidateEndpoint, shadowConfig } = resourceNamesOf(rolloutId);
    await testEnv.putConfig(shadowConfig, [variantOf('a', 'digits-v1')]);
    await testEnv.putEndpoint(shadowConfig, candidateEndpoint);
    await expectFindings(
      {},
      /^endpoint config digits-1a2b3c4d-s already exists and was not created by a rollout$/,
    );
    await expectFindings({ topology: 'endpoints' }, /endpoint digits-1a2b3c4d already exists/);
  });

  describe('custom metrics', () => {
    const series = (name: string, dimensions: Record<string, string>) => {
      return { namespace: 'Shop', name, stat: 'Sum', dimensions };
    };
    const goalOf = (dimensions: Record<string, string>): Goal => ({
      id: 'goal:conversion',
      label: 'conversion',
      kind: 'proportion',
      higherIsBetter: true,
      total: series('Conversions', dimensions),
      squares: null,
      trials: series('Visitors', dimensions),
      windowSeconds: 60,
      dataDelaySeconds: 120,
    });
    const messageOf = (run: Promise<unknown>) =>
      run.then(
        () => assert.fail('no finding'),
        (error: unknown) => (error as Error).message,
      );
    const put = (MetricName: string, Value = 1, secondsAgo = 0) => {
      const Dimensions = [{ Name: 'Variant', Value: 'main' }];
      const MetricData = [
        { MetricName, Dimensions, Value, Timestamp: new Date(testEnv.nowMs - 1000 * secondsAgo) },
      ];
      return testEnv.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
    };

    it('preflight: custom metric unknown to CloudWatch -> finding', async () => {
      await testEnv.putLiveEndpoint();
      await put('Visitors');
      const goals = [goalOf({ Variant: '{variant}' })];
      await expectFindings(
        { goals },
        /^CloudWatch has no metric Shop Conversions \(Variant=main\) with data in the last two weeks$/,
      );
      await put('Conversions');
      await testEnv.run('preflight', { plan: planOf({ goals }) });
      await expectFindings({ goals: [goalOf({})] }, /no metric Shop Conversions with data/);
    });

    for (const [what, value, found] of [
      ['no whole number', 512.5, '512.5 in 600'],
      ['above the number of trials', 5_120, '5120 in 600'],
    ] as const)
      it(`preflight: total of a goal without squares is ${what} -> finding`, async () => {
        await testEnv.putLiveEndpoint();
        await put('Visitors', 600, 3_600);
        await put('Conversions', value, 3_600);
        const message = await messageOf(
          testEnv.run('preflight', { plan: planOf({ goals: [goalOf({ Variant: '{variant}' })] }) }),
        );
        assert.match(
          message,
          new RegExp(`^the goal conversion has no source.squares.* was ${found} of Shop Visitors`),
        );
        assertRunbookEntry(message, 'the goal X has no source.squares, so it counts trials, but ...');
      });

    it('preflight: total of a goal without squares is a count -> no finding', async () => {
      await testEnv.putLiveEndpoint();
      await put('Visitors', 600, 3_600);
      await put('Conversions', 30, 3_600);
      await testEnv.run('preflight', { plan: planOf({ goals: [goalOf({ Variant: '{variant}' })] }) });
    });

    it('preflight: expression with an unknown metric -> finding, except the candidate’s own', async () => {
      await testEnv.putLiveEndpoint();
      await put('Visitors');
      const { candidate } = resourceNamesOf(rolloutId).variant;
      const computed = (name: string) =>
        errorRateGuardrail({
          metric: {
            ...{ unit: 'none', scale: 1, expression: 'm1 / m2' },
            operands: {
              m1: series('Refunds', { Variant: candidate }),
              m2: series(name, { Variant: 'main' }),
            },
          },
        });
      await expectFindings(
        { guardrails: [computed('Vistors')] },
        /no metric Shop Vistors \(Variant=main\) with data/,
      );
      await testEnv.run('preflight', { plan: planOf({ guardrails: [computed('Visitors')] }) });
    });

    it('preflight: metrics that cannot exist yet -> no finding', async () => {
      await testEnv.putLiveEndpoint();
      const goals = [goalOf({ Role: '{role}' }), goalOf({ Rollout: '{rolloutId}' })];
      const own = { ...goalOf({}), total: { ...series('Clicks', {}), namespace: 'Penstock/Switch' } };
      await put('Visitors');
      const trials = series('Visitors', { Variant: '{variant}' });
      await testEnv.run('preflight', { plan: planOf({ goals: [...goals, { ...own, trials }] }) });
    });
  });

  it('preflight: variable of the judge missing -> finding', async () => {
    const judge = { address: { env: 'JUDGE_URL' }, secretEnv: null };
    const golden = { records: [{ body: 1, contentType: 'text/plain' }], minimumMatchPercent: 100, judge };
    await expectFindings(
      { validation: { smoke: null, golden, latency: null, load: null } },
      /golden judge: the worker has no environment variable JUDGE_URL/,
    );
  });

  it('preflight: environment variables missing -> finding with the names, without values', async () => {
    await testEnv.close();
    testEnv = await ActivityTestEnvironment.open({}, 10, { HOOK_SECRET: 'hush', SLACK: '' });
    await testEnv.putModel('digits-v2');
    await testEnv.putLiveEndpoint();
    const gate: Gate = {
      id: 'review',
      kind: 'webhook',
      address: { env: 'HOOK_URL' },
      secretEnv: 'HOOK_SECRET',
      everySeconds: 60,
      withinSeconds: null,
    };
    const notify: Channel[] = [
      { kind: 'slack', notificationEvents: ['page'], address: { env: 'SLACK' } },
      {
        kind: 'webhook',
        notificationEvents: ['page'],
        address: { url: 'https://example.com' },
        secretEnv: 'OTHER',
      },
    ];
    await expectFindings(
      { guardrails: [], steps: [{ kind: 'gate', stage: 1, gate }], notify },
      new RegExp(
        '^gate review: the worker has no environment variable HOOK_URL; ' +
          'slack notifications: the worker has no environment variable SLACK; ' +
          'webhook notifications: the worker has no environment variable OTHER$',
      ),
    );
    const inherited = { ...gate, address: { env: 'constructor' }, secretEnv: '__proto__' };
    await expectFindings(
      { guardrails: [], steps: [{ kind: 'gate', stage: 1, gate: inherited }] },
      /^gate review: the worker has no environment variable constructor; gate review: [^;]* __proto__$/,
    );
  });
});
