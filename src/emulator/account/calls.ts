import { callFaultKinds, type FaultKind } from './faults.js';

export interface CallRecord {
  /** Epoch ms, by the emulator's clock. */
  at: number;
  operation: string;
  /** Absent for the home region. */
  region?: string;
  /** `ok`, the name of the error, or the fault that hid the outcome from the caller. */
  outcome: string;
  /** The fault that affected the call. */
  fault?: FaultKind;
  /** Texts, numbers, flags and times (ISO 8601) of the request. A list is the JSON of its first entries. */
  parameters: Record<string, string | number | boolean>;
}

/** The calls of an operation by outcome. `calls` is the sum of the other counts. */
export interface OperationSummary {
  operation: string;
  calls: number;
  ok: number;
  throttled: number;
  /** Calls that returned any other error. */
  rejected: number;
  /** Calls that failed with a failure of the emulator or with the error 500 of a fault. */
  failed: number;
  /** Calls with a lost response or a timeout. */
  lost: number;
}

const remembered = 20_000;
const throttlingErrors = new Set(['Throttling', 'ThrottlingException']);
const serverErrors = new Set(['InternalFailure', 'InternalServiceError', 'ServiceUnavailable']);

/** The log of calls: the newest calls in full, and counts of all calls. */
export class CallLog implements Iterable<CallRecord> {
  private records: CallRecord[] = [];
  /** Counts by operation and outcome. */
  private readonly counts = new Map<string, Map<string, number>>();

  add(record: CallRecord): void {
    this.records.push(record);
    if (this.records.length > 2 * remembered) this.records = this.records.slice(-remembered);
    const outcomes = this.counts.get(record.operation) ?? new Map<string, number>();
    this.counts.set(record.operation, outcomes);
    outcomes.set(record.outcome, (outcomes.get(record.outcome) ?? 0) + 1);
  }

  /** Number of calls of an operation, of all outcomes or of one. */
  count(operation: string, outcome?: string): number {
    const outcomes = this.counts.get(operation) ?? new Map<string, number>();
    if (outcome !== undefined) return outcomes.get(outcome) ?? 0;
    return [...outcomes.values()].reduce((sum, times) => sum + times, 0);
  }

  of(operation: string): CallRecord[] {
    return this.records.filter((record) => record.operation === operation);
  }

  /** One entry per operation, in alphabetical order. */
  summarize(): OperationSummary[] {
    return [...this.counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([operation, outcomes]) => {
        const summary = { operation, calls: 0, ok: 0, throttled: 0, rejected: 0, failed: 0, lost: 0 };
        for (const [outcome, times] of outcomes) {
          summary.calls += times;
          summary[kindOf(outcome)] += times;
        }
        return summary;
      });
  }

  [Symbol.iterator](): Iterator<CallRecord> {
    return this.records[Symbol.iterator]();
  }
}

function kindOf(outcome: string): 'ok' | 'throttled' | 'rejected' | 'failed' | 'lost' {
  if (outcome === 'ok') return 'ok';
  if ((callFaultKinds as readonly string[]).includes(outcome)) return 'lost';
  if (throttlingErrors.has(outcome)) return 'throttled';
  return serverErrors.has(outcome) ? 'failed' : 'rejected';
}

const maxLengths = { text: 200, list: 500, entries: 5 };

/** A request for the log: long texts and lists are truncated, bodies and structures are left out. */
export function summarizeInput(input: unknown): CallRecord['parameters'] {
  const summary: CallRecord['parameters'] = {};
  for (const [name, value] of Object.entries(input ?? {})) {
    if (typeof value === 'string') summary[name] = value.slice(0, maxLengths.text);
    else if (Array.isArray(value)) summary[name] = summarizeList(value);
    else if (typeof value === 'number' || typeof value === 'boolean') summary[name] = value;
    else if (value instanceof Date) summary[name] = value.toISOString();
  }
  return summary;
}

/** Writes only as many entries as the log keeps: queries of metrics are long. */
function summarizeList(list: unknown[]): string {
  let text = '[';
  for (const entry of list.slice(0, maxLengths.entries)) {
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(entry)}`;
    if (text.length > maxLengths.list) break;
  }
  return `${text}]`.slice(0, maxLengths.list);
}
