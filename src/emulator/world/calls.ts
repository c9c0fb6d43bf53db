export interface CallRecord {
  /** Epoch ms, by the emulator's clock. */
  at: number;
  operation: string;
  /** `ok`, the error's name, or `lostResponse`. */
  outcome: string;
  /** The request's plain members: names, numbers, flags. */
  parameters: Record<string, string | number | boolean>;
}

const remembered = 20_000;

/** The log of calls: the newest in full, all of them in counts. */
export class CallLog implements Iterable<CallRecord> {
  private records: CallRecord[] = [];
  private readonly counts = new Map<string, number>();

  add(record: CallRecord): void {
    this.records.push(record);
    if (this.records.length > 2 * remembered) this.records = this.records.slice(-remembered);
    for (const key of [record.operation, `${record.operation} ${record.outcome}`]) {
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    }
  }

  /** How often an operation was called, in all or with one outcome. */
  count(operation: string, outcome?: string): number {
    return this.counts.get(outcome === undefined ? operation : `${operation} ${outcome}`) ?? 0;
  }

  of(operation: string): CallRecord[] {
    return this.records.filter((record) => record.operation === operation);
  }

  [Symbol.iterator](): Iterator<CallRecord> {
    return this.records[Symbol.iterator]();
  }
}

/** The plain members of a request, for the log; long texts are cut, bodies and lists left out. */
export function summarize(input: unknown): CallRecord['parameters'] {
  const summary: CallRecord['parameters'] = {};
  for (const [name, value] of Object.entries(input ?? {})) {
    if (typeof value === 'string') summary[name] = value.slice(0, 200);
    else if (typeof value === 'number' || typeof value === 'boolean') summary[name] = value;
  }
  return summary;
}
