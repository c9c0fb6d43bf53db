import assert from 'node:assert/strict';
import type {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DescribeAlarmsOutput,
} from '@aws-sdk/client-cloudwatch';
import { createAlarmReader } from '../../../src/activities/alarms/alarm-reader.js';
import { createCandidateAlarmReader } from '../../../src/activities/alarms/candidate-alarms.js';

/** A CloudWatch with log alarms, which the emulator does not have. */
function cloudwatchWith(output: DescribeAlarmsOutput, asked: DescribeAlarmsCommand[] = []): CloudWatchClient {
  const send = (command: DescribeAlarmsCommand) => {
    asked.push(command);
    return Promise.resolve(output);
  };
  return { send } as unknown as CloudWatchClient;
}

const logAlarm = {
  AlarmName: 'log-errors',
  StateValue: 'OK' as const,
  EvaluationState: 'PARTIAL_DATA' as const,
};

describe('alarm reader', () => {
  it('log alarm -> its state is read as that of any alarm', async () => {
    const asked: DescribeAlarmsCommand[] = [];
    const reader = createAlarmReader(cloudwatchWith({ LogAlarms: [logAlarm] }, asked));
    const [found, missing] = await Promise.all(['log-errors', 'none'].map((name) => reader.readAlarm(name)));
    assert.deepEqual(found, {
      ...{ kind: 'alarm', state: 'OK', evaluationState: 'PARTIAL_DATA', stateReason: null, since: null },
    });
    assert.deepEqual(missing, { kind: 'missing' });
    assert.deepEqual(
      asked.map(({ input }) => input.AlarmTypes),
      [['MetricAlarm', 'CompositeAlarm', 'LogAlarm']],
    );
  });

  it('log alarm for the candidate -> unsuitable, with the reason', async () => {
    const cloudwatch = cloudwatchWith({ LogAlarms: [logAlarm] });
    const reader = createCandidateAlarmReader(cloudwatch, createAlarmReader(cloudwatch));
    const guardrail = {
      kind: 'candidateAlarm',
      id: 'x',
      alarmName: 'log-errors',
      endpoint: 'digits',
    } as const;
    assert.deepEqual(await reader.readFor(guardrail, { endpoint: 'digits', variant: 'b' }, 0), {
      kind: 'unsuitable',
      reason: 'it is a log alarm, whose query is not rewritten; use an alarm on metrics',
    });
  });
});
