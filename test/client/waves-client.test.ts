import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  CommandRejected,
  RolloutClient,
  WavesAlreadyRunning,
  WavesEndedAbnormally,
  WavesNotFound,
  type LiveWaves,
  type TimelineEntry,
} from '../../src/client.js';
import { devServer } from '../support/dev-server.js';
import { Fleet } from '../workflows/waves/fleet.js';
import { FakeActivities } from '../workflows/fake-activities.js';
import { bakingWorld, until, withWorker } from './dev-world.js';

const ada = { actor: 'ada', reason: 'because' };
const startedBy = 'ada@laptop';
const minute = { seconds: 60, baseline: 'warm' as const };

function specOf(fleet: Fleet, waves: string[][]) {
  return {
    apiVersion: 'penstock/v1',
    name: `all-${fleet.id}`,
    waves: waves.map((wave) => wave.map((short) => fleet.endpoint(short))),
    models: { baseline: 'live', candidate: { model: 'digits-new' } },
    strategy: { canary: { steps: ['10%', '50%'], bake: '30m' } },
  };
}

describe('RolloutClient.waves', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let temporal: Client;
  let rollouts: RolloutClient;

  before(async () => {
    temporal = (await devServer()).client;
    rollouts = new RolloutClient(temporal, { answerSeconds: 90 });
  });

  /** Starts waves with a worker, and terminates all workflows at the end. */
  async function withWaves(
    worlds: Record<string, FakeActivities>,
    waves: string[][],
    test: (name: string, fleet: Fleet) => Promise<void>,
  ): Promise<void> {
    const fleet = new Fleet(worlds);
    const spec = specOf(fleet, waves);
    await withWorker(
      new FakeActivities(),
      async () => {
        await rollouts.waves.start(spec, { startedBy });
        try {
          await test(spec.name, fleet);
        } finally {
          const endpoints = spec.waves.flat().map((endpoint) => `rollout:${endpoint}`);
          for (const id of [`waves:${spec.name}`, ...endpoints])
            await temporal.workflow
              .getHandle(id)
              .terminate()
              .catch(() => undefined);
        }
      },
      fleet.activities,
    );
  }

  async function untilStatus(name: string, isReached: (status: LiveWaves) => boolean): Promise<LiveWaves> {
    for (let tries = 0; tries < 6_000; tries++) {
      const status = await rollouts.waves.get(name);
      if (isReached(status)) return status;
      await delay(50);
    }
    throw new Error(
      `expected another status, got ${JSON.stringify(await rollouts.waves.get(name), null, 1)}`,
    );
  }

  it('waves: start, get, abort, wait -> each rollout with its phase, then the result', async () => {
    await withWaves(
      { eu: new FakeActivities(), us: bakingWorld() },
      [['eu'], ['us']],
      async (name, fleet) => {
        await assert.rejects(
          rollouts.waves.start(specOf(fleet, [['eu']]), { startedBy }),
          WavesAlreadyRunning,
        );
        const status = await untilStatus(name, (each) => each.rollouts[1]?.phase === 'baking');
        assert.deepEqual(
          status.rollouts.map(({ state, outcome, candidateWeight }) => [state, outcome, candidateWeight]),
          [
            ['ended', 'promoted', null],
            ['running', null, 10],
          ],
        );
        assert.equal(status.startedBy, startedBy);
        const us = await rollouts.get(fleet.endpoint('us'));
        assert.equal(us.startedBy, startedBy);
        await assert.rejects(rollouts.waves.pause(name, ada), CommandRejected);
        await rollouts.waves.abort(name, ada);
        const result = await rollouts.waves.wait(name);
        assert.equal(result.outcome, 'inconclusive');
        assert.match(result.reason, /^aborted by ada: because; 1 promoted, 1 aborted/);
        await assert.rejects(
          rollouts.waves.abort(name, ada),
          /the waves have already ended \(inconclusive\)/,
        );
      },
    );
  });

  it('waves: a rollout is terminated -> outcome rollbackFailed', async () => {
    await withWaves({ eu: bakingWorld() }, [['eu']], async (name, fleet) => {
      await untilStatus(name, (each) => each.rollouts[0]?.phase === 'baking');
      await temporal.workflow.getHandle(`rollout:${fleet.endpoint('eu')}`).terminate('by mistake');
      const result = await rollouts.waves.wait(name);
      assert.equal(result.outcome, 'rollbackFailed');
      assert.equal(result.rollouts[0]?.state, 'terminated');
    });
  });

  it('waves: the waves workflow is terminated -> its rollouts continue alone', async () => {
    const world = new FakeActivities({ rollbackWindow: minute });
    world.reports.push(({ mode }) => (mode === 'final' ? {} : 'watching'));
    await withWaves({ eu: world }, [['eu']], async (name, fleet) => {
      const endpoint = fleet.endpoint('eu');
      await untilStatus(name, (each) => each.rollouts[0]?.phase === 'baking');
      await temporal.workflow.getHandle(`waves:${name}`).terminate('by mistake');
      await assert.rejects(rollouts.waves.wait(name), WavesEndedAbnormally);
      await rollouts.promote(endpoint, { ...ada, full: true });
      await until(rollouts, endpoint, ({ phase }) => phase === 'rollbackWindow');
      const isReported = (timeline: TimelineEntry[]) =>
        timeline.some(({ message }) => /could not notify waves:/.test(message));
      while (!isReported(await rollouts.timeline(endpoint))) await delay(50);
      await rollouts.promote(endpoint, ada);
      assert.equal((await rollouts.wait(endpoint)).outcome, 'promoted');
    });
  });

  it('waves: unknown name -> WavesNotFound', async () => {
    await assert.rejects(rollouts.waves.get('nowhere'), WavesNotFound);
  });
});
