/** A program that can be killed and started again. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Child } from '../../../src/processes/child.js';
import { collectOutput, lastLines } from '../../../src/servers/run-tool.js';

const timeoutMs = 120_000;

export class RestartableProcess {
  kills = 0;
  private turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly launch: () => Promise<Child>,
    private running: Child,
  ) {}

  /** `launch` resolves when the program is ready. Each launch finds the data of the previous one. */
  static async start(launch: () => Promise<Child>): Promise<RestartableProcess> {
    return new RestartableProcess(launch, await launch());
  }

  /**
   * Kills the program with SIGKILL, so it cannot shut down gracefully, and restarts it after `seconds`. Several calls run
   * one after another. `meanwhile` runs while the program is down.
   */
  killFor(seconds: number, meanwhile: () => void = () => undefined): Promise<void> {
    const killed = this.turn.then(async () => {
      const gone = once(this.running.process, 'exit');
      this.running.process.kill('SIGKILL');
      await gone;
      this.kills++;
      meanwhile();
      await delay(seconds * 1000);
      this.running = await this.launch();
    });
    this.turn = killed.catch(() => undefined);
    return killed;
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

/** Resolves when `child` serves. Throws with its last output lines if it has ended. */
export async function waitUntilReady(child: Child, isReady: () => Promise<boolean>): Promise<Child> {
  const output = collectOutput(child);
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady())) {
    const { exitCode, signalCode } = child.process;
    if (exitCode !== null || signalCode !== null || Date.now() > deadline)
      throw new Error(`the server did not become ready: ${lastLines(output)}`);
    await delay(100);
  }
  return child;
}

/** Whether Temporal serves its default namespace. */
export async function temporalAnswers(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    const asked = () => connection.workflowService.countWorkflowExecutions({ namespace: 'default' });
    await connection.withDeadline(Date.now() + 2_000, asked);
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
