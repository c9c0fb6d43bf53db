/** Runs one worker at a time, kills it on request, and samples its memory. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkerProcess, type Surroundings } from '../../test/faults/kills/worker-process.js';

export interface Sample {
  atMs: number;
  megabytes: number;
}

const sampleEveryMs = 5_000;

export class WorkerLives {
  kills = 0;
  /** Samples of the current worker process. */
  samples: Sample[] = [];
  private readonly timer = setInterval(() => void this.sample(), sampleEveryMs);

  private constructor(
    private readonly surroundings: Surroundings,
    private worker: WorkerProcess,
  ) {}

  static async begin(surroundings: Surroundings): Promise<WorkerLives> {
    return new WorkerLives(surroundings, await WorkerProcess.start(surroundings));
  }

  /** Kills the worker with SIGKILL, and starts another after `awaySeconds`. */
  async kill(awaySeconds: number): Promise<void> {
    await this.worker.kill();
    this.kills += 1;
    await delay(awaySeconds * 1000);
    this.worker = await WorkerProcess.start(this.surroundings);
    this.samples = [];
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.worker.end();
  }

  private async sample(): Promise<void> {
    // The worker may just have been killed.
    const status = await readFile(`/proc/${this.worker.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    if (kilobytes !== undefined) this.samples.push({ atMs: Date.now(), megabytes: Number(kilobytes) / 1024 });
  }
}

/** Means of the first and the last quarter, in MB. */
export function quartersOf(samples: Sample[]): { first: number; last: number; minutes: number } {
  const size = Math.max(1, Math.floor(samples.length / 4));
  const mean = (some: Sample[]) => some.reduce((sum, { megabytes }) => sum + megabytes, 0) / some.length;
  const lastMs = samples.at(-1)?.atMs ?? 0;
  const minutes = (lastMs - (samples[0]?.atMs ?? lastMs)) / 60_000;
  return { first: mean(samples.slice(0, size)), last: mean(samples.slice(-size)), minutes };
}
