import assert from 'node:assert/strict';
import type { Channel } from '../../../src/plan/compiled/notifications.js';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Goal } from '../../../src/plan/compiled/goal.js';
import { resourceNamesOf } from '../../../src/plan/compiled/names.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { errorRateGuardrail } from '../../analysis/verdicts/guardrails.js';
import { failureOf, ActivityTestEnvironment, variantOf } from '../activity-environment.js';

const rolloutId = 'digits-1a2b3c4d';

function planOf(changes: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    rolloutId,
    endpoint: 'digits',
    strategy: 'canary',
    topology: 'variants',
    models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'digits-v2' } },
    registration: null,
    serve: { instanceType: null, count: null, metricPeriodSeconds: 60, capacity: 'full' },
    validation: null,
    steps: [],
    guardrails: [{ kind: 'alarm', id: 'alarm-digits-5xx', alarmName: 'digits-5xx' }],
    goals: [],
    onInconclusive: 'hold',
    drift: 'hold',
    rollbackWindow: null,
    freeze: [],
    notify: [],
    limits: { deploySeconds: 3600, shiftSeconds: 600, rollbackSeconds: 3600, holdSeconds: 3600 },
    ...changes,
  };
}

const fresh: Partial<Plan> = {
  models: {
    baseline: { kind: 'model', modelName: 'digits-v1' },
    candidate: { kind: 'model', modelName: 'digits-v2' },
  },
  serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
};

