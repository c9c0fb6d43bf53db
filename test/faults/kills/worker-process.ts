import { once } from 'node:events';
import { join } from 'node:path';
import { startChild, type Child } from '../../../src/processes/child.js';
import { collectOutput, lastLines, type Output } from '../../../src/servers/run-tool.js';
import { builtPrograms, workerProgram } from '../../support/built-programs.js';
import { workflowBundleFile } from '../../support/workflow-bundle.js';

export interface Surroundings {
  /** Temporal's address. */
  address: string;
  namespace: string;
  taskQueue: string;
  /** Environment variables that point the AWS SDK to an emulator. */
  aws: Record<string, string>;
}

/** A worker that ends only by SIGKILL, without a graceful shutdown. */
export class WorkerProcess {
  private constructor(
    private readonly child: Child,
    private readonly output: Output,
  ) {}

  static async start({ address, namespace, taskQueue, aws }: Surroundings): Promise<WorkerProcess> {
    const env = { ...process.env, ...aws, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const options = JSON.stringify({ taskQueue, bundlePath: await workflowBundleFile() });
    const args = [workerProgram, join(await builtPrograms(), 'worker.js'), options];
    const child = startChild(process.execPath, args, { env });
    return new WorkerProcess(child, collectOutput(child));
  }

  /** For measurements of the process. */
  get pid(): number {
    const { pid } = this.child.process;
    if (pid === undefined) throw new Error('a worker did not start');
    return pid;
  }

  /** Fails if the worker has already ended. */
  async kill(): Promise<void> {
    if (this.hasEnded) {
      const { exitCode, signalCode } = this.child.process;
      throw new Error(`a worker has ended early (${signalCode ?? exitCode}): ${lastLines(this.output)}`);
    }
    await this.end();
  }

  /** Does nothing if the worker has already ended. */
  async end(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child.process, 'exit');
    this.child.process.kill('SIGKILL');
    await exited;
  }

  /** Suspends and resumes the worker. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.process.kill(signal);
  }

  private get hasEnded(): boolean {
    const { exitCode, signalCode } = this.child.process;
    return exitCode !== null || signalCode !== null;
  }
}
