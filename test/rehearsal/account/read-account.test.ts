/** The account of an endpoint as the real clients read it over HTTP, from an emulator with three days of traffic. */
import assert from 'node:assert/strict';
import {
  CloudWatchClient,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { startEmulator, type Emulator } from '../../../src/emulator/emulator.js';
import { AccountUnreadable } from '../../../src/rehearsal/account/account-unreadable.js';
import { readAccount } from '../../../src/rehearsal/account/read-account.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { planOf, rehearsedSpec } from '../rehearsals.js';

const hourMs = 3_600_000;
const mutations = /^(Put|Create|Update|Delete|Set)/;

describe('account from AWS', () => {
  let nowMs = Date.UTC(2026, 0, 5);
  let emulator: Emulator;
  let readers: { sagemaker: SageMakerClient; cloudwatch: CloudWatchClient };

  before(async () => {
    emulator = await startEmulator({
      clock: { now: () => nowMs },
      traffic: [{ endpoint: 'ranker', requestsPerSecond: 5, day: 'office' }],
      behaviours: [{ model: 'ranker-1', errorRate: 0.01, latencyMs: { p50: 30, p99: 300 } }],
    });
    const { awsConfig } = emulator;
    readers = { sagemaker: new SageMakerClient(awsConfig), cloudwatch: new CloudWatchClient(awsConfig) };
    await createModel(readers.sagemaker, 'ranker-1');
    await createOriginal(readers.sagemaker, 'ranker');
    await readers.cloudwatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'ranker-5xx', Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors' },
        Dimensions: [
          { Name: 'EndpointName', Value: 'ranker' },
          { Name: 'VariantName', Value: 'AllTraffic' },
        ],
        ...{ Statistic: 'Average', Period: 60, EvaluationPeriods: 3, Threshold: 0.05 },
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: ['arn:aws:sns:us-east-1:123456789012:on-call'],
      }),
    );
    await readers.cloudwatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'shop', AlarmRule: 'ALARM("ranker-5xx")' }),
    );
    nowMs += 72 * hourMs;
  });
  after(() => emulator.stop());

  const planWith = (...alarms: string[]) =>
    planOf(
      rehearsedSpec({
        guardrails: [...alarms.map((alarm) => ({ alarm })), { metric: 'errorRate', below: '2%' }],
      }),
    );

  it('live endpoint with traffic and alarms -> its instances, rates, daily profile and alarms; nothing is changed', async () => {
    const before = [...emulator.calls].filter(({ operation }) => mutations.test(operation)).length;
    const account = await readAccount(planWith('ranker-5xx', 'shop', 'gone'), nowMs, readers);
    const after = [...emulator.calls].filter(({ operation }) => mutations.test(operation)).length;
    assert.equal(after, before);
    assert.deepEqual(account.endpoint, {
      variantName: 'AllTraffic',
      instanceType: 'ml.m5.large',
      instances: 2,
    });
    assert.ok(
      Math.abs(account.traffic.requestsPerSecond - 5) < 0.2,
      String(account.traffic.requestsPerSecond),
    );
    const day = account.traffic.day as number[];
    assert.ok((day[11] ?? 0) > 1.5 && (day[2] ?? 1) < 0.2, day.join(' '));
    assert.ok(Math.abs((account.baseline.errorRate ?? 0) - 0.01) < 0.001, String(account.baseline.errorRate));
    assert.equal(account.baseline.modelErrorRate, 0);
    const { p50 = 0, p99 = 0 } = account.baseline.latencyMs ?? {};
    assert.ok(Math.abs(p50 - 30) < 3 && Math.abs(p99 - 300) < 60, `${p50} ${p99}`);
    assert.deepEqual(
      account.alarms.map(({ name, kind }) => [name, kind]),
      [
        ['ranker-5xx', 'real'],
        ['shop', 'quiet'],
      ],
    );
    const [real] = account.alarms;
    assert.ok(real?.kind === 'real');
    assert.equal(real.definition.Threshold, 0.05);
    assert.equal(real.definition.AlarmActions, undefined);
    assert.ok(account.assumptions.includes('alarm gone: AWS does not have it'));
  });

  it('endpoint that does not exist -> AccountUnreadable, which names --from-aws', async () => {
    const plan = { ...planWith(), endpoint: 'missing' };
    await assert.rejects(readAccount(plan, nowMs, readers), (error: Error) => {
      assert.ok(error instanceof AccountUnreadable);
      assert.match(error.message, /^Cannot read endpoint missing from AWS \(omit --from-aws /);
      return true;
    });
  });
});
