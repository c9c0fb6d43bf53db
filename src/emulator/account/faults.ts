import { globPattern } from './globs.js';
import { isWithinSpan, type InstantSpan } from './instants.js';
import type { Random } from './random.js';

/**
 * What a single call meets. Without effect: `throttle`, `error500`, `accessDenied`, `timeoutBeforeEffect` (the connection
 * is held, then dies). With effect: `lostResponse` (the connection dies), `timeoutAfterEffect` (held, then dies), `slow`
 * (answered late), `holdResponse` (answered once released), `wrongData` (a read answers something untrue). `holdRequest`:
 * with effect, but only once released, whether its caller still waits or not.
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
 * What becomes of the thing that a call sets in motion; which operation knows which kind is told in
 * docs/emulator-life-cycles.md. Changes of endpoints: `revert` (comes back on what was before, with a reason),
 * `revertSilently` (without one), `fail` (a container is unhealthy), `failForGood` (the endpoint is Failed),
 * `rollbackFailed` (UpdateRollbackFailed), `stuck` (for hours), `noCapacity`, `systemUpdating` (just begun when the call
 * arrives). `quota`: refused. Training: `fail`, `noCapacity`, `quota`, `interrupt` (of spot instances). InvokeEndpoint:
 * `modelNotReady`, `internalDependency`, `serviceUnavailable`.
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
 * How `wrongData` lies. `stale`: as before the last change; `staleStatus`, `oldWeights`: only these members are;
 * `missingVariant`: the last variant is not there; `emptyResults`: nothing found; `partialResults`: half of the points,
 * PartialData; `nan`: every metric value is NaN.
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

/** Which calls are hit, and by what. Counting is over the calls that it is about, within its span, from when it is added. */
export interface Fault extends InstantSpan {
  /** `*` for every operation. */
  operation: string;
  kind: FaultKind;
  /** Input members, by dotted path, that must have these values; `*` in a text stands for any characters. */
  match?: Record<string, string | number | boolean>;
  /** Only calls whose request mentions this text, such as a name. */
  about?: string;
  /** Which call is the first to be hit; 1 is the next. */
  nth?: number;
  /** Of the calls from the nth on, only every so many-th. */
  every?: number;
  /** Of those, only this share, drawn from the seed. */
  probability?: number;
  /** How many calls are hit. 1, but without limit where `every`, `probability` or `to` is given. */
  count?: number;
  /** How long `slow` and the timeouts take; 5 unless given. */
  seconds?: number;
  /** For `wrongData`. */
  data?: WrongData;
}

export interface ArmedFault {
  id: number;
  fault: Fault;
  /** Calls that it was about. */
  seen: number;
  /** Calls that it hit. */
  hits: number;
  random: Random;
}

/** Armed faults as they are kept. */
export interface FaultsState {
  armed: (Omit<ArmedFault, 'random'> & { randomAt: number })[];
  added: number;
}

export class Faults {
  private armed: ArmedFault[] = [];
  private added = 0;

  constructor(private readonly random: Random) {}

  /** Returns the id by which it can be taken back. */
  add(fault: Fault): number {
    const id = (this.added += 1);
    // A stream each: whether one fault strikes does not depend on what others were asked.
    this.armed.push({ id, fault, seen: 0, hits: 0, random: this.random.fork(`fault:${id}`) });
    return id;
  }

  /** Takes one fault back, or all. False where there is none of this id. */
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

  /** Those that may still strike. */
  list(): { id: number; fault: Fault; seen: number; hits: number }[] {
    return this.armed.map(({ id, fault, seen, hits }) => ({ id, fault, seen, hits }));
  }

  /** The fault that hits this call, the one added first where several would. */
  take(operation: string, input: unknown, now: number, startedAt: number): Fault | null {
    let hit: Fault | null = null;
    for (const entry of this.armed) {
      const { fault } = entry;
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
