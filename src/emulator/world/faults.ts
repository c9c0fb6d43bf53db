/**
 * What may go wrong. `lostResponse`: the call takes effect and its connection dies. `throttle`, `error500` and
 * `accessDenied`: nothing takes effect. `revert` (UpdateEndpoint): the endpoint comes back InService on its old
 * config, with no reason given. `fail` (CreateEndpoint, UpdateEndpoint, CreateTrainingJob): ends badly, with a reason.
 */
export type FaultKind = 'lostResponse' | 'throttle' | 'error500' | 'accessDenied' | 'revert' | 'fail';

export interface Fault {
  operation: string;
  kind: FaultKind;
  /** Which call from now on is the first to be hit; 1 is the next. */
  nth?: number;
  /** How many calls are hit, one after another. Default 1. */
  count?: number;
  /** Only calls whose request mentions this text, such as a name, are counted and hit. */
  about?: string;
}

export class Faults {
  private armed: { fault: Fault; skip: number; left: number }[] = [];

  add(fault: Fault): void {
    this.armed.push({ fault, skip: (fault.nth ?? 1) - 1, left: fault.count ?? 1 });
  }

  clear(): void {
    this.armed = [];
  }

  /** The fault that hits this call; each armed fault counts the calls that it is about. */
  take(operation: string, input: unknown): FaultKind | null {
    let hit: FaultKind | null = null;
    for (const entry of this.armed) {
      if (entry.fault.operation !== operation || hit || !isAbout(entry.fault, input)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      hit = entry.fault.kind;
    }
    this.armed = this.armed.filter((entry) => entry.left > 0);
    return hit;
  }
}

function isAbout({ about }: Fault, input: unknown): boolean {
  return about === undefined || (JSON.stringify(input) ?? '').includes(about);
}
