import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo } from '@temporalio/activity';
import protos from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { pollAgain, readPollDetails } from '../../../src/activities/temporal/polling.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import { autoHeartbeat } from '../../../src/activities/temporal/auto-heartbeat.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { devServer, eventually } from '../../support/dev-server.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play } from './run-scenario.js';
import { isBaking, lasting } from './scenarios.js';

const { TIMEOUT_TYPE_HEARTBEAT } = protos.temporal.api.enums.v1.TimeoutType;

const ben = { actor: 'ben', reason: 'a test' };
const weights = 'UpdateEndpointWeightsAndCapacities';

/** What the server knows of the only activity that the rollout has under way. */
async function pendingOf({ stage }: WorkerKillEnvironment, endpoint: string) {
  const { raw } = await stage.temporal.workflow.getHandle(workflowIdOf(endpoint)).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'setWeights');
}

/** Begins to take `endpoint` back; the worker has sent the weights, and hears nothing of them. */
async function holdRollback(stage: WorkerKillEnvironment, endpoint: string): Promise<Play> {
  const { emulator, rollouts } = stage.stage;
  const play = await (await Play.prepare({ ...lasting, name: endpoint }, stage, endpoint))();
  await play.until(isBaking);
  emulator.faults.add({ operation: weights, kind: 'holdResponse', about: endpoint });
  await rollouts.abort(endpoint, ben);
  while (!emulator.held.list().some(({ operation }) => operation === weights)) await delay(50);
  return play;
}

describe('the signs of life of a worker', function () {
  this.timeout(900_000);

  it('are missed soon when it is killed with a rollback in hand: the next attempt is not a minute away', () =>
    WorkerKillEnvironment.play(async (stage) => {
      const worker = await stage.startWorker();
      const play = await holdRollback(stage, 'silent');
      await worker.kill();
      const timedOut = await eventually(async () => {
        const failure = (await pendingOf(stage, 'silent'))?.lastFailure;
        return failure?.timeoutFailureInfo ?? undefined;
      });
      assert.equal(timedOut.timeoutType, TIMEOUT_TYPE_HEARTBEAT);
      await stage.startWorker();
      await play.rollout.expectOutcome('aborted');
      await play.rollout.assertOriginal();
    }));

  it('keep an attempt from being given up for as long as it lives', () =>
    WorkerKillEnvironment.play(async (stage) => {
      await stage.startWorker();
      const play = await holdRollback(stage, 'alive');
      // Twice what the server waits for a worker that says nothing.
      await delay(30_000);
      const pending = await pendingOf(stage, 'alive');
      assert.deepEqual([pending?.attempt, pending?.lastFailure ?? null], [1, null]);
      stage.stage.emulator.held.release();
      await play.rollout.expectOutcome('aborted');
      await play.rollout.assertOriginal();
    }));

  it('leave what one look hands on to the next', async () => {
    const { client, native } = await devServer();
    const world = new FakeActivities();
    const seen: unknown[] = [];
    const setWeights: RolloutActivities['setWeights'] = async (argument) => {
      seen.push(readPollDetails()?.state ?? null);
      const { attempt } = activityInfo();
      if (attempt === 1) pollAgain('under way', 1, { sums: 7 });
      // Long enough for a heartbeat of its own; then it ends without a word, as where AWS cannot be reached.
      if (attempt === 2) await delay(5_000);
      if (attempt === 2) throw new Error('lost');
      return world.activities.setWeights(argument);
    };
    const worker = await Worker.create({
      connection: native,
      taskQueue: 'signs-of-life',
      workflowBundle: await workflowBundle(),
      activities: { ...world.activities, setWeights },
      ...autoHeartbeat,
    });
    await worker.runUntil(async () => {
      const workflowId = workflowIdOf('handed-on');
      const options = { taskQueue: 'signs-of-life', workflowId, args: [{}], memo: { startedBy: 'ana' } };
      const handle = await client.workflow.start('rollout', options);
      await eventually(() => Promise.resolve(seen.length >= 3 || undefined));
      await handle.terminate();
    });
    assert.deepEqual(seen.slice(0, 3), [null, { sums: 7 }, { sums: 7 }]);
  });
});
