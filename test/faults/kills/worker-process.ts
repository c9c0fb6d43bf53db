import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../../src/processes/child.js';
import { collectOutput, lastLines, type Output } from '../../../src/servers/run-tool.js';
import { workflowBundleFile } from '../../support/workflow-bundle.js';

const program = fileURLToPath(new URL('./worker-program.ts', import.meta.url));

export interface Surroundings {
  /** Of Temporal. */
  address: string;
  namespace: string;
  taskQueue: string;
  /** Of an emulator. */
  aws: Record<string, string>;
}

/** A worker that ends only by SIGKILL: nothing of it is finished, said goodbye to or handed over. */
export class WorkerProcess {
  private constructor(
    private readonly child: Child,
    private readonly output: Output,
  ) {}

  static async start({ address, namespace, taskQueue, aws }: Surroundings): Promise<WorkerProcess> {
    const env = { ...process.env, ...aws, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const args = ['--import', 'tsx', program, taskQueue, await workflowBundleFile()];
    const child = startChild(process.execPath, args, { env });
    return new WorkerProcess(child, collectOutput(child));
  }

  /** For who measures it. */
  get pid(): number {
    const { pid } = this.child.process;
    if (pid === undefined) throw new Error('a worker did not start');
    return pid;
  }

  /** Fails where it has ended by itself. */
  async kill(): Promise<void> {
    if (this.hasEnded) {
      const { exitCode, signalCode } = this.child.process;
      throw new Error(`a worker ended by itself (${signalCode ?? exitCode}): ${lastLines(this.output)}`);
    }
    await this.end();
  }

  /** Of no effect where it has ended. */
  async end(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child.process, 'exit');
    this.child.process.kill('SIGKILL');
    await exited;
  }

  /** Stands still, and goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.process.kill(signal);
  }

  private get hasEnded(): boolean {
    const { exitCode, signalCode } = this.child.process;
    return exitCode !== null || signalCode !== null;
  }
}
