/** A complete copy of the emulator's call log, by endpoint. The emulator drops older calls. */
import type { Emulator } from '../../src/emulator/emulator.js';
import type { CallRecord } from '../../src/emulator/account/calls.js';

const everyMs = 1_000;
const endpointPattern = /\bsoak-\d{4}\b/;

export class Journal {
  /** Calls that a fault hit, by kind. */
  readonly faults = new Map<string, number>();
  calls = 0;
  private readonly byEndpoint = new Map<string, CallRecord[]>();
  private last: CallRecord | null = null;
  private readonly timer = setInterval(() => this.read(), everyMs);

  constructor(private readonly emulator: Emulator) {}

  /** All calls so far that mention the endpoint, in order. */
  of(endpoint: string): CallRecord[] {
    this.read();
    return this.byEndpoint.get(endpoint) ?? [];
  }

  close(): void {
    clearInterval(this.timer);
  }

  private read(): void {
    for (const call of this.newCalls()) {
      this.calls += 1;
      this.last = call;
      if (call.fault !== undefined) this.faults.set(call.fault, (this.faults.get(call.fault) ?? 0) + 1);
      const endpoint = endpointPattern.exec(JSON.stringify(call.parameters))?.[0];
      if (endpoint === undefined) continue;
      const calls = this.byEndpoint.get(endpoint);
      if (calls) calls.push(call);
      else this.byEndpoint.set(endpoint, [call]);
    }
  }

  private newCalls(): CallRecord[] {
    const all = [...this.emulator.calls];
    const at = this.last === null ? -1 : all.lastIndexOf(this.last);
    if (this.last !== null && at < 0)
      throw new Error('the journal lost calls, because it was read too rarely');
    return all.slice(at + 1);
  }
}

/** e.g. `10:02:03.123 UpdateEndpoint lostResponse {...}`. */
export function describeCall({ at, operation, outcome, fault, parameters }: CallRecord): string {
  const faultText = fault === undefined || fault === outcome ? '' : ` (${fault})`;
  return `${new Date(at).toISOString().slice(11, 23)} ${operation} ${outcome}${faultText} ${JSON.stringify(parameters)}`;
}
