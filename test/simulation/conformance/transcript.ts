/**
 * The history of one run as lines, in order: every event with its attributes. Left out are times, ids of events, the
 * identity of programs, and facts about the server that no workflow sees.
 */
import type { Payload } from '@temporalio/common';
import proto, { type temporal } from '@temporalio/proto';
import { EventType } from '../../../src/simulation/temporal/history.js';
import { valueOf, type Plain } from './plain.js';

type History = temporal.api.history.v1.IHistory;
const { History, HistoryEvent } = proto.temporal.api.history.v1;

export interface TranscriptOptions {
  /** Attempts are counted, and their failures compared. False if the number depends on real time. */
  hasAttempts: boolean;
  /** Milliseconds: lengths of timers are rounded up to a multiple, for those whose end is fixed. */
  timerStepMs: number;
  /** The order of activities that run beside each other depends on real time. Commands keep their order. */
  isParallel: boolean;
}

const left = new Set([
  ...['eventId', 'eventTime', 'taskId', 'version', 'workerMayIgnore', 'identity', 'requestId', 'stackTrace'],
  ...['sdkMetadata', 'workerVersion', 'meteringMetadata', 'historySizeBytes', 'buildIdRedirectCounter'],
  ...['scheduledEventId', 'startedEventId', 'initiatedEventId', 'acceptedEventId', 'parentInitiatedEventId'],
  ...['parentInitiatedEventVersion', 'workflowTaskCompletedEventId', 'acceptedRequestSequencingEventId'],
  ...['latestCancelRequestedEventId', 'namespace', 'inheritBuildId', 'prevAutoResetPoints'],
  // How long a run was, and so how long the next one waits, depends on real time.
  ...['firstWorkflowTaskBackoff', 'backoffStartInterval'],
  ...['namespaceId', 'parentWorkflowNamespaceId', 'workflowTaskTimeout', 'eventType'],
]);

/** Tasks that failed or timed out on a slow machine leave no other trace. */
const unseen = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
  EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
]);

export function describeHistory(history: History, plain: Plain, options: TranscriptOptions): string[] {
  // Both sides get the classes of protobuf, with defaults in the same places.
  const { events } = History.decode(History.encode(History.create(history)).finish());
  const lines = events.flatMap((event) => {
    const type = Number(event.eventType);
    if (unseen.has(type)) return [];
    if (type === Number(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)) return ['task'];
    const attributes: unknown = HistoryEvent.toObject(event as never, { enums: String, longs: Number });
    const name = (EventType[type] ?? String(type)).replace('EVENT_TYPE_', '').toLowerCase();
    return [`${name} ${plain.text(simplify(attributes, '', options))}`];
  });
  return options.isParallel ? commandsFirst(lines) : lines;
}

const commands =
  /^(activity_task_(scheduled|cancel_requested)|timer_(started|canceled)|workflow_(properties|execution_(update|compl|fail|cont))|upsert|start_child|signal_external)/;

/** Commands in their order, then the other events in no order. */
function commandsFirst(lines: string[]): string[] {
  const events = lines.filter((line) => line !== 'task' && !commands.test(line));
  return [...lines.filter((line) => commands.test(line)), ...events.sort()];
}

/** Takes the wrapper of an event's attributes away, and reads payloads and durations. */
function simplify(value: unknown, key: string, options: TranscriptOptions): unknown {
  if (Array.isArray(value)) return value.map((each) => simplify(each, key, options));
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  const fields = value as Record<string, unknown>;
  if (isPayload(fields)) return valueOf(fields);
  if (/(Timeout|Interval|Delay|Backoff)$/.test(key) && ('seconds' in fields || 'nanos' in fields))
    return durationMs(fields, key, options);
  const kept = Object.entries(fields).flatMap(([name, each]): [string, unknown][] => {
    if (left.has(name)) return [];
    if (!options.hasAttempts && (name === 'attempt' || name === 'lastFailure')) return [];
    if (name.endsWith('EventAttributes')) return Object.entries(simplify(each, name, options) as object);
    const simple = simplify(each, name, options);
    return isEmpty(simple) ? [] : [[name, simple]];
  });
  return Object.fromEntries(kept);
}

function isPayload(fields: object): fields is Payload {
  return 'metadata' in fields && 'encoding' in (fields.metadata as object);
}

/** `duration`: seconds and nanoseconds. */
function durationMs(
  duration: Record<string, unknown>,
  key: string,
  { timerStepMs }: TranscriptOptions,
): number {
  const ms = Number(duration['seconds'] ?? 0) * 1000 + Number(duration['nanos'] ?? 0) / 1e6;
  return key === 'startToFireTimeout' ? Math.ceil(ms / timerStepMs) * timerStepMs : ms;
}

/** Absent and empty are the same on the wire. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}
