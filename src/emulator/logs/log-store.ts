export interface LogEvent {
  /** Epoch ms. */
  at: number;
  message: string;
}

/** A log stream. Positions of events count from the first event ever written. */
export interface LogStream {
  name: string;
  createdAt: number;
  events: LogEvent[];
  /** Number of events that were dropped at the beginning. */
  dropped: number;
}

const maximumEvents = 10_000;
const maximumStreams = 1_000;

/** Log groups with their streams, in the order of their creation. Beyond the limits, the oldest ones are dropped. */
export class LogStore {
  private groups = new Map<string, Map<string, LogStream>>();

  add(group: string, stream: string, at: number, message: string): void {
    const streams = this.groups.get(group) ?? new Map<string, LogStream>();
    this.groups.set(group, streams);
    const found = streams.get(stream) ?? { name: stream, createdAt: at, events: [], dropped: 0 };
    streams.set(stream, found);
    found.events.push({ at, message });
    if (found.events.length > 1.1 * maximumEvents) {
      const surplus = found.events.length - maximumEvents;
      found.events.splice(0, surplus);
      found.dropped += surplus;
    }
    const [oldest] = streams.keys();
    if (streams.size > maximumStreams && oldest !== undefined) streams.delete(oldest);
  }

  /** Null: the group does not exist. */
  streamsOf(group: string): LogStream[] | null {
    const streams = this.groups.get(group);
    return streams ? [...streams.values()] : null;
  }

  toState(): Map<string, Map<string, LogStream>> {
    return this.groups;
  }

  restore(groups: Map<string, Map<string, LogStream>>): void {
    this.groups = groups;
  }
}
