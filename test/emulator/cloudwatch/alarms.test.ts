import assert from 'node:assert/strict';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { isTrue, parseAlarmRule } from '../../../src/emulator/cloudwatch/alarms/alarm-rule.js';
import { type Account, openAccount } from '../aws-account.js';

const alarm = (rest: Partial<PutMetricAlarmInput> = {}): PutMetricAlarmInput => ({
  AlarmName: 'errors',
  Namespace: 'Shop',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
  ...rest,
});

describe('emulated alarm', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const describeOne = async (name = 'errors') => {
    const found = await account.cloudWatch.describeAlarms({ AlarmNames: [name] });
    return found.MetricAlarms?.[0];
  };

  /** Puts one value per minute, and waits until the minute ends. Null puts nothing. */
  async function putMinutes(...values: (number | null)[]) {
    for (const Value of values) {
      if (Value !== null) {
        await account.cloudWatch.putMetricData({
          Namespace: 'Shop',
          MetricData: [{ MetricName: 'Errors', Value }],
        });
      }
      account.clock.advance(60);
    }
  }

  it('alarm: breaching periods -> INSUFFICIENT_DATA, ALARM, then OK', async () => {
    await account.cloudWatch.putMetricAlarm(alarm());
    const states: (string | undefined)[] = [(await describeOne())?.StateValue];
    for (const value of [0, 9, 9, 0]) {
      await putMinutes(value);
      states.push((await describeOne())?.StateValue);
    }
    assert.deepEqual(states, ['INSUFFICIENT_DATA', 'OK', 'OK', 'ALARM', 'OK']);
  });

  it('alarm: evaluated again -> the transition time changes only with the state', async () => {
    await account.cloudWatch.putMetricAlarm(alarm());
    await putMinutes(9, 9);
    const fired = await describeOne();
    await putMinutes(9, 9, 9);
    const later = await describeOne();
    assert.equal(later?.StateValue, 'ALARM');
    assert.deepEqual(later?.StateTransitionedTimestamp, fired?.StateTransitionedTimestamp);
  });

  it('alarm: missing data -> evaluates older periods too', async () => {
    await account.cloudWatch.putMetricAlarm(alarm());
    await putMinutes(9, 9, null, null);
    assert.equal((await describeOne())?.StateValue, 'ALARM', 'two bad periods are still in its range');
    await putMinutes(null, null);
    assert.equal((await describeOne())?.StateValue, 'INSUFFICIENT_DATA');
  });

  for (const [treatment, state] of [
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
  ] as const) {
    it(`alarm: no data, missing data is ${treatment} -> ${state}`, async () => {
      await account.cloudWatch.putMetricAlarm(alarm({ TreatMissingData: treatment }));
      account.clock.advance(120);
      assert.equal((await describeOne())?.StateValue, state);
    });
  }

  it('alarm: SetAlarmState -> keeps that state until the next evaluation', async () => {
    await account.cloudWatch.putMetricAlarm(alarm({ TreatMissingData: 'notBreaching' }));
    account.clock.advance(60);
    await account.cloudWatch.setAlarmState({
      AlarmName: 'errors',
      StateValue: 'ALARM',
      StateReason: 'a drill',
    });
    const set = await describeOne();
    assert.deepEqual([set?.StateValue, set?.StateReason], ['ALARM', 'a drill']);
    account.clock.advance(60);
    assert.equal((await describeOne())?.StateValue, 'OK');
  });

  for (const [outage, state] of [
    ['error', 'EVALUATION_FAILURE'],
    ['internalError', 'EVALUATION_FAILURE'],
    ['partial', 'PARTIAL_DATA'],
    ['forbidden', undefined],
  ] as const) {
    it(`alarm: metrics outage ${outage} -> state unchanged, EvaluationState ${state}`, async () => {
      await account.cloudWatch.putMetricAlarm(alarm());
      await putMinutes(0, 0);
      await account.emulator.setMetricsOutage(outage);
      account.clock.advance(60);
      const found = await describeOne();
      assert.deepEqual([found?.StateValue, found?.EvaluationState], ['OK', state]);
    });
  }

  it('composite alarm: children change -> follows its rule, and is described only with its type', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm());
    await cloudWatch.putMetricAlarm(alarm({ AlarmName: 'other', TreatMissingData: 'notBreaching' }));
    const AlarmRule = 'ALARM("errors") AND NOT (ALARM(other) OR INSUFFICIENT_DATA(other))';
    await cloudWatch.putCompositeAlarm({ AlarmName: 'both', AlarmRule });
    const stateOfBoth = async () => {
      const found = await cloudWatch.describeAlarms({ AlarmNames: ['both'], AlarmTypes: ['CompositeAlarm'] });
      return found.CompositeAlarms?.[0]?.StateValue;
    };
    assert.equal(await stateOfBoth(), 'OK');
    await putMinutes(9, 9);
    assert.equal(await stateOfBoth(), 'OK', 'the other alarm reads the same bad metric');
    await cloudWatch.setAlarmState({ AlarmName: 'other', StateValue: 'OK', StateReason: 'a drill' });
    assert.equal(await stateOfBoth(), 'ALARM');
    const plain = await cloudWatch.describeAlarms({ AlarmNames: ['both', 'errors', 'unknown'] });
    assert.deepEqual(
      plain.MetricAlarms?.map((each) => each.AlarmName),
      ['errors'],
    );
    assert.deepEqual(plain.CompositeAlarms, []);
  });

  it('PutMetricAlarm: invalid combinations -> refused', async () => {
    const { cloudWatch } = account;
    const refused = (message: RegExp) => ({ name: 'ValidationException', message });
    await assert.rejects(
      cloudWatch.putMetricAlarm(alarm({ ExtendedStatistic: 'p99' })),
      refused(/Exactly one/),
    );
    await assert.rejects(cloudWatch.putMetricAlarm(alarm({ Period: 45 })), refused(/multiple of 60/));
    await assert.rejects(
      cloudWatch.putCompositeAlarm({ AlarmName: 'c', AlarmRule: 'ALARM(none)' }),
      refused(/^Could not save the composite alarm as alarms \[none\] in the alarm rule do not exist$/),
    );
    await assert.rejects(
      cloudWatch.putCompositeAlarm({ AlarmName: 'c', AlarmRule: 'ALARM(a) AND' }),
      refused(/^Error in AlarmRule \[Unsupported token '' at char 12\]$/),
    );
    const names = Array.from({ length: 101 }, (_, index) => `alarm-${index}`);
    await assert.rejects(
      cloudWatch.describeAlarms({ AlarmNames: names }),
      refused(/less than or equal to 100/),
    );
  });
});

describe('alarm rule', () => {
  const states = { a: 'ALARM', b: 'OK', c: 'INSUFFICIENT_DATA' } as const;
  for (const [rule, expected] of [
    ['ALARM(a)', true],
    ['alarm(a) and ok(b)', true],
    ['NOT ALARM(b)', true],
    ['ALARM(b) OR INSUFFICIENT_DATA("c") AND FALSE', false],
    ['(ALARM(b) OR INSUFFICIENT_DATA(c)) AND TRUE', true],
    ['ALARM("arn:aws:cloudwatch:us-east-1:123456789012:alarm:a")', true],
    ['OK(unknown)', false],
  ] as const) {
    it(`alarm rule: ${rule} -> ${expected}`, () => {
      assert.equal(
        isTrue(parseAlarmRule(rule), (name) => states[name as keyof typeof states]),
        expected,
      );
    });
  }
});
