import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type EmulatorOptions } from '../../../src/emulator/emulator.js';
import {
  type Account,
  clientsOf,
  createConfig,
  createModels,
  createShop,
  ManualClock,
  settledSeconds,
  weightsOf,
} from '../aws-account.js';
import { trainingRequest } from '../sagemaker/training-fixtures.js';

const hour = 3600;
const words = 's3://examples/patient/data';

describe('state file', () => {
  let folder: string;
  let stateFile: string;
  let account: Account;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'penstock-state-'));
    stateFile = join(folder, 'state.json');
  });
  afterEach(async () => {
    await account.emulator.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(options: EmulatorOptions = {}, clock = new ManualClock('2026-03-01T12:00:00Z')) {
    const emulator = await startEmulator({ clock, stateFile, seed: 4, ...options });
    account = { emulator, clock, ...clientsOf(emulator) };
  }

  /** Stops the emulator, and starts it again after this time. */
  async function restart(awaySeconds = 0, options: EmulatorOptions = {}): Promise<void> {
    await account.emulator.stop();
    account.clock.advance(awaySeconds);
    await open(options, account.clock);
  }

  const changeWeight = (DesiredWeight: number) =>
    account.sageMaker.updateEndpointWeightsAndCapacities({
      EndpointName: 'shop',
      DesiredWeightsAndCapacities: [{ VariantName: 'b', DesiredWeight }],
    });

  const alarm = {
    AlarmName: 'shop-errors',
    Namespace: 'AWS/SageMaker',
    MetricName: 'Invocation5XXErrors',
    Dimensions: [
      { Name: 'EndpointName', Value: 'shop' },
      { Name: 'VariantName', Value: 'b' },
    ],
    Statistic: 'Average' as const,
    Period: 60,
    EvaluationPeriods: 2,
    Threshold: 0.05,
    ComparisonOperator: 'GreaterThanThreshold' as const,
  };

  async function readErrors(): Promise<unknown> {
    const { MetricDataResults } = await account.cloudWatch.getMetricData({
      MetricDataQueries: ['Average', 'SampleCount', 'Maximum'].map((Stat) => ({
        Id: Stat.toLowerCase(),
        MetricStat: { Metric: alarm, Period: 60, Stat },
      })),
      StartTime: new Date('2026-03-01T12:00:00Z'),
      EndTime: new Date('2026-03-02T12:00:00Z'),
    });
    return MetricDataResults;
  }

  /** All responses of the account, without the metadata of each response. */
  async function readAccount(): Promise<object> {
    const { sageMaker, cloudWatch } = account;
    const answers = await Promise.all([
      sageMaker.describeEndpoint({ EndpointName: 'shop' }),
      sageMaker.describeEndpointConfig({ EndpointConfigName: 'shop-config' }),
      sageMaker.describeModel({ ModelName: 'a' }),
      sageMaker.describeTrainingJob({ TrainingJobName: 'job' }),
      sageMaker.listModelPackages({ ModelPackageGroupName: 'models' }),
      sageMaker.listTags({ ResourceArn: 'arn:aws:sagemaker:us-east-1:123456789012:model/tagged' }),
      cloudWatch.describeAlarms({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      cloudWatch.describeAlarmHistory({ AlarmName: 'shop-errors' }),
    ]);
    return answers.map((answer) => ({ ...answer, $metadata: undefined }));
  }

  async function fillAccount(): Promise<void> {
    const { sageMaker, cloudWatch, clock } = account;
    await createShop(account, { a: 1, b: 1 });
    await createModels(sageMaker, 'spare');
    const Tags = [{ Key: 'rollout', Value: 'r1' }];
    await sageMaker.createModel({ ModelName: 'tagged', PrimaryContainer: { Image: 'x' }, Tags });
    await sageMaker.createModelPackageGroup({ ModelPackageGroupName: 'models' });
    await sageMaker.createModelPackage({ ModelPackageGroupName: 'models' });
    await cloudWatch.putMetricAlarm(alarm);
    await cloudWatch.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'ALARM("shop-errors")' });
    clock.advance(hour);
    await sageMaker.createTrainingJob(trainingRequest('job', 'simulated/x', { train: words }));
    await changeWeight(3);
  }

  const scenario: EmulatorOptions = {
    behaviours: [{ model: 'b', errorRate: 0.2 }],
    traffic: [{ endpoint: 'shop', requestsPerSecond: 50 }],
  };

  it('state: restart -> resources, alarms, history and changes in progress are restored', async () => {
    await open(scenario);
    await fillAccount();
    const before = await readAccount();
    const errors = await readErrors();
    await restart();
    assert.deepEqual(await readAccount(), before);
    assert.deepEqual(await readErrors(), errors);
    const { EndpointStatus } = await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
    assert.equal(EndpointStatus, 'Updating');
    account.clock.advance(settledSeconds);
    assert.equal((await weightsOf(account.sageMaker, 'shop'))['b']?.current, 3);
    const { TrainingJobStatus } = await account.sageMaker.describeTrainingJob({ TrainingJobName: 'job' });
    assert.equal(TrainingJobStatus, 'Completed');
  });

  it('state: run with a restart -> equals a run without', async () => {
    const faults = [{ operation: 'DescribeModel', kind: 'accessDenied' as const, probability: 0.3 }];
    const play = async (pause: () => Promise<void>) => {
      await open({ ...scenario, faults });
      await fillAccount();
      const denials: boolean[] = [];
      for (let call = 0; call < 40; call += 1) {
        if (call === 20) await pause();
        denials.push(
          await account.sageMaker.describeModel({ ModelName: 'a' }).then(
            () => false,
            () => true,
          ),
        );
      }
      account.clock.advance(hour);
      const result = { account: await readAccount(), errors: await readErrors(), denials };
      await account.emulator.stop();
      await rm(stateFile);
      return result;
    };
    const straight = await play(() => Promise.resolve());
    const interrupted = await play(() => restart(0, { faults }));
    assert.deepEqual(interrupted, straight);
  });

  it('state: entries due during the stop -> happen at their time', async () => {
    await open(scenario);
    await fillAccount();
    await restart(2 * hour);
    const { ProductionVariants, LastModifiedTime } = await account.sageMaker.describeEndpoint({
      EndpointName: 'shop',
    });
    assert.equal(ProductionVariants?.[1]?.CurrentWeight, 3);
    assert.ok(LastModifiedTime && LastModifiedTime.getTime() < account.clock.now() - 1.9 * hour * 1000);
    assert.equal((((await readErrors()) as { Values: number[] }[])[0]?.Values.length ?? 0) > 170, true);
  });

  const changes: Record<string, [begin: () => Promise<unknown>, status: string, then: string]> = {
    'the bake of a canary': [
      async () => {
        const { sageMaker } = account;
        await createConfig(sageMaker, 'next', { a: 1, b: 1 });
        await sageMaker.updateEndpoint({
          EndpointName: 'shop',
          EndpointConfigName: 'next',
          DeploymentConfig: {
            BlueGreenUpdatePolicy: {
              TrafficRoutingConfiguration: {
                Type: 'CANARY',
                CanarySize: { Type: 'CAPACITY_PERCENT', Value: 50 },
                WaitIntervalInSeconds: 600,
              },
            },
          },
        });
        account.clock.advance(60);
      },
      'Updating',
      'InService next',
    ],
    'a rollback': [
      async () => {
        account.emulator.faults.add({ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'revert' });
        await changeWeight(5);
        account.clock.advance(3);
      },
      'RollingBack',
      'InService shop-config',
    ],
    maintenance: [
      () => account.emulator.cause({ event: 'systemUpdate', endpoint: 'shop', seconds: 300 }),
      'SystemUpdating',
      'InService shop-config',
    ],
  };
  for (const [change, [begin, status, end]] of Object.entries(changes)) {
    it(`state: restart during ${change} -> the change continues`, async () => {
      const describe = () => account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
      await open({ ...scenario, pace: { shifting: 2, rollingBack: 60, spread: 0 } });
      await createShop(account, { a: 1, b: 1 });
      await begin();
      const before = { ...(await describe()), $metadata: undefined };
      assert.equal(before.EndpointStatus, status);
      await restart(0, { pace: { shifting: 2, rollingBack: 60, spread: 0 } });
      assert.deepEqual({ ...(await describe()), $metadata: undefined }, before);
      account.clock.advance(hour);
      const { EndpointStatus, EndpointConfigName } = await describe();
      assert.equal(`${EndpointStatus} ${EndpointConfigName}`, end);
    });
  }

  it('state: long run -> the file stays small', async () => {
    await open(scenario);
    await createShop(account, { a: 1, b: 1 });
    await account.cloudWatch.putMetricAlarm(alarm);
    account.clock.advance(20 * 24 * hour);
    await account.cloudWatch.describeAlarms({});
    await account.emulator.stop();
    const megabytes = (await stat(stateFile)).size / 2 ** 20;
    assert.ok(megabytes < 40, `${megabytes.toFixed(1)} MB`);
  });

  it('state: crash -> continues from the last complete save', async () => {
    await open({ stateEverySeconds: 0.02 });
    await createModels(account.sageMaker, 'a');
    const deadline = Date.now() + 10_000;
    const copy = join(folder, 'copy.json');
    for (;;) {
      await cp(stateFile, copy).catch(() => undefined);
      const text = await readFile(copy, 'utf8').catch(() => '{}');
      assert.doesNotThrow(() => JSON.parse(text) as unknown);
      if (text.includes('model/a') || Date.now() > deadline) break;
    }
    const second = await startEmulator({ stateFile: copy });
    await clientsOf(second).sageMaker.describeModel({ ModelName: 'a' });
    await second.stop();
    await account.emulator.stop();
    assert.deepEqual((await readdir(folder)).sort(), [
      'copy.json',
      'copy.json.data',
      'state.json',
      'state.json.data',
    ]);
  });

  it('state lock: second emulator -> refused', async () => {
    await open();
    await createModels(account.sageMaker, 'a');
    await assert.rejects(startEmulator({ stateFile }), {
      name: 'StateFileError',
      message: new RegExp(`the emulator of process ${process.pid} uses it`),
    });
    await restart();
    await account.sageMaker.describeModel({ ModelName: 'a' });
  });

  it('state lock: owner runs or is gone -> locked or free', async () => {
    const lock = `${stateFile}.lock`;
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await writeFile(lock, `${other.pid}\n`);
    const refusal = { name: 'StateFileError', message: new RegExp(`process ${other.pid} uses it`) };
    await assert.rejects(open(), refusal);
    assert.equal(await readFile(lock, 'utf8'), `${other.pid}\n`);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await open();
    assert.equal(await readFile(lock, 'utf8'), `${process.pid}\n`);
  });

  it('state lock: stale lock of the same process id, or empty lock -> free', async () => {
    for (const left of [`${process.pid}\n`, '']) {
      await writeFile(`${stateFile}.lock`, left);
      await open();
      await account.emulator.stop();
    }
    assert.deepEqual((await readdir(folder)).sort(), ['state.json', 'state.json.data']);
  });

  it('state: settings of run time and new options -> kept, and the options take precedence', async () => {
    await open(scenario);
    await account.emulator.setMetricsOutage('error');
    await account.emulator.setBehaviour({ model: 'late', errorRate: 1 });
    await restart(0, { behaviours: [{ model: 'b', errorRate: 1 }] });
    await assert.rejects(readErrors());
    await account.emulator.setMetricsOutage(null);
    await createShop(account, { late: 1, b: 1 });
    account.clock.advance(hour);
    const [average] = (await readErrors()) as { Values: number[] }[];
    assert.deepEqual(new Set(average?.Values), new Set([1]));
  });

  it('state: restart while a scaled variant changes -> targets, policies, schedules and activities continue', async () => {
    const play = async (pause: () => Promise<void>) => {
      await open({ ...scenario, traffic: [{ endpoint: 'shop', requestsPerSecond: 50 }] });
      await createShop(account, { a: 1, b: 1 });
      const resource = {
        ServiceNamespace: 'sagemaker',
        ResourceId: 'endpoint/shop/variant/a',
        ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      } as const;
      const { autoScaling, clock } = account;
      await autoScaling.registerScalableTarget({
        ...resource,
        MinCapacity: 2,
        MaxCapacity: 8,
        Tags: { a: 'b' },
      });
      await autoScaling.putScalingPolicy({
        ...{ ...resource, PolicyName: 'invocations', PolicyType: 'TargetTrackingScaling' },
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 200,
          PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
        },
      });
      await autoScaling.putScheduledAction({
        ...{ ...resource, ScheduledActionName: 'often', Schedule: 'rate(10 minutes)' },
        ScalableTargetAction: { MinCapacity: 3 },
      });
      await pause();
      clock.advance(300);
      await pause();
      clock.advance(1200);
      const of = { ServiceNamespace: 'sagemaker' } as const;
      const answers = await Promise.all([
        account.autoScaling.describeScalableTargets(of),
        account.autoScaling.describeScalingPolicies(of),
        account.autoScaling.describeScheduledActions(of),
        account.autoScaling.describeScalingActivities({ ...of, IncludeNotScaledActivities: true }),
      ]);
      const counts = await weightsOf(account.sageMaker, 'shop');
      await account.emulator.stop();
      await rm(stateFile);
      return { answers: answers.map((answer) => ({ ...answer, $metadata: undefined })), counts };
    };
    const straight = await play(() => Promise.resolve());
    const [, , , { ScalingActivities = [] } = {}] = straight.answers as { ScalingActivities?: object[] }[];
    assert.ok(ScalingActivities.length >= 4, JSON.stringify(ScalingActivities));
    assert.deepEqual(await play(() => restart()), straight);
  });

  it('state: restart with real programs -> training starts from scratch, models serve again', async () => {
    const programs = join(import.meta.dirname, '../programs');
    await open({ programs });
    const { sageMaker, clock } = account;
    await sageMaker.createTrainingJob(trainingRequest('real', 'local/patient', { train: words }));
    clock.advance(4);
    await waitFor(async () => (await stageOf('real')) === 'Training');
    await restart(0, { programs });
    assert.equal(await stageOf('real'), 'Training');
    await waitFor(async () => {
      // In small steps, because the job has one hour and the program runs in real time.
      clock.advance(0.2);
      return (await stageOf('real')) === 'Completed';
    });
    const { ModelArtifacts } = await account.sageMaker.describeTrainingJob({ TrainingJobName: 'real' });
    const ModelDataUrl = ModelArtifacts?.S3ModelArtifacts;
    await account.sageMaker.createModel({
      ModelName: 'real',
      PrimaryContainer: { Image: 'local/patient', ModelDataUrl },
    });
    await createConfig(account.sageMaker, 'c', { real: 1 });
    await account.sageMaker.createEndpoint({ EndpointName: 'real', EndpointConfigName: 'c' });
    await restart(settledSeconds, { programs });
    await waitFor(async () => {
      clock.advance(1);
      const { EndpointStatus } = await account.sageMaker.describeEndpoint({ EndpointName: 'real' });
      return EndpointStatus === 'InService';
    });
    const invocation = { EndpointName: 'real', Body: 'x' };
    const answer = await account.runtime.invokeEndpoint(invocation);
    assert.equal(answer.InvokedProductionVariant, 'real');
    await restart(0, { programs });
    await waitFor(() =>
      account.runtime.invokeEndpoint(invocation).then(
        () => true,
        () => false,
      ),
    );
  });

  async function stageOf(TrainingJobName: string): Promise<string | undefined> {
    return (await account.sageMaker.describeTrainingJob({ TrainingJobName })).SecondaryStatus;
  }
});

