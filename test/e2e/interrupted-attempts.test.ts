/**
 * An attempt that is running when its activity is cancelled may end in its own way, here with "look again later". A real
 * server then reports that failure, and not a cancellation; where the activity was between attempts, the reverse.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import { pollAgain } from '../../src/activities/temporal/polling.js';
import { RolloutClient } from '../../src/client.js';
import { until, withWorker } from '../client/dev-world.js';
import { devServer } from '../support/dev-server.js';
import { names, trainingModel, FakeActivities } from '../workflows/fake-activities.js';

const ben = { actor: 'ben', reason: 'a test' };

/** One attempt that runs until it is released, and then asks to be tried again. */
class HeldAttempt {
  readonly begun: Promise<void>;
  private begin = () => {};
  release = () => {};

  constructor() {
    this.begun = new Promise((resolve) => (this.begin = resolve));
  }

  async run(): Promise<never> {
    this.begin();
    await new Promise<void>((resolve) => (this.release = resolve));
    return pollAgain('nothing is decided yet', 600);
  }
}

describe('an attempt that is running when it is no longer wanted', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let rollouts: RolloutClient;
  before(async () => (rollouts = new RolloutClient((await devServer()).client)));

  function start(endpoint: string) {
    return rollouts.start({ endpoint, apiVersion: 'penstock/v1' }, { startedBy: 'ana' });
  }

  /** The first look of the first bake. */
  function heldBake(world: FakeActivities, held: HeldAttempt): Partial<RolloutActivities> {
    const others = world.activities;
    return {
      watchTraffic: (request) => (request.mode === 'bake' ? held.run() : others.watchTraffic(request)),
    };
  }

  it('does not keep a promotion from skipping the bake', async () => {
    const [world, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      world,
      async () => {
        await start('held-promotion');
        await held.begun;
        await rollouts.promote('held-promotion', { ...ben, full: true });
        setTimeout(() => held.release(), 1_000);
        return rollouts.wait('held-promotion');
      },
      heldBake(world, held),
    );
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(world.config, names.singleConfig.candidate);
  });

  it('does not make a cancellation of a promotion that is paused at once', async () => {
    const [world, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      world,
      async () => {
        await start('held-pause');
        await held.begun;
        await rollouts.promote('held-pause', ben);
        await rollouts.pause('held-pause', ben);
        const releasing = setInterval(() => held.release(), 500);
        await until(rollouts, 'held-pause', ({ phase, paused }) => paused && phase === 'baking');
        await delay(2_000);
        const finals = world.calls.filter((call) => call === 'watch final').length;
        assert.ok(finals < 5, `${finals} final looks, one after the other`);
        await rollouts.resume('held-pause', ben);
        await rollouts.promote('held-pause', { ...ben, full: true });
        return rollouts.wait('held-pause').finally(() => clearInterval(releasing));
      },
      heldBake(world, held),
    );
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('does not make a failure of a cancelled rollout', async () => {
    const [world, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      world,
      async () => {
        const { workflowId } = await start('held-cancel');
        await held.begun;
        await (await devServer()).client.workflow.getHandle(workflowId).cancel();
        setTimeout(() => held.release(), 1_000);
        return rollouts.wait('held-cancel');
      },
      heldBake(world, held),
    );
    assert.equal(result.outcome, 'aborted', result.reason);
    assert.equal(world.config, 'digits-original');
  });

  it('of a training job does not count as its failure when the other job has failed', async () => {
    const world = new FakeActivities({
      models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
    });
    const held = new HeldAttempt();
    const trainModel: RolloutActivities['trainModel'] = async ({ model }) => {
      if (model.training.jobName.endsWith('-a')) return held.run();
      await held.begun;
      setTimeout(() => held.release(), 1_000);
      throw ApplicationFailure.nonRetryable('AlgorithmError: loss is NaN', 'TrainingFailed');
    };
    const { result, jobs } = await withWorker(
      world,
      async () => {
        await start('held-training');
        const result = await rollouts.wait('held-training');
        return { result, jobs: (await rollouts.get('held-training')).jobs };
      },
      { trainModel },
    );
    assert.deepEqual([result.outcome, result.reason], ['failed', 'AlgorithmError: loss is NaN']);
    assert.deepEqual(
      jobs.map(({ role, state }) => [role, state]),
      [
        ['baseline', 'stopped'],
        ['candidate', 'failed'],
      ],
    );
  });
});
