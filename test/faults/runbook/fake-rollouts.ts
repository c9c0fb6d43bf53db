/** Rollouts on fake activities, for tests of their messages. */
import { once, EventEmitter } from 'node:events';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { CommandRejected, RolloutClient } from '../../../src/client.js';
import { withWorker } from '../../client/dev-world.js';
import { devServer } from '../../support/dev-server.js';
import type { FakeActivities } from '../../workflows/fake-activities.js';
import { sampleFaults } from '../sample.js';

/** Each rollout takes seconds, in which it waits for switches to pick up the variants. */
const suites = ['commands', 'endings', 'gates'] as const;
const drawn = sampleFaults(suites, 1, 'message suites');

/** The suite, if this run has drawn it. */
export function describeIfDrawn(
  suite: (typeof suites)[number],
  title: string,
  tests: (this: Mocha.Suite) => void,
): void {
  if (drawn.has(suite)) describe(title, tests);
}

export const ben = { actor: 'ben', reason: 'a test' };

export async function rolloutClient(): Promise<RolloutClient> {
  return new RolloutClient((await devServer()).client, { answerSeconds: 90 });
}

/** Runs `test` with a worker and a rollout that ana has started. */
export async function withRollout(
  world: FakeActivities,
  endpoint: string,
  test: (rollouts: RolloutClient) => Promise<void>,
  activities: Partial<RolloutActivities> = {},
): Promise<void> {
  const rollouts = await rolloutClient();
  await withWorker(
    world,
    async () => {
      await rollouts.start({ endpoint, apiVersion: 'penstock/v1' }, { startedBy: 'ana' });
      await test(rollouts);
    },
    activities,
  );
}

/** The reason for which the rollout rejects the command. */
export async function rejectionOf(command: Promise<unknown>): Promise<string> {
  try {
    await command;
  } catch (error) {
    if (error instanceof CommandRejected) return error.reason;
    throw error;
  }
  throw new Error('the command was accepted');
}

/** An activity waits at the latch until the test opens it. */
export class Latch {
  private readonly opened = new EventEmitter();
  private isOpen = false;

  open(): void {
    this.isOpen = true;
    this.opened.emit('open');
  }

  async pass(): Promise<void> {
    if (!this.isOpen) await once(this.opened, 'open');
  }
}