describe('state file', () => {
  const invalid: Record<string, [text: string, options: EmulatorOptions, message: RegExp]> = {
    'not JSON': ['{"format":', {}, /Cannot use .*: it is not the state/],
    'another program': ['{"version":1}', {}, /it is not the state of an emulator/],
    'another version': [
      '{"format":"penstock-emulator-state","version":9}',
      {},
      /its format is version 9, expected version 4/,
    ],
    'an invalid graph': [
      '{"format":"penstock-emulator-state","version":4,"graph":[["object",{"time":{"at":7}}]]}',
      {},
      /it is invalid \(a reference has no target\)/,
    ],
    'another region': [
      '{"format":"penstock-emulator-state","version":4,"region":"eu-west-1","graph":[]}',
      { region: 'us-east-1' },
      /its region is eu-west-1, expected us-east-1/,
    ],
  };
  for (const [problem, [text, options, message]] of Object.entries(invalid)) {
    it(`state file: ${problem} -> rejected and unchanged`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'penstock-state-'));
      const stateFile = join(folder, 'state.json');
      await writeFile(stateFile, text);
      await assert.rejects(startEmulator({ stateFile, ...options }), { name: 'StateFileError', message });
      assert.equal(await readFile(stateFile, 'utf8'), text);
      await rm(folder, { recursive: true });
    });
  }
});

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await condition());) {
    assert.ok(Date.now() < deadline, 'it took more than a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
