/** A real server keeps an update that no worker has taken. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { NoWorker, RolloutClient } from '../../src/client.js';
import { promoteUpdate } from '../../src/workflows/messages.js';
import { devServer } from '../support/dev-server.js';
import type { FakeActivities } from '../workflows/fake-activities.js';
import { bakingWorld, isBaking, until, withWorker } from './dev-world.js';

const ada = { actor: 'ada', reason: 'numbers look good' };
const answerSeconds = 3;

describe('updates that no worker takes', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let temporal: Client;
  let rollouts: RolloutClient;

  before(async () => {
    temporal = (await devServer()).client;
    rollouts = new RolloutClient(temporal, { answerSeconds: 90, env: {} });
  });

  async function openBaking(endpoint: string): Promise<FakeActivities> {
    const world = bakingWorld();
    await withWorker(world, async () => {
      const spec = { apiVersion: 'penstock/v1', endpoint, strategy: { canary: { steps: ['10%', '50%'] } } };
      await rollouts.start(spec, { startedBy: 'ada' });
      await until(rollouts, endpoint, isBaking);
    });
    return world;
  }

  /** Commands in the timeline, after the next worker has aborted the rollout. */
  async function commandsAfterReturn(endpoint: string, world: FakeActivities): Promise<string[]> {
    return withWorker(world, async () => {
      await rollouts.abort(endpoint, ada);
      await rollouts.wait(endpoint);
      const timeline = await rollouts.timeline(endpoint);
      return timeline.flatMap((entry) => (entry.kind === 'command' && entry.accepted ? [entry.command] : []));
    });
  }

  it('update without `expires`: its caller gave up -> the server delivers it to the next worker', async () => {
    const world = await openBaking('kept-update');
    const update = () =>
      temporal.workflow.getHandle('rollout:kept-update').executeUpdate(promoteUpdate, { args: [ada] });
    await assert.rejects(temporal.withDeadline(Date.now() + answerSeconds * 1000, update));
    assert.deepEqual(await commandsAfterReturn('kept-update', world), ['promote', 'abort']);
  });

  it('promote: the client gave up -> the next worker does not apply it', async () => {
    const world = await openBaking('expired-update');
    const impatient = new RolloutClient(temporal, { answerSeconds, env: {} });
    await assert.rejects(impatient.promote('expired-update', ada), NoWorker);
    await delay(1_000);
    assert.deepEqual(await commandsAfterReturn('expired-update', world), ['abort']);
  });
});
