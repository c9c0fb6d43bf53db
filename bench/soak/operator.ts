/** Sends each command until it has a response, and records the responses. */
import { setTimeout as delay } from 'node:timers/promises';
import { CommandRejected, NoWorker, WorkerFailing, type RolloutClient } from '../../src/client.js';
import type { CommandName } from './scenario.js';

export interface Given {
  command: CommandName | 'resume';
  /** Unique reason of the command. */
  reason: string;
  answer: 'accepted' | 'rejected' | 'none';
  /** The command was also sent as a signal, because no worker was running. */
  wasSignalled: boolean;
}

const commandTimeoutMs = 300_000;

export class Operator {
  readonly given: Given[] = [];

  constructor(
    private readonly rollouts: RolloutClient,
    private readonly endpoint: string,
  ) {}

  /** Every attempt uses the same update id, so it is the same command. */
  async give(command: Given['command']): Promise<Given['answer']> {
    const reason = `command ${this.given.length + 1} of ${this.endpoint}`;
    const given: Given = { command, reason, answer: 'none', wasSignalled: false };
    this.given.push(given);
    const ends = Date.now() + commandTimeoutMs;
    while (given.answer === 'none' && Date.now() < ends) {
      try {
        await this.send(command, reason);
        given.answer = 'accepted';
      } catch (error) {
        if (error instanceof CommandRejected) given.answer = 'rejected';
        else if (!(error instanceof NoWorker) && !(error instanceof WorkerFailing)) throw error;
        else if (command === 'abort') given.wasSignalled = true;
        await delay(1_000);
      }
    }
    return given.answer;
  }

  async pauseFor(seconds: number): Promise<void> {
    if ((await this.give('pause')) !== 'accepted') return;
    await delay(seconds * 1000);
    await this.give('resume');
  }

  private send(command: Given['command'], reason: string): Promise<unknown> {
    const { endpoint, rollouts } = this;
    const by = { actor: 'ben', reason };
    const once = { updateId: reason.replaceAll(' ', '-') };
    return command === 'promoteFull'
      ? rollouts.promote(endpoint, { ...by, full: true }, once)
      : rollouts[command](endpoint, by, once);
  }
}
