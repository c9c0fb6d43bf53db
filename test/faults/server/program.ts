/** Penstock's programs as separate processes, as an operator runs them. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { startChild, type Child } from '../../../src/processes/child.js';
import { collectOutput, type Output } from '../../../src/servers/run-tool.js';
import type { WorkerVersion } from '../../../src/worker.js';
import { builtPrograms, workerProgram } from '../../support/built-programs.js';
import { workflowBundleFile } from '../../support/workflow-bundle.js';

export interface Ended {
  code: number | null;
  output: Output;
}

export class Program {
  readonly ended: Promise<Ended>;
  private readonly output: Output;

  private constructor(private readonly child: Child) {
    this.output = collectOutput(child);
    this.ended = once(child.process, 'close').then(([code]) => ({
      code: code as number | null,
      output: this.output,
    }));
  }

  /** Runs `penstock` with these arguments. */
  static async penstock(args: string[], env: Record<string, string>): Promise<Program> {
    return Program.start([join(await builtPrograms(), 'cli', 'main.js'), ...args], env);
  }

  /** Resolves when the worker takes tasks. `preload`: modules that Node loads first, in all threads. */
  static async worker(
    env: Record<string, string>,
    {
      version,
      preload = [],
      bundlePath,
    }: { version?: WorkerVersion; preload?: string[]; bundlePath?: string } = {},
  ): Promise<Program> {
    const options = JSON.stringify({ bundlePath: bundlePath ?? (await workflowBundleFile()), version });
    const worker = Program.start(
      [workerProgram, join(await builtPrograms(), 'worker.js'), options],
      env,
      preload,
    );
    await worker.firstLine();
    return worker;
  }

  get isRunning(): boolean {
    const { exitCode, signalCode } = this.child.process;
    return exitCode === null && signalCode === null;
  }

  get printed(): string {
    return `${this.output.stdout}\n${this.output.stderr}`;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private static start(args: string[], env: Record<string, string>, preload: string[] = []): Program {
    const imports = preload.flatMap((each) => ['--import', each]);
    return new Program(
      startChild(process.execPath, [...imports, ...args], { env: { ...process.env, ...env } }),
    );
  }

  private async firstLine(): Promise<void> {
    const { stdout } = this.child.process;
    if (!stdout) throw new Error('a program without output');
    const line = once(createInterface(stdout), 'line');
    const early = await Promise.race([line.then(() => null), this.ended]);
    if (early) throw new Error(`the program exited with ${early.code}: ${early.output.stderr}`);
  }
}
