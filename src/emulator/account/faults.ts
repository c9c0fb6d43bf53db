import { globPattern } from './globs.js';
import { isWithinSpan, type InstantSpan } from './instants.js';
import type { Random } from './random.js';

/**
 * Faults of a single call.
 *
 * The call has no effect:
 * - `throttle`, `error500`, `accessDenied`: the caller gets that error.
 * - `timeoutBeforeEffect`: the connection is held and then closed.
 *
 * The call has its effect:
 * - `lostResponse`: the connection is closed.
 * - `timeoutAfterEffect`: the connection is held and then closed.
 * - `slow`: the response is late.
 * - `holdRequest`: the effect happens on release, even if the caller no longer waits.
 * - `holdResponse`: the response is sent on release.
 * - `wrongData`: a read returns wrong data.
 */
export const callFaultKinds = [
  'throttle',
  'error500',
  'accessDenied',
  'timeoutBeforeEffect',
  'timeoutAfterEffect',
  'lostResponse',
  'slow',
  'holdRequest',
  'holdResponse',
  'wrongData',
] as const;

/**
 * Faults of the change that a call starts. docs/emulator-life-cycles.md lists the kinds of each operation.
 *
 * Changes of endpoints:
 * - `revert`: the endpoint returns to its previous state, with a reason. `revertSilently`: without a reason.
 * - `fail`: a container is unhealthy. `failForGood`: the endpoint is Failed.
 * - `rollbackFailed`: the endpoint is UpdateRollbackFailed.
 * - `stuck`: the change takes hours.
 * - `noCapacity`: SageMaker has no instances.
 * - `systemUpdating`: maintenance has just started when the call arrives.
 * - `quota`: the call is refused.
 *
 * Training: `fail`, `noCapacity`, `quota`, `interrupt` (of spot instances).
 *
 * InvokeEndpoint: `modelNotReady`, `internalDependency`, `serviceUnavailable`.
 */
export const lifeCycleFaultKinds = [
  'revert',
  'revertSilently',
  'fail',
  'failForGood',
  'rollbackFailed',
  'stuck',
  'noCapacity',
  'systemUpdating',
  'quota',
  'interrupt',
  'modelNotReady',
  'internalDependency',
  'serviceUnavailable',
] as const;

export const faultKinds = [...callFaultKinds, ...lifeCycleFaultKinds] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * Kinds of wrong data:
 * - `stale`: the response from before the last change. `staleStatus`, `oldWeights`: only these members are old.
 * - `missingVariant`: the last variant is missing.
 * - `emptyResults`: nothing is found.
 * - `partialResults`: half of the points, with PartialData.
 * - `nan`: every metric value is NaN.
 */
export const wrongDataKinds = [
  'stale',
  'staleStatus',
  'oldWeights',
  'missingVariant',
  'emptyResults',
  'partialResults',
  'nan',
] as const;
export type WrongData = (typeof wrongDataKinds)[number];

/** Selects calls and the fault that affects them. Counts only matching calls within the span, since it was added. */
export interface Fault extends InstantSpan {
  /** `*` for every operation. */
  operation: string;
  kind: FaultKind;
  /** Members of the input, by dotted path, that must have these values. `*` in a text matches any characters. */
  match?: Record<string, string | number | boolean>;
  /** Only calls whose request contains this text, such as a name. */
  about?: string;
  /** Number of the first affected call. 1 is the next call. */
  nth?: number;
  /** From the nth call on, affects only one call of this number of calls. */
  every?: number;
  /** Affects only this share of those calls, drawn from the seed. */
  probability?: number;
  /** Max affected calls. Default: 1, or no limit if `every`, `probability` or `to` is set. */
  count?: number;
  /** Duration of `slow` and of the timeouts. Default: 5. */
  seconds?: number;
  /** Only for `wrongData`. */
  data?: WrongData;
}

export interface ArmedFault {
  id: number;
  fault: Fault;
  /** Matching calls. */
  seen: number;
  /** Affected calls. */
  hits: number;
  random: Random;
}

/** Armed faults in the state file. */
export interface FaultsState {
  armed: (Omit<ArmedFault, 'random'> & { randomAt: number })[];
  added: number;
}

export class Faults {
  private armed: ArmedFault[] = [];
  private added = 0;

  constructor(private readonly random: Random) {}

  /** Returns the id for `clear`. */
  add(fault: Fault): number {
    const id = (this.added += 1);
    // Each fault has its own stream, so that it fires independently of other faults.
    this.armed.push({ id, fault, seen: 0, hits: 0, random: this.random.fork(`fault:${id}`) });
    return id;
  }

  /** Clears one fault, or all. False if no fault has this id. */
  clear(id?: number): boolean {
    const before = this.armed.length;
    this.armed = id === undefined ? [] : this.armed.filter((each) => each.id !== id);
    return id === undefined || this.armed.length < before;
  }

  toState(): FaultsState {
    const armed = this.armed.map(({ random, ...entry }) => ({ ...entry, randomAt: random.position }));
    return { armed, added: this.added };
  }

  restore({ armed, added }: FaultsState): void {
    this.added = added;
    this.armed = armed.map(({ randomAt, ...entry }) => {
      const random = this.random.fork(`fault:${entry.id}`);
      random.moveTo(randomAt);
      return { ...entry, random };
    });
  }

  /** The faults that can still fire. */
  list(): { id: number; fault: Fault; seen: number; hits: number }[] {
    return this.armed.map(({ id, fault, seen, hits }) => ({ id, fault, seen, hits }));
  }

  /** The fault that affects this call. If several match, the one that was added first. `kind`: only such faults count. */
  take(operation: string, input: unknown, now: number, startedAt: number, kind?: FaultKind): Fault | null {
    let hit: Fault | null = null;
    for (const entry of this.armed) {
      const { fault } = entry;
      if (kind !== undefined && fault.kind !== kind) continue;
      if (hit || !isAbout(fault, operation, input) || !isWithinSpan(fault, now, startedAt)) continue;
      if (!shouldFire(entry)) continue;
      entry.hits += 1;
      hit = fault;
    }
    this.armed = this.armed.filter((entry) => entry.hits < limitOf(entry.fault));
    return hit;
  }
}

function shouldFire(entry: ArmedFault): boolean {
  const { nth = 1, every = 1, probability } = entry.fault;
  entry.seen += 1;
  const turn = entry.seen - nth;
  if (turn < 0 || turn % every !== 0) return false;
  return probability === undefined || entry.random.uniform() < probability;
}

function limitOf({ count, every, probability, to }: Fault): number {
  const repeats = every !== undefined || probability !== undefined || to !== undefined;
  return count ?? (repeats ? Infinity : 1);
}

function isAbout({ operation, about, match }: Fault, called: string, input: unknown): boolean {
  if (operation !== '*' && operation !== called) return false;
  if (about !== undefined && !(JSON.stringify(input) ?? '').includes(about)) return false;
  return Object.entries(match ?? {}).every(([path, wanted]) => {
    const value = path.split('.').reduce<unknown>(memberOf, input);
    return typeof wanted === 'string'
      ? typeof value === 'string' && globPattern(wanted).test(value)
      : value === wanted;
  });
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
