/** Rollouts of a World in memory, for what they say to people who ask something of them. */
import { once, EventEmitter } from 'node:events';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { CommandRejected, RolloutClient } from '../../../src/client.js';
import { withWorker } from '../../client/dev-world.js';
import { devServer } from '../../support/dev-server.js';
import type { FakeActivities } from '../../workflows/fake-activities.js';
import { sampleFaults } from '../sample.js';

/** Each of their rollouts takes seconds in which the switches learn who is who. */
const suites = ['commands', 'endings', 'gates'] as const;
const drawn = sampleFaults(suites, 1, 'what is said');

/** A suite of them, where it is drawn. */
export function describeWhere(
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

/** Starts a rollout by ana, and a worker for as long as `test` takes. */
export async function inWorld(
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

/** Why it was refused. */
export async function refusalOf(command: Promise<unknown>): Promise<string> {
  try {
    await command;
  } catch (error) {
    if (error instanceof CommandRejected) return error.reason;
    throw error;
  }
  throw new Error('it was accepted');
}

/** A door that an activity waits at until the test opens it. */
export class Door {
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
