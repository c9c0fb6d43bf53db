/**
 * A process of a simulation: pieces of work that see simulated surroundings. Simulated time must not pass while one of
 * them computes, and must pass while all of them wait.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Scheduled, SimulatedClock } from '../clock.js';
import type { SeededRandom } from '../random.js';
import { runWithin, type RunningTimer, type Surroundings, type TimerKind } from './surroundings.js';

export interface ProcessOptions {
  clock: SimulatedClock;
  random: SeededRandom;
  /** The network beyond AWS. */
  fetch: typeof fetch;
}

/** Turns of the event loop that work gets, if it waits for nothing simulated. In-process work needs one or two. */
const turnsWithoutWait = 50;

const processes = new AsyncLocalStorage<SimulatedProcess>();

/** The process whose work this is. Null outside of simulated work. */
export function currentProcess(): SimulatedProcess | null {
  return processes.getStore() ?? null;
}

export class SimulatedProcess implements Surroundings {
  isAlive = true;
  private unfinished = 0;
  private waits = 0;
  private held = 0;
  private readonly timers = new Set<Scheduled>();

  constructor(private readonly options: ProcessOptions) {}

  get nowMs(): number {
    return this.options.clock.nowMs;
  }

  random(): number {
    return this.options.random.uniform();
  }

  get fetch(): typeof fetch {
    return this.options.fetch;
  }

  /** Runs a piece of work. Never settles if the process dies before. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.unfinished++;
    try {
      return await processes.run(this, () => runWithin(this, work));
    } finally {
      this.unfinished--;
      if (!this.isAlive) await this.suspend();
    }
  }

  startTimer(delayMs: number, kind: TimerKind, run: () => void): RunningTimer {
    const { clock } = this.options;
    const isWait = kind === 'wait';
    const forget = () => {
      if (this.timers.delete(scheduled) && isWait) this.waits--;
    };
    const scheduled = clock.at(clock.nowMs + delayMs, () => {
      forget();
      run();
    });
    this.timers.add(scheduled);
    if (isWait) this.waits++;
    return {
      cancel() {
        scheduled.cancel();
        forget();
      },
    };
  }

  hold(work: Promise<unknown>): void {
    this.held++;
    const release = () => {
      this.held--;
    };
    work.then(release, release);
  }

  /** The process dies as by SIGKILL: none of its work continues, and no result of it arrives. */
  kill(): void {
    this.isAlive = false;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    this.waits = 0;
  }

  /** Continues only if the process is alive. A call to the outside awaits it before and after its effect. */
  async checkpoint(): Promise<void> {
    if (!this.isAlive) await this.suspend();
  }

  /** Resolves when all work has ended or waits for simulated time. */
  async idle(): Promise<void> {
    await turn();
    while (this.held > 0) await turn();
    for (let turns = 0; this.isAlive && this.unfinished > 0 && turns < turnsWithoutWait; turns++) {
      if (this.waits > 0) return;
      await turn();
      while (this.held > 0) await turn();
    }
  }

  private suspend(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** Until everything that is ready to run in this process has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
