/** The history of one run, as events of Temporal's own form: a real worker can replay it. */
import proto, { type temporal } from '@temporalio/proto';
import { msToTs } from '@temporalio/common/lib/time.js';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
const { EventType } = proto.temporal.api.enums.v1;
export { EventType };

export class EventLog {
  readonly events: HistoryEvent[] = [];
  private sizes: number[] = [];

  /** Events so far: the id of the last one. */
  get length(): number {
    return this.events.length;
  }

  /** Bytes of all events, encoded as the server stores them. */
  get bytes(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Returns the id of the event. */
  add(nowMs: number, event: Omit<HistoryEvent, 'eventId' | 'eventTime'>): number {
    const eventId = this.events.length + 1;
    const stamped: HistoryEvent = {
      ...event,
      eventId: longOf(eventId),
      eventTime: msToTs(nowMs),
    };
    this.events.push(stamped);
    this.sizes.push(proto.temporal.api.history.v1.HistoryEvent.encode(stamped).finish().length);
    return eventId;
  }

  /** Takes the events after `length` out again: a speculative workflow task leaves none. */
  truncate(length: number): void {
    this.events.length = length;
    this.sizes.length = length;
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
