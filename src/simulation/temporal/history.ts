/** The history of one run, as events of Temporal's own form: a real worker can replay it. */
import proto, { type temporal } from '@temporalio/proto';
import { msToTs } from '@temporalio/common/lib/time.js';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
export type NewEvent = Omit<HistoryEvent, 'eventId' | 'eventTime'>;
const { EventType, TaskQueueKind } = proto.temporal.api.enums.v1;
export { EventType };

export class EventLog {
  readonly events: HistoryEvent[] = [];
  private readonly sizes: number[] = [];
  /** Bytes of all events, encoded as the server stores them. */
  bytes = 0;

  /** Events so far: the id of the last one. */
  get length(): number {
    return this.events.length;
  }

  /** Returns the id of the event. */
  add(nowMs: number, event: NewEvent): number {
    const eventId = this.events.length + 1;
    const stamped: HistoryEvent = {
      ...event,
      eventId: longOf(eventId),
      eventTime: msToTs(nowMs),
    };
    this.events.push(stamped);
    const size = proto.temporal.api.history.v1.HistoryEvent.encode(stamped).finish().length;
    this.sizes.push(size);
    this.bytes += size;
    return eventId;
  }

  /** Takes the events after `length` out again: a speculative workflow task leaves none. */
  truncate(length: number): void {
    this.events.length = length;
    for (const size of this.sizes.splice(length)) this.bytes -= size;
  }

  toProto(): temporal.api.history.v1.History {
    return proto.temporal.api.history.v1.History.create({ events: this.events });
  }
}

/** 64-bit numbers of protobuf are Long objects; those of a simulation fit into a number. */
export function longOf(value: number): NonNullable<HistoryEvent['eventId']> {
  const { seconds } = msToTs(value * 1000);
  if (!seconds) throw new Error(`no seconds in ${value}`);
  return seconds;
}

/** The queue that workers of any host poll. */
export function taskQueueOf(name: string): temporal.api.taskqueue.v1.ITaskQueue {
  return { name, kind: TaskQueueKind.TASK_QUEUE_KIND_NORMAL };
}
