/**
 * The clock, timers, random numbers and network that a piece of work sees. Within `runWithin` the globals of Node.js are
 * simulated: `Date`, `performance.now`, `setTimeout`, `setInterval`, `AbortSignal.timeout`, `Math.random` and `fetch`.
 * `crypto.subtle` computes in Node's thread pool, in real time, and no simulated time passes meanwhile.
 * Outside they are the real ones, so a test runner and a simulation live in one process.
 *
 * The AWS SDK waits with `setTimeout` between its tries and signs with `Date`, so injected clocks would not reach it.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { promisify } from 'node:util';

/**
 * - `wait`: the work continues when it fires, so simulated time may pass.
 * - `limit`: it fires only if the work takes too long, or repeatedly beside the work.
 */
export type TimerKind = 'wait' | 'limit';

export interface RunningTimer {
  cancel(): void;
}

export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  startTimer(delayMs: number, kind: TimerKind, run: () => void): RunningTimer;
  /** In [0, 1). */
  random(): number;
  fetch: typeof fetch;
  /** No simulated time passes before this work of Node's thread pool has ended. */
  hold(work: Promise<unknown>): void;
}

const current = new AsyncLocalStorage<Surroundings>();

/** Null outside of simulated work. */
export function currentSurroundings(): Surroundings | null {
  return current.getStore() ?? null;
}

/** Runs the work, and everything that it starts, in simulated surroundings. */
export function runWithin<T>(surroundings: Surroundings, work: () => T): T {
  install();
  return current.run(surroundings, work);
}

/** A timer as `setTimeout` returns it. */
class SimulatedTimer {
  private running: RunningTimer;

  constructor(
    private readonly surroundings: Surroundings,
    private readonly options: { delayMs: number; repeats: boolean; run: () => void },
  ) {
    this.running = this.start();
  }

  cancel(): void {
    this.running.cancel();
  }

  close(): this {
    this.cancel();
    return this;
  }

  /** Simulated time does not depend on whether a timer keeps the process alive. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.cancel();
    this.running = this.start();
    return this;
  }

  private start(): RunningTimer {
    const { delayMs, repeats, run } = this.options;
    return this.surroundings.startTimer(delayMs, repeats ? 'limit' : 'wait', () => {
      if (repeats) this.running = this.start();
      run();
    });
  }
}

type Callback = (...args: unknown[]) => void;

function startTimer(
  surroundings: Surroundings,
  repeats: boolean,
  callback: Callback,
  delayMs: unknown,
  args: unknown[],
): SimulatedTimer {
  const milliseconds = Number(delayMs);
  // Node.js treats other delays as 1 ms: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
  const delay = milliseconds >= 1 && milliseconds <= 2 ** 31 - 1 ? Math.trunc(milliseconds) : 1;
  // Node.js implements AsyncResource.bind with util.deprecate, which takes longer than all the rest of a timer.
  const resource = new AsyncResource('SimulatedTimer');
  const run = () => resource.runInAsyncScope(callback, undefined, ...args);
  return new SimulatedTimer(surroundings, { delayMs: delay, repeats, run });
}

let isInstalled = false;

/** Replaces the globals, once in a process. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  installTimers();
  installDate();
  installAbortTimeout();
  installSubtleCrypto();
  const [random, fetchReally] = [Math.random, globalThis.fetch];
  Math.random = () => current.getStore()?.random() ?? random();
  globalThis.fetch = (...args) => (current.getStore()?.fetch ?? fetchReally)(...args);
}

function installTimers(): void {
  const real = { setTimeout, setInterval, clearTimeout, clearInterval };
  const scoped =
    (start: typeof setTimeout | typeof setInterval, repeats: boolean) =>
    (callback: Callback, delayMs?: number, ...args: unknown[]) => {
      const surroundings = current.getStore();
      return surroundings === undefined
        ? start(callback, delayMs, ...args)
        : startTimer(surroundings, repeats, callback, delayMs, args);
    };
  const wait = scoped(real.setTimeout, false);
  const promise = (delayMs?: number, value?: unknown) =>
    new Promise((resolve) => wait(() => resolve(value), delayMs));
  Object.assign(globalThis, {
    setTimeout: Object.assign(wait, { [promisify.custom]: promise }),
    setInterval: scoped(real.setInterval, true),
    clearTimeout: (timer: unknown) =>
      timer instanceof SimulatedTimer ? timer.cancel() : real.clearTimeout(timer as NodeJS.Timeout),
    clearInterval: (timer: unknown) =>
      timer instanceof SimulatedTimer ? timer.cancel() : real.clearInterval(timer as NodeJS.Timeout),
  });
}

function installDate(): void {
  const RealDate = Date;
  const [realNow, realPerformanceNow] = [RealDate.now.bind(RealDate), performance.now.bind(performance)];
  const now = () => current.getStore()?.nowMs ?? realNow();
  RealDate.now = now;
  performance.now = () => current.getStore()?.nowMs ?? realPerformanceNow();
  // A function rather than a proxy, because a simulation makes many dates.
  const SimulatedDate = function (...args: unknown[]) {
    if (new.target === undefined) return new RealDate(now()).toString();
    const given = (args.length === 0 ? [now()] : args) as [number];
    if (new.target === SimulatedDate) return new RealDate(...given);
    return Reflect.construct(RealDate, given, new.target) as Date;
  } as unknown as DateConstructor;
  Object.defineProperties(SimulatedDate, {
    name: { value: RealDate.name },
    length: { value: RealDate.length },
    prototype: { value: RealDate.prototype },
  });
  // Date.UTC, Date.parse and Date.now.
  Object.setPrototypeOf(SimulatedDate, RealDate);
  globalThis.Date = SimulatedDate;
}

function installAbortTimeout(): void {
  const timeoutReally = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (delayMs) => {
    const surroundings = current.getStore();
    if (surroundings === undefined) return timeoutReally(delayMs);
    const controller = new AbortController();
    const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    surroundings.startTimer(
      delayMs,
      'limit',
      AsyncResource.bind(() => controller.abort(reason())),
    );
    return controller.signal;
  };
}

function installSubtleCrypto(): void {
  const methods = Object.getPrototypeOf(crypto.subtle) as Record<string, unknown>;
  for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(methods))) {
    const compute: unknown = method.value;
    if (typeof compute !== 'function' || name === 'constructor') continue;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      const work = Reflect.apply(compute, this, args) as Promise<unknown>;
      current.getStore()?.hold(work);
      return work;
    };
  }
}
