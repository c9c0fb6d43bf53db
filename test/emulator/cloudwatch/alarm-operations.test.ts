import assert from 'node:assert/strict';
import type { MetricDataQuery, PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import { type Account, openAccount } from '../aws-account.js';

const topic = 'arn:aws:sns:us-east-1:123456789012:oncall';
const refused = (message: RegExp) => ({ name: 'ValidationException', message });

const alarm = (rest: Partial<PutMetricAlarmInput> = {}): PutMetricAlarmInput => ({
  AlarmName: 'errors',
  Namespace: 'Shop',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
  ...rest,
});

function onExpression(Expression: string, rest: Partial<PutMetricAlarmInput> = {}): PutMetricAlarmInput {
  const metric = (Id: string, MetricName: string): MetricDataQuery => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
    ReturnData: false,
  });
  return {
    AlarmName: 'errors',
    EvaluationPeriods: 1,
    Threshold: 0.05,
    ComparisonOperator: 'GreaterThanThreshold',
    Metrics: [metric('errors', 'Errors'), metric('requests', 'Requests'), { Id: 'watched', Expression }],
    ...rest,
  };
}

describe('emulated alarm details', () => {
  let account: Account;
  beforeEach(async () => (account = await openAccount()));
  afterEach(() => account.emulator.stop());

  const describeOne = async (name = 'errors') =>
    (await account.cloudWatch.describeAlarms({ AlarmNames: [name] })).MetricAlarms?.[0];

  /** Puts one value of each metric, and waits until the minute ends. Null puts nothing. */
  async function putMinute(metrics: Record<string, number | null>, seconds = 60) {
    const MetricData = Object.entries(metrics).flatMap(([MetricName, Value]) =>
      Value === null ? [] : [{ MetricName, Value, StorageResolution: seconds < 60 ? 1 : 60 }],
    );
    if (MetricData.length > 0) await account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData });
    account.clock.advance(seconds);
  }

  async function statesOver(metrics: Record<string, number | null>[], seconds?: number): Promise<string[]> {
    const states: string[] = [];
    for (const values of metrics) {
      await putMinute(values, seconds);
      states.push((await describeOne())?.StateValue ?? '');
    }
    return states;
  }

  it('alarm: on an expression -> evaluated by its values', async () => {
    await account.cloudWatch.putMetricAlarm(onExpression('errors / requests'));
    const states = await statesOver([
      { Errors: 1, Requests: 100 },
      { Errors: 10, Requests: 100 },
      { Errors: null, Requests: 100 },
    ]);
    assert.deepEqual(states, ['OK', 'ALARM', 'OK']);
    const described = await describeOne();
    assert.equal(described?.Metrics?.[2]?.Expression, 'errors / requests');
    assert.equal(described?.MetricName, undefined);
  });

  it('alarm: its expression cannot be computed -> EVALUATION_ERROR, state unchanged', async () => {
    await account.cloudWatch.putMetricAlarm(onExpression('METRICS() * 2'));
    await putMinute({ Errors: 1, Requests: 100 });
    const described = await describeOne();
    assert.deepEqual(
      [described?.StateValue, described?.EvaluationState],
      ['INSUFFICIENT_DATA', 'EVALUATION_ERROR'],
    );
  });

  it('alarm: M out of N -> ALARM at M breaching datapoints', async () => {
    await account.cloudWatch.putMetricAlarm(alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 }));
    const values = [0, 9, 0, 9, 0, 0];
    const states = await statesOver(values.map((Errors) => ({ Errors })));
    assert.deepEqual(states, ['OK', 'OK', 'OK', 'ALARM', 'OK', 'OK']);
  });

  const operators: [
    operator: PutMetricAlarmInput['ComparisonOperator'],
    below: string,
    at: string,
    above: string,
  ][] = [
    ['GreaterThanThreshold', 'OK', 'OK', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 'OK', 'ALARM', 'ALARM'],
    ['LessThanThreshold', 'ALARM', 'OK', 'OK'],
    ['LessThanOrEqualToThreshold', 'ALARM', 'ALARM', 'OK'],
  ];
  for (const [ComparisonOperator, ...expected] of operators) {
    it(`alarm: ${ComparisonOperator} -> states of values below, at and above the threshold`, async () => {
      await account.cloudWatch.putMetricAlarm(alarm({ ComparisonOperator }));
      assert.deepEqual(await statesOver([{ Errors: 4 }, { Errors: 5 }, { Errors: 6 }]), expected);
    });
  }

  it('alarm: period of 10 s -> evaluated every 10 s', async () => {
    await account.cloudWatch.putMetricAlarm(alarm({ Period: 10 }));
    assert.deepEqual(await statesOver([{ Errors: 1 }, { Errors: 9 }, { Errors: 1 }], 10), [
      'OK',
      'ALARM',
      'OK',
    ]);
  });

  it('alarm: sliding or wall clock window -> evaluated every minute, or at whole periods', async () => {
    account.clock.advance(180);
    await account.cloudWatch.putMetricAlarm(alarm({ Period: 300 }));
    await account.cloudWatch.putMetricAlarm(
      alarm({ AlarmName: 'wall', Period: 300, EvaluationWindow: { WallClockWindow: {} } }),
    );
    await putMinute({ Errors: 9 });
    const states = [await describeOne(), await describeOne('wall')].map((each) => each?.StateValue);
    assert.deepEqual(states, ['ALARM', 'INSUFFICIENT_DATA'], 'the clock’s five minutes are not over');
    account.clock.advance(60);
    assert.equal((await describeOne('wall'))?.StateValue, 'ALARM');
  });

  it('alarm: percentile of few samples and ignore -> state unchanged', async () => {
    const percentile = {
      Statistic: undefined,
      ExtendedStatistic: 'p99',
      EvaluateLowSampleCountPercentile: 'ignore',
    };
    await account.cloudWatch.putMetricAlarm(alarm(percentile));
    await putMinute({ Errors: 9 });
    assert.equal((await describeOne())?.StateValue, 'INSUFFICIENT_DATA');
    const datum = { MetricName: 'Errors', Values: [9], Counts: [1000] };
    await account.cloudWatch.putMetricData({ Namespace: 'Shop', MetricData: [datum] });
    account.clock.advance(60);
    assert.equal((await describeOne())?.StateValue, 'ALARM');
  });

  it("alarm: state change -> reason and reason data in CloudWatch's format", async () => {
    await account.cloudWatch.putMetricAlarm(alarm());
    assert.equal((await describeOne())?.StateReason, 'Unchecked: Initial alarm creation');
    await putMinute({ Errors: 9 });
    const described = await describeOne();
    assert.equal(
      described?.StateReason,
      'Threshold Crossed: 1 datapoint [9.0 (01/03/26 12:00:00)] was greater than the threshold (5.0).',
    );
    assert.match(described?.StateReasonData ?? '', /"recentDatapoints":\[9\.0\],"threshold":5\.0,/);
    assert.match(described?.StateReasonData ?? '', /"sampleCount":1\.0,"value":9\.0/);
    assert.deepEqual(JSON.parse(described?.StateReasonData ?? ''), {
      version: '1.0',
      queryDate: '2026-03-01T12:01:00.000+0000',
      startDate: '2026-03-01T12:00:00.000+0000',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [9],
      threshold: 5,
      evaluatedDatapoints: [{ timestamp: '2026-03-01T12:00:00.000+0000', sampleCount: 1, value: 9 }],
    });
  });

  const reasons: [rest: Partial<PutMetricAlarmInput>, values: (number | null)[], reason: string][] = [
    [
      { DatapointsToAlarm: 1 },
      [9],
      'Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/03/26 12:00:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
    ],
    [
      { EvaluationPeriods: 2, TreatMissingData: 'breaching' },
      [null],
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
    ],
    [
      { TreatMissingData: 'notBreaching' },
      [null],
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    ],
    [
      { EvaluationPeriods: 2, TreatMissingData: 'breaching' },
      [1.5],
      'Threshold Crossed: 1 datapoint [1.5 (01/03/26 12:00:00)] was not greater than the threshold (5.0) and 1 missing datapoint was treated as [Breaching].',
    ],
    [{}, [9, null, null, null], 'Insufficient Data: 1 datapoint was unknown.'],
  ];
  for (const [rest, values, reason] of reasons) {
    it(`alarm: state change -> reason ${reason.slice(0, 60)}...`, async () => {
      await account.cloudWatch.putMetricAlarm(alarm(rest));
      for (const Errors of values) await putMinute({ Errors });
      assert.equal((await describeOne())?.StateReason, reason);
    });
  }

  it('alarm: missing data decides -> reason data lists the periods without data', async () => {
    const evaluated = async () => {
      const data = JSON.parse((await describeOne())?.StateReasonData ?? '') as Record<string, unknown>;
      assert.equal(
        'startDate' in data,
        'recentDatapoints' in data && (data['recentDatapoints'] as []).length > 0,
      );
      return data['evaluatedDatapoints'];
    };
    await account.cloudWatch.putMetricAlarm(alarm({ EvaluationPeriods: 2, TreatMissingData: 'breaching' }));
    account.clock.advance(120);
    assert.deepEqual(await evaluated(), [
      { timestamp: '2026-03-01T12:00:00.000+0000' },
      { timestamp: '2026-03-01T11:59:00.000+0000' },
    ]);
    await putMinute({ Errors: 1 });
    assert.deepEqual(await evaluated(), [
      { timestamp: '2026-03-01T12:02:00.000+0000', sampleCount: 1, value: 1 },
      { timestamp: '2026-03-01T12:01:00.000+0000' },
    ]);
  });

  it('alarm: put again -> keeps its state and the time of its change', async () => {
    await account.cloudWatch.putMetricAlarm(alarm());
    await putMinute({ Errors: 9 });
    const before = await describeOne();
    await account.cloudWatch.putMetricAlarm(alarm({ Threshold: 7, Tags: [{ Key: 'late', Value: 'yes' }] }));
    const after = await describeOne();
    assert.deepEqual([after?.StateValue, after?.Threshold], ['ALARM', 7]);
    assert.deepEqual(after?.StateTransitionedTimestamp, before?.StateTransitionedTimestamp);
    assert.notDeepEqual(
      after?.AlarmConfigurationUpdatedTimestamp,
      before?.AlarmConfigurationUpdatedTimestamp,
    );
    const { Tags } = await account.cloudWatch.listTagsForResource({ ResourceARN: after?.AlarmArn });
    assert.deepEqual(Tags, [], 'tags are taken at creation alone');
  });

  it('alarm: tagged -> tags are listed and removed', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm({ Tags: [{ Key: 'a', Value: '1' }] }));
    const ResourceARN = (await describeOne())?.AlarmArn;
    await cloudWatch.tagResource({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] });
    await cloudWatch.untagResource({ ResourceARN, TagKeys: ['a'] });
    assert.deepEqual((await cloudWatch.listTagsForResource({ ResourceARN })).Tags, [
      { Key: 'b', Value: '2' },
    ]);
    await cloudWatch.deleteAlarms({ AlarmNames: ['errors'] });
    assert.deepEqual((await cloudWatch.listTagsForResource({ ResourceARN })).Tags, []);
    await assert.rejects(cloudWatch.tagResource({ ResourceARN, Tags: [{ Key: 'c', Value: '3' }] }), {
      name: 'ResourceNotFoundException',
    });
  });

  it('alarm history: configuration, state changes and actions -> listed', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm({ AlarmActions: [topic], OKActions: [topic] }));
    await putMinute({ Errors: 9 });
    await cloudWatch.disableAlarmActions({ AlarmNames: ['errors', 'none'] });
    assert.equal((await describeOne())?.ActionsEnabled, false);
    await putMinute({ Errors: 0 });
    await cloudWatch.enableAlarmActions({ AlarmNames: ['errors'] });
    await cloudWatch.deleteAlarms({ AlarmNames: ['errors'] });
    const { AlarmHistoryItems = [] } = await cloudWatch.describeAlarmHistory({
      AlarmName: 'errors',
      ScanBy: 'TimestampAscending',
    });
    assert.deepEqual(
      AlarmHistoryItems.map((item) => item.HistorySummary),
      [
        'Alarm "errors" created',
        'Alarm updated from INSUFFICIENT_DATA to ALARM',
        `Successfully executed action ${topic}`,
        'Alarm "errors" updated',
        'Alarm updated from ALARM to OK',
        'Alarm "errors" updated',
        'Alarm "errors" deleted',
      ],
    );
    const { newState } = JSON.parse(AlarmHistoryItems[1]?.HistoryData ?? '') as {
      newState: { stateValue: string };
    };
    assert.equal(newState.stateValue, 'ALARM');
    const newest = await cloudWatch.describeAlarmHistory({ HistoryItemType: 'StateUpdate', MaxRecords: 1 });
    assert.equal(newest.AlarmHistoryItems?.[0]?.HistorySummary, 'Alarm updated from ALARM to OK');
    const next = await cloudWatch.describeAlarmHistory({
      HistoryItemType: 'StateUpdate',
      MaxRecords: 1,
      NextToken: newest.NextToken,
    });
    assert.equal(
      next.AlarmHistoryItems?.[0]?.HistorySummary,
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
    );
  });

  it('composite alarm: state change -> names the triggering alarm, and suppresses actions', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm());
    await cloudWatch.putMetricAlarm(alarm({ AlarmName: 'maintenance', MetricName: 'Maintenance' }));
    await cloudWatch.putCompositeAlarm({
      AlarmName: 'page',
      AlarmRule: 'ALARM(errors)',
      AlarmActions: [topic],
      ActionsSuppressor: 'maintenance',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 60,
    });
    const composite = async () =>
      (await cloudWatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms?.[0];
    const created = await composite();
    assert.match(created?.StateReason ?? '', /alarm:page was created and its alarm rule evaluates to OK$/);
    assert.deepEqual(JSON.parse(created?.StateReasonData ?? ''), {
      triggeringAlarms: [
        {
          arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors',
          state: { value: 'INSUFFICIENT_DATA', timestamp: '2026-03-01T12:00:00.000+0000' },
        },
      ],
    });
    await cloudWatch.setAlarmState({ AlarmName: 'maintenance', StateValue: 'ALARM', StateReason: 'planned' });
    await cloudWatch.setAlarmState({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'a drill' });
    const fired = await composite();
    assert.match(
      fired?.StateReason ?? '',
      /alarm:errors transitioned to ALARM at Sunday 1 March, 2026 12:00:00 UTC$/,
    );
    assert.equal(fired?.ActionsSuppressedBy, 'Alarm');
    const actions = await cloudWatch.describeAlarmHistory({
      AlarmTypes: ['CompositeAlarm'],
      HistoryItemType: 'Action',
    });
    assert.deepEqual(actions.AlarmHistoryItems, []);
  });

  it('DescribeAlarms: prefix, state, action, parents and children -> matching alarms in pages', async () => {
    const { cloudWatch } = account;
    for (const AlarmName of ['a-1', 'a-2', 'b-1']) {
      await cloudWatch.putMetricAlarm(
        alarm({ AlarmName, ...(AlarmName === 'b-1' ? { OKActions: [topic] } : {}) }),
      );
    }
    await cloudWatch.putCompositeAlarm({ AlarmName: 'parent', AlarmRule: 'ALARM(a-1) OR ALARM(b-1)' });
    await cloudWatch.setAlarmState({ AlarmName: 'a-2', StateValue: 'OK', StateReason: 'a drill' });
    const names = async (asked: object) => {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.describeAlarms(asked);
      return [...MetricAlarms, ...CompositeAlarms].map((each) => each.AlarmName);
    };
    assert.deepEqual(await names({}), ['a-1', 'a-2', 'b-1']);
    assert.deepEqual(await names({ AlarmNamePrefix: 'a-' }), ['a-1', 'a-2']);
    assert.deepEqual(await names({ StateValue: 'OK' }), ['a-2']);
    assert.deepEqual(await names({ ActionPrefix: 'arn:aws:sns' }), ['b-1']);
    assert.deepEqual(await names({ AlarmTypes: ['CompositeAlarm', 'MetricAlarm'] }), [
      'a-1',
      'a-2',
      'b-1',
      'parent',
    ]);
    assert.deepEqual(await names({ ChildrenOfAlarmName: 'parent' }), ['a-1', 'b-1']);
    assert.deepEqual(await names({ ParentsOfAlarmName: 'b-1' }), ['parent']);
    const first = await cloudWatch.describeAlarms({ MaxRecords: 2 });
    assert.deepEqual(await names({ MaxRecords: 2, NextToken: first.NextToken }), ['b-1']);
    await assert.rejects(
      names({ ParentsOfAlarmName: 'b-1', StateValue: 'OK' }),
      refused(/cannot be combined/),
    );
    await assert.rejects(names({ AlarmNames: ['a-1'], AlarmNamePrefix: 'a' }), refused(/mutually exclusive/));
    await assert.rejects(
      cloudWatch.deleteAlarms({ AlarmNames: ['a-1'] }),
      refused(/^Cannot delete a-1 as there are composite alarm\(s\) depending on it\.$/),
    );
    await assert.rejects(
      cloudWatch.deleteAlarms({ AlarmNames: ['a-1', 'a-2', 'b-1'] }),
      refused(/^Cannot delete a-1,b-1 as there are composite alarm\(s\) depending on them\.$/),
    );
  });

  it('DeleteAlarms: missing names -> deletes the others', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm());
    await cloudWatch.deleteAlarms({ AlarmNames: ['none', 'errors', 'errors'] });
    assert.equal(await describeOne(), undefined);
    await cloudWatch.deleteAlarms({ AlarmNames: ['errors'] });
    const { AlarmHistoryItems = [] } = await cloudWatch.describeAlarmHistory({ AlarmName: 'errors' });
    assert.deepEqual(
      AlarmHistoryItems.map((item) => item.HistorySummary),
      ['Alarm "errors" deleted', 'Alarm "errors" created'],
    );
  });

  it('SetAlarmState: unknown state or alarm -> refused in the words of CloudWatch', async () => {
    const set = (AlarmName: string, StateValue: string) =>
      account.cloudWatch.setAlarmState({
        ...{ AlarmName, StateValue: StateValue as StateValue, StateReason: 'a drill' },
      });
    await assert.rejects(set('errors', 'ODD'), refused(/enum value set: \[INSUFFICIENT_DATA, ALARM, OK\]$/));
    await assert.rejects(set('none', 'OK'), { name: 'ResourceNotFound' });
  });

  const rules: [problem: string, rule: string, message: RegExp][] = [
    [
      'white space at its end',
      'TRUE ',
      /^AlarmRule must not contain leading or trailing whitespace or be null$/,
    ],
    ['nothing in brackets', '()', /^Error in AlarmRule \[Unsupported token '\)' at char 1\]$/],
    [
      'a name with a blank',
      'ALARM(my alarm)',
      /^Error in AlarmRule \[Unsupported token 'alarm' at char 9, must be: '\)'\]$/,
    ],
    ['an unknown word', 'TRUE XOR FALSE', /^Error in AlarmRule \[Unsupported token 'XOR' at char 5\]$/],
    ['AT_LEAST', 'AT_LEAST(1, ALARM, (errors))', /^AT_LEAST in an AlarmRule is not emulated\.$/],
  ];
  for (const [problem, AlarmRule, message] of rules) {
    it(`PutCompositeAlarm: rule with ${problem} -> refused`, async () => {
      await assert.rejects(
        account.cloudWatch.putCompositeAlarm({ AlarmName: 'page', AlarmRule }),
        refused(message),
      );
    });
  }

  it('PutCompositeAlarm: action of another region -> refused', async () => {
    const AlarmActions = [topic.replace('us-east-1', 'eu-central-1')];
    await assert.rejects(
      account.cloudWatch.putCompositeAlarm({ AlarmName: 'page', AlarmRule: 'TRUE', AlarmActions }),
      refused(/^Invalid region eu-central-1 specified\. Only us-east-1 is supported\.$/),
    );
  });

  it('DescribeAlarmsForMetric: a metric -> its alarms, without those on expressions', async () => {
    const { cloudWatch } = account;
    await cloudWatch.putMetricAlarm(alarm());
    await cloudWatch.putMetricAlarm(onExpression('errors', { AlarmName: 'expression' }));
    const asked = { Namespace: 'Shop', MetricName: 'Errors' };
    const { MetricAlarms } = await cloudWatch.describeAlarmsForMetric(asked);
    assert.deepEqual(
      MetricAlarms?.map((each) => each.AlarmName),
      ['errors'],
    );
    assert.deepEqual(
      (await cloudWatch.describeAlarmsForMetric({ ...asked, Statistic: 'Average' })).MetricAlarms,
      [],
    );
  });

  const invalid: [problem: string, request: PutMetricAlarmInput, message: RegExp][] = [
    [
      'two watched metrics',
      onExpression('errors', {
        Metrics: [...(onExpression('errors').Metrics ?? []), { Id: 'b', Expression: 'errors' }],
      }),
      /^Exactly one element of the metrics list should return data/,
    ],
    [
      'an unknown id',
      onExpression('errors / visits'),
      /^Error in expression 'watched': Unknown identifier 'visits'/,
    ],
    ['a metric and an expression', onExpression('errors', { MetricName: 'Errors' }), /mutually exclusive/],
    [
      'more than a day',
      alarm({ Period: 300, EvaluationPeriods: 300 }),
      /^Metrics cannot be checked across more than a day/,
    ],
    ['more datapoints to alarm than periods', alarm({ DatapointsToAlarm: 2 }), /must not be greater/],
    ['an unknown treatment', alarm({ TreatMissingData: 'forgive' }), /^Option forgive is not supported/],
    ['no threshold', alarm({ Threshold: undefined }), /Threshold must be specified/],
    [
      'an action of another region',
      alarm({ AlarmActions: [topic.replace('us-east-1', 'eu-central-1')] }),
      /^Invalid region eu-central-1 specified\. Only us-east-1 is supported\.$/,
    ],
    [
      'an unknown treatment of low samples',
      alarm({
        ...{ Statistic: undefined, ExtendedStatistic: 'p90', EvaluateLowSampleCountPercentile: 'unknown' },
      }),
      /^Option unknown is not supported\. Supported options .* are evaluate and ignore\.$/,
    ],
    [
      'a metric without a namespace',
      alarm({
        ...{ Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined },
        Metrics: [{ Id: 'a', MetricStat: { Metric: { MetricName: 'a' }, Period: 60, Stat: 'Sum' } }],
      }),
      /^The parameter Metrics\.member\.1\.MetricStat\.Metric\.Namespace is required\.$/,
    ],
    ['an anomaly band', alarm({ ComparisonOperator: 'GreaterThanUpperThreshold' }), /not emulated/],
  ];
  for (const [problem, request, message] of invalid) {
    it(`PutMetricAlarm: ${problem} -> refused`, async () => {
      await assert.rejects(account.cloudWatch.putMetricAlarm(request), refused(message));
    });
  }
});
