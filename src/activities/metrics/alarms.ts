import { DescribeAlarmsCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';
import type { AlarmReading } from '../../analysis/verdicts/judge-alarm.js';
import { toFailure } from '../aws/errors.js';
import { chunk, batchWindowMs } from './metric-loader.js';

export interface AlarmReader {
  /** Never throws: a failed read is a reading too, so the poll continues. */
  readAlarm(name: string): Promise<AlarmReading>;
}

/** Maximum number of names in one DescribeAlarms call. */
const namesPerCall = 100;

/** Reads alarms for all rollouts of a worker process. */
export function createAlarmReader(cloudwatch: CloudWatchClient): AlarmReader {
  const loader = new DataLoader<string, AlarmReading>((names) => readAll(cloudwatch, names), {
    cache: false,
    batchScheduleFn: (flush) => setTimeout(flush, batchWindowMs),
  });
  return { readAlarm: (name) => loader.load(name) };
}

async function readAll(cloudwatch: CloudWatchClient, names: readonly string[]): Promise<AlarmReading[]> {
  const readings = new Map<string, AlarmReading>();
  await Promise.all(
    chunk([...new Set(names)], namesPerCall).map(async (some) => {
      for (const [name, reading] of await readSome(cloudwatch, some)) readings.set(name, reading);
    }),
  );
  return names.map((name) => readings.get(name) ?? { kind: 'missing' });
}

/** CloudWatch silently omits unknown names from its response. */
async function readSome(cloudwatch: CloudWatchClient, names: string[]): Promise<Map<string, AlarmReading>> {
  try {
    return await fetchAlarms(cloudwatch, names);
  } catch (error) {
    const { message: reason, nonRetryable } = toFailure(error);
    return new Map(
      names.map((name) => [name, { kind: 'failed', reason, isTransient: nonRetryable !== true }]),
    );
  }
}

async function fetchAlarms(
  cloudwatch: CloudWatchClient,
  names: string[],
): Promise<Map<string, AlarmReading>> {
  const readings = new Map<string, AlarmReading>();
  let NextToken: string | undefined;
  do {
    const command = new DescribeAlarmsCommand({
      AlarmNames: names,
      // Without this parameter, CloudWatch returns only metric alarms.
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: namesPerCall,
      NextToken,
    });
    const page = await cloudwatch.send(command);
    for (const alarm of page.MetricAlarms ?? []) {
      readings.set(alarm.AlarmName ?? '', toReading(alarm));
    }
    for (const alarm of page.CompositeAlarms ?? []) readings.set(alarm.AlarmName ?? '', toReading(alarm));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return readings;
}

function toReading(alarm: {
  StateValue?: string | undefined;
  EvaluationState?: string | undefined;
  StateReason?: string | undefined;
  StateTransitionedTimestamp?: Date | undefined;
}): AlarmReading {
  return {
    kind: 'alarm',
    state: alarm.StateValue ?? 'unset',
    evaluationState: alarm.EvaluationState ?? null,
    stateReason: alarm.StateReason ?? null,
    since: alarm.StateTransitionedTimestamp?.toISOString() ?? null,
  };
}
