/** The worker of a simulation: it runs attempts of activities and workflow tasks while it is up. */
import type { Client } from '@temporalio/client';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { SimulatedClock } from '../clock.js';
import { SimulatedProcess, type ProcessOptions } from '../process/simulated-process.js';

/** Activity functions by activity type. */
export type Activities = Record<string, (...args: unknown[]) => Promise<unknown>>;

export interface SimulatedWorkerOptions {
  /** Called at each start, because a process that has died loses what its activities share. */
  createActivities: () => object;
  interceptors: ActivityInterceptorsFactory[];
  /** Temporal as activities call it. */
  client: Pick<Client, 'workflow'>;
}

export class SimulatedWorker {
  /** Number of restarts. A restart loses the cached workflows. */
  generation = 0;
  activities: Activities;
  process: SimulatedProcess;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly options: SimulatedWorkerOptions,
    private readonly surroundings: ProcessOptions,
  ) {
    this.process = new SimulatedProcess(surroundings);
    this.activities = options.createActivities() as Activities;
  }

  get isUp(): boolean {
    return this.process.isAlive;
  }

  get interceptors(): ActivityInterceptorsFactory[] {
    return this.options.interceptors;
  }

  /** The client of one attempt. `heartbeat`: records the details of that attempt. */
  clientFor(heartbeat: (details: unknown) => void): Client {
    const activity = {
      heartbeat: (_taskToken: Uint8Array, details: unknown) => Promise.resolve(heartbeat(details)),
    };
    // It has the calls that activities make, and no connection to a server.
    return { ...this.options.client, activity, withAbortSignal } as unknown as Client;
  }

  private get clock(): SimulatedClock {
    return this.surroundings.clock;
  }

  /** Runs a task at once, or when the worker is up again. */
  take(task: () => void): void {
    if (this.isUp) task();
    else this.queue.push(task);
  }

  /** Dies as by SIGKILL: running attempts are lost, and Temporal learns of it only by their time limits. */
  kill(): void {
    if (!this.isUp) return;
    this.process.kill();
  }

  /** A new process polls the task queue. */
  start(): void {
    if (this.isUp) return;
    this.generation++;
    this.process = new SimulatedProcess(this.surroundings);
    this.activities = this.options.createActivities() as Activities;
    for (const task of this.queue.splice(0)) this.clock.at(this.clock.nowMs, () => this.take(task));
  }

  /** Dies now, and another one starts after that time. */
  restartAfter(downMs: number): void {
    this.kill();
    this.clock.at(this.clock.nowMs + downMs, () => this.start());
  }
}

/** Calls of a simulated client end at once, so there is nothing to abort. */
function withAbortSignal<T>(_signal: AbortSignal, call: () => T): T {
  return call();
}
