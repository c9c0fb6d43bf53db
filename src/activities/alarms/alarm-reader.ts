import {
  DescribeAlarmsCommand,
  type CloudWatchClient,
  type DescribeAlarmsOutput,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import DataLoader from 'dataloader';
import { pagesOf } from '../aws/pages.js';
import type { AlarmReading } from '../../analysis/verdicts/judge-alarm.js';
import { toFailure } from '../aws/errors.js';
import { chunk, batchWindowMs } from '../metrics/metric-loader.js';

/** An alarm as CloudWatch describes it. */
export type AlarmDescription =
  | { kind: 'metric'; reading: AlarmReading; alarm: MetricAlarm }
  | { kind: 'composite' | 'log'; reading: AlarmReading }
  | { kind: 'unread'; reading: Exclude<AlarmReading, { kind: 'alarm' }> };

export interface AlarmReader {
  /** Never throws: a failed read is a reading too, so the poll continues. */
  readAlarm(name: string): Promise<AlarmReading>;
  /** Never throws. */
  describeAlarm(name: string): Promise<AlarmDescription>;
}

/** Maximum number of names in one DescribeAlarms call. */
const namesPerCall = 100;

/** Reads alarms for all rollouts of a worker process. */
export function createAlarmReader(cloudwatch: CloudWatchClient): AlarmReader {
  const loader = new DataLoader<string, AlarmDescription>((names) => readAll(cloudwatch, names), {
    cache: false,
    batchScheduleFn: (flush) => setTimeout(flush, batchWindowMs),
  });
  return {
    readAlarm: async (name) => (await loader.load(name)).reading,
    describeAlarm: (name) => loader.load(name),
  };
}

type Descriptions = Map<string, AlarmDescription>;

async function readAll(cloudwatch: CloudWatchClient, names: readonly string[]): Promise<AlarmDescription[]> {
  const found: Descriptions = new Map();
  await Promise.all(
    chunk([...new Set(names)], namesPerCall).map(async (some) => {
      for (const [name, description] of await readSome(cloudwatch, some)) found.set(name, description);
    }),
  );
  return names.map((name) => found.get(name) ?? { kind: 'unread', reading: { kind: 'missing' } });
}

/** CloudWatch silently omits unknown names from its response. */
async function readSome(cloudwatch: CloudWatchClient, names: string[]): Promise<Descriptions> {
  try {
    return await fetchAlarms(cloudwatch, names);
  } catch (error) {
    const { message: reason, nonRetryable } = toFailure(error);
    const reading = { kind: 'failed' as const, reason, isTransient: nonRetryable !== true };
    return new Map(names.map((name) => [name, { kind: 'unread', reading }]));
  }
}

async function fetchAlarms(cloudwatch: CloudWatchClient, names: string[]): Promise<Descriptions> {
  const found: Descriptions = new Map();
  const pages = pagesOf((token) =>
    cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names,
        // Without this parameter, CloudWatch returns only metric alarms.
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'],
        MaxRecords: namesPerCall,
        ...token,
      }),
    ),
  );
  for await (const page of pages) addPage(found, page);
  return found;
}

/** Log alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_LogAlarm.html */
function addPage(
  found: Descriptions,
  { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] }: DescribeAlarmsOutput,
): void {
  for (const alarm of MetricAlarms)
    found.set(alarm.AlarmName ?? '', { kind: 'metric', reading: toReading(alarm), alarm });
  for (const alarm of CompositeAlarms)
    found.set(alarm.AlarmName ?? '', { kind: 'composite', reading: toReading(alarm) });
  for (const alarm of LogAlarms) found.set(alarm.AlarmName ?? '', { kind: 'log', reading: toReading(alarm) });
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
