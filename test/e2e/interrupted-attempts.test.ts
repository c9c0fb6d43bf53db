/**
 * An activity may be cancelled while an attempt runs, and the attempt may then fail, here with the retryable failure
 * `InProgress`. A real server reports that failure, not a cancellation. If the activity was between two attempts, the
 * server reports a cancellation.
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

/** One attempt that runs until it is released, and then asks for a retry. */
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

describe('cancelled activity with a running attempt', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let rollouts: RolloutClient;
  before(async () => (rollouts = new RolloutClient((await devServer()).client)));

  function start(endpoint: string) {
    return rollouts.start({ endpoint, apiVersion: 'penstock/v1' }, { startedBy: 'ana' });
  }

  /** Holds the polls of bakes. */
  function heldBake(fake: FakeActivities, held: HeldAttempt): Partial<RolloutActivities> {
    const others = fake.activities;
    return {
      watchTraffic: (request) => (request.mode === 'bake' ? held.run() : others.watchTraffic(request)),
    };
  }

  it('promote --full during a bake poll: attempt fails with InProgress -> bake is skipped, promoted', async () => {
    const [fake, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      fake,
      async () => {
        await start('held-promotion');
        await held.begun;
        await rollouts.promote('held-promotion', { ...ben, full: true });
        setTimeout(() => held.release(), 1_000);
        return rollouts.wait('held-promotion');
      },
      heldBake(fake, held),
    );
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.equal(fake.config, names.singleConfig.candidate);
  });

  it('pause right after promote: attempt of the bake still runs -> promotion continues after resume', async () => {
    const [fake, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      fake,
      async () => {
        await start('held-pause');
        await held.begun;
        await rollouts.promote('held-pause', ben);
        await rollouts.pause('held-pause', ben);
        const releasing = setInterval(() => held.release(), 500);
        await until(rollouts, 'held-pause', ({ phase, paused }) => paused && phase === 'baking');
        await delay(2_000);
        const finals = fake.calls.filter((call) => call === 'watch final').length;
        assert.ok(finals < 5, `${finals} final checks in a row`);
        await rollouts.resume('held-pause', ben);
        await rollouts.promote('held-pause', { ...ben, full: true });
        return rollouts.wait('held-pause').finally(() => clearInterval(releasing));
      },
      heldBake(fake, held),
    );
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('workflow cancellation: running attempt fails with InProgress -> aborted, not failed', async () => {
    const [fake, held] = [new FakeActivities(), new HeldAttempt()];
    const result = await withWorker(
      fake,
      async () => {
        const { workflowId } = await start('held-cancel');
        await held.begun;
        await (await devServer()).client.workflow.getHandle(workflowId).cancel();
        setTimeout(() => held.release(), 1_000);
        return rollouts.wait('held-cancel');
      },
      heldBake(fake, held),
    );
    assert.equal(result.outcome, 'aborted', result.reason);
    assert.equal(fake.config, 'digits-original');
  });

  it('training: one job fails while the attempt of the other runs -> other job is stopped, not failed', async () => {
    const fake = new FakeActivities({
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
      fake,
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
