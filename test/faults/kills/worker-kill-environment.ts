/** Where rollouts are played whose workers die: an account and a task queue of their own, in one namespace for all. */
import type { Client } from '@temporalio/client';
import { NoWorker } from '../../../src/client.js';
import type { Durations } from '../../../src/emulator/emulator.js';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { devServer, openNamespace } from '../../support/dev-server.js';
import { WorkerProcess } from './worker-process.js';

/** Seconds. */
const pace = { training: 1, creating: 0.5, updating: 0.5, shifting: 0.3, scaling: 0.3 };

let namespace: Promise<Client> | null = null;
let opened = 0;

export class WorkerKillEnvironment {
  readonly taskQueue = `kills-${(opened += 1)}`;
  private readonly workers: WorkerProcess[] = [];

  private constructor(readonly stage: E2eEnvironment) {}

  /** Plays without a worker at first. `durations` replace those of the pace. */
  static async play<T>(
    act: (stage: WorkerKillEnvironment) => Promise<T>,
    durations: Partial<Durations> = {},
  ): Promise<T> {
    namespace ??= openNamespace('kills');
    const stage = new WorkerKillEnvironment(
      await E2eEnvironment.forNamespace(await namespace, { ...pace, ...durations }),
    );
    try {
      return await act(stage);
    } finally {
      await Promise.all(stage.workers.map((worker) => worker.end()));
      await stage.stage.close();
    }
  }

  /** `address`: of Temporal, where there is something in between. */
  async startWorker(address?: string): Promise<WorkerProcess> {
    const { emulator, temporal } = this.stage;
    const worker = await WorkerProcess.start({
      address: address ?? (await devServer()).address,
      namespace: temporal.options.namespace,
      taskQueue: this.taskQueue,
      aws: emulator.env,
    });
    this.workers.push(worker);
    return worker;
  }
}

/** Of a question that is put until a worker answers it. */
export function ignoreNoWorker(error: unknown): undefined {
  if (!(error instanceof NoWorker)) throw error;
}
