/** An environment for rollouts whose workers are killed: a separate account and task queue in a shared namespace. */
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

  private constructor(readonly e2e: E2eEnvironment) {}

  /** Begins without a worker. `durations` override the pace. */
  static async run<T>(
    work: (environment: WorkerKillEnvironment) => Promise<T>,
    durations: Partial<Durations> = {},
  ): Promise<T> {
    namespace ??= openNamespace('kills');
    const environment = new WorkerKillEnvironment(
      await E2eEnvironment.forNamespace(await namespace, { ...pace, ...durations }),
    );
    try {
      return await work(environment);
    } finally {
      await Promise.all(environment.workers.map((worker) => worker.end()));
      await environment.e2e.close();
    }
  }

  /** `address`: Temporal's address, if the worker connects through a proxy. */
  async startWorker(address?: string): Promise<WorkerProcess> {
    const { emulator, temporal } = this.e2e;
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

/** For queries that are retried until a worker answers. */
export function ignoreNoWorker(error: unknown): undefined {
  if (!(error instanceof NoWorker)) throw error;
}