describe('preflight', () => {
  let stage: ActivityTestEnvironment;
  beforeEach(async () => {
    stage = await ActivityTestEnvironment.open();
    await stage.putModel('digits-v2');
    await stage.putAlarm('digits-5xx', 'OK');
  });
  afterEach(() => stage.close());

  function refused(changes: Partial<Plan>, message: RegExp): Promise<void> {
    return assert.rejects(
      stage.run('preflight', { plan: planOf(changes) }),
      failureOf('PreflightFailed', message),
    );
  }

  it('says what serves now', async () => {
    await stage.putLiveEndpoint();
    assert.deepEqual(await stage.run('preflight', { plan: planOf() }), {
      kind: 'live',
      configName: 'digits-config',
      variantName: 'main',
      modelName: 'digits-v1',
      instanceType: 'ml.m5.large',
      count: 2,
    });
  });

  it('takes an endpoint that is not there yet, and alarms without data', async () => {
    await stage.putModel('digits-v1');
    await stage.setAlarm('digits-5xx', 'INSUFFICIENT_DATA');
    assert.deepEqual(await stage.run('preflight', { plan: planOf(fresh) }), { kind: 'absent' });
  });

  it('changes nothing', async () => {
    await stage.putLiveEndpoint();
    const before = [...stage.emulator.calls].length;
    await stage.run('preflight', { plan: planOf() });
    const made = [...stage.emulator.calls].slice(before).map((call) => call.operation);
    assert.deepEqual(
      made.filter((operation) => !/^(Describe|List)/.test(operation)),
      [],
    );
  });

  it('lists all findings at once', async () => {
    await stage.setAlarm('digits-5xx', 'ALARM');
    await refused(
      { models: { baseline: { kind: 'live' }, candidate: { kind: 'model', modelName: 'none' } } },
      /does not exist, so the baseline cannot be live.*set serve.instance.*model none does not exist.*in ALARM/,
    );
  });

  it('refuses a new baseline on a live endpoint', async () => {
    await stage.putLiveEndpoint();
    await refused(fresh, /endpoint digits already serves digits-v1; set models.baseline to live/);
  });

  it('refuses an endpoint with more than one variant', async () => {
    await stage.putModel('digits-v1');
    await stage.putConfig('two', [variantOf('a', 'digits-v1'), variantOf('b', 'digits-v2')]);
    await stage.putEndpoint('two');
    await refused({}, /has 2 production variants, not one/);
  });

  it('refuses a missing alarm', async () => {
    await stage.putLiveEndpoint();
    await refused({ guardrails: [{ kind: 'alarm', id: 'x', alarmName: 'x' }] }, /alarm x does not exist/);
  });

  it('tries again to read alarms where CloudWatch fails for a while, and refuses where it may not', async () => {
    await stage.putLiveEndpoint();
    // The SDK asks three times.
    stage.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'error500', count: 3 });
    const attempts = stage.start('preflight', { plan: planOf() });
    assert.equal((await attempts.all()).kind, 'live');
    assert.equal(attempts.messages.length, 1);
    assert.match(attempts.messages[0] ?? '', /^alarm digits-5xx cannot be read \(InternalFailure/);
    stage.emulator.faults.add({ operation: 'DescribeAlarms', kind: 'accessDenied' });
    await refused({}, /alarm digits-5xx cannot be read \(AccessDenied/);
  });

  it('refuses names that others have taken, and accepts its own', async () => {
    await stage.putLiveEndpoint();
    const { sideBySideConfig, singleConfig } = resourceNamesOf(rolloutId);
    await stage.putConfig(sideBySideConfig, [variantOf('a', 'digits-v1')]);
    await refused(
      {},
      new RegExp(`endpoint config ${sideBySideConfig} already exists and was not created by a rollout`),
    );
    const deployment = {
      configName: singleConfig.candidate,
      owned: true,
      basedOn: 'digits-config',
      createsEndpoint: false,
      shadow: null,
      variants: [
        { name: 'main', modelName: 'digits-v1', instanceType: 'ml.m5.large', count: 1, weight: 100 },
      ],
      metricPeriodSeconds: 60,
    };
    await stage.run('deploy', { rolloutId, endpoint: 'digits', deployment });
    const message = /^endpoint config digits-1a2b3c4d-ab already exists and was not created by a rollout$/;
    await refused({}, message);
  });

  it('takes an endpoint that is not there yet for a candidate alone, and refuses one that is live', async () => {
    const alone: Partial<Plan> = {
      ...fresh,
      models: { baseline: { kind: 'none' }, candidate: { kind: 'model', modelName: 'digits-v2' } },
    };
    assert.deepEqual(await stage.run('preflight', { plan: planOf(alone) }), { kind: 'absent' });
    await stage.putLiveEndpoint();
    await refused(alone, /endpoint digits already serves digits-v1, so it has a baseline/);
  });

  it('refuses a shadow config and a second endpoint that others have taken', async () => {
    await stage.putLiveEndpoint();
    const { candidateEndpoint, shadowConfig } = resourceNamesOf(rolloutId);
    await stage.putConfig(shadowConfig, [variantOf('a', 'digits-v1')]);
    await stage.putEndpoint(shadowConfig, candidateEndpoint);
    await refused({}, /^endpoint config digits-1a2b3c4d-s already exists and was not created by a rollout$/);
    await refused({ topology: 'endpoints' }, /endpoint digits-1a2b3c4d already exists/);
  });

  describe('of own metrics', () => {
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
    const put = (MetricName: string) => {
      const Dimensions = [{ Name: 'Variant', Value: 'main' }];
      const MetricData = [{ MetricName, Dimensions, Value: 1, Timestamp: new Date(stage.nowMs) }];
      return stage.cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
    };

    it('names those that CloudWatch does not know', async () => {
      await stage.putLiveEndpoint();
      await put('Visitors');
      const goals = [goalOf({ Variant: '{variant}' })];
      await refused(
        { goals },
        /^CloudWatch has no metric Shop Conversions \(Variant=main\) with data in the last two weeks$/,
      );
      await put('Conversions');
      await stage.run('preflight', { plan: planOf({ goals }) });
      await refused({ goals: [goalOf({})] }, /no metric Shop Conversions with data/);
    });

    it('looks for those of an expression too, but for the candidate’s own', async () => {
      await stage.putLiveEndpoint();
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
      await refused(
        { guardrails: [computed('Vistors')] },
        /no metric Shop Vistors \(Variant=main\) with data/,
      );
      await stage.run('preflight', { plan: planOf({ guardrails: [computed('Visitors')] }) });
    });

    it('lets pass what cannot be known yet', async () => {
      await stage.putLiveEndpoint();
      const goals = [goalOf({ Role: '{role}' }), goalOf({ Rollout: '{rolloutId}' })];
      const own = { ...goalOf({}), total: { ...series('Clicks', {}), namespace: 'Penstock/Switch' } };
      await put('Visitors');
      const trials = series('Visitors', { Variant: '{variant}' });
      await stage.run('preflight', { plan: planOf({ goals: [...goals, { ...own, trials }] }) });
    });
  });

  it('names the environment variables that the worker lacks, and no value', async () => {
    await stage.close();
    stage = await ActivityTestEnvironment.open({}, 10, { HOOK_SECRET: 'hush', SLACK: '' });
    await stage.putModel('digits-v2');
    await stage.putLiveEndpoint();
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
    await refused(
      { guardrails: [], steps: [{ kind: 'gate', stage: 1, gate }], notify },
      new RegExp(
        '^gate review: the worker has no environment variable HOOK_URL; ' +
          'slack notifications: the worker has no environment variable SLACK; ' +
          'webhook notifications: the worker has no environment variable OTHER$',
      ),
    );
  });
});
