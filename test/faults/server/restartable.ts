/** A program that can be killed and started again. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Child } from '../../../src/processes/child.js';
import { collectOutput, lastLines } from '../../../src/servers/run-tool.js';

const patienceMs = 120_000;

export class Mortal {
  kills = 0;
  private turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly launch: () => Promise<Child>,
    private running: Child,
  ) {}

  /** `launch` resolves when the program is of use; what it finds is what the one before has left. */
  static async start(launch: () => Promise<Child>): Promise<Mortal> {
    return new Mortal(launch, await launch());
  }

  /**
   * By SIGKILL, so nothing is written down or said first; and started again after a while. One after another, where
   * several ask. `meanwhile` happens while it is away.
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

/** Resolves when what `child` serves is there. Throws with its last words where it has ended. */
export async function untilReady(child: Child, isThere: () => Promise<boolean>): Promise<Child> {
  const output = collectOutput(child);
  const ends = Date.now() + patienceMs;
  while (!(await isThere())) {
    const { exitCode, signalCode } = child.process;
    if (exitCode !== null || signalCode !== null || Date.now() > ends)
      throw new Error(`a server is not there: ${lastLines(output)}`);
    await delay(100);
  }
  return child;
}

/** Whether Temporal answers for its default namespace. */
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
