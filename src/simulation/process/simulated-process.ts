/**
 * A process of a simulation: pieces of work that see simulated surroundings. Simulated time must not pass while one of
 * them computes, and must pass while all of them wait.
 */
import type { Scheduled, SimulatedClock } from '../clock.js';
import type { SeededRandom } from '../random.js';
import {
  currentSurroundings,
  runWithin,
  type RunningTimer,
  type Surroundings,
  type TimerKind,
} from './surroundings.js';

export interface ProcessOptions {
  clock: SimulatedClock;
  random: SeededRandom;
  /** The network beyond AWS. */
  fetch: typeof fetch;
}

/** Turns of the event loop that work gets, if it waits for nothing simulated. In-process work needs one or two. */
const turnsWithoutWait = 50;

/** The process whose work this is. Null outside of simulated work. */
export function currentProcess(): SimulatedProcess | null {
  const surroundings = currentSurroundings();
  return surroundings instanceof WorkSurroundings ? surroundings.process : null;
}

export class SimulatedProcess {
  isAlive = true;
  /** How far the clock of its machine is ahead of the true time. Timers are exact. */
  skewMs = 0;
  private readonly unfinished = new Set<WorkSurroundings>();
  private held = 0;
  private readonly timers = new Set<Scheduled>();

  constructor(readonly options: ProcessOptions) {}

  /** Runs a piece of work. Never settles if the process dies before. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const surroundings = new WorkSurroundings(this);
    this.unfinished.add(surroundings);
    try {
      return await runWithin(surroundings, work);
    } finally {
      this.unfinished.delete(surroundings);
      if (!this.isAlive) await this.suspend();
    }
  }

  /** `fired`: called before `run`, or when the timer is cancelled. */
  startTimer(delayMs: number, run: () => void, fired: () => void): RunningTimer {
    const { clock } = this.options;
    const forget = () => {
      if (this.timers.delete(scheduled)) fired();
    };
    const scheduled = clock.at(clock.nowMs + delayMs, () => {
      forget();
      run();
    });
    this.timers.add(scheduled);
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
  }

  /** Continues only if the process is alive. A call to the outside awaits it before and after its effect. */
  async checkpoint(): Promise<void> {
    if (!this.isAlive) await this.suspend();
  }

  /** Resolves when all work has ended or waits for simulated time. */
  async idle(): Promise<void> {
    await turn();
    for (let turns = 0; this.isAlive && turns < turnsWithoutWait;) {
      if (this.held === 0) {
        if ([...this.unfinished].every(({ waits }) => waits > 0)) return;
        turns++;
      }
      await turn();
    }
  }

  private suspend(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** The surroundings of one piece of work. */
class WorkSurroundings implements Surroundings {
  /** Timers for which it waits. */
  waits = 0;

  constructor(readonly process: SimulatedProcess) {}

  get nowMs(): number {
    return this.process.options.clock.nowMs + this.process.skewMs;
  }

  get fetch(): typeof fetch {
    return this.process.options.fetch;
  }

  random(): number {
    return this.process.options.random.uniform();
  }

  hold(work: Promise<unknown>): void {
    this.process.hold(work);
  }

  startTimer(delayMs: number, kind: TimerKind, run: () => void): RunningTimer {
    const wait = kind === 'wait' ? 1 : 0;
    this.waits += wait;
    return this.process.startTimer(delayMs, run, () => {
      this.waits -= wait;
    });
  }
}

/** Until everything that is ready to run in this process has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
