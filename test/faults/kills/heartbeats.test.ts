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
import { ScenarioRun } from './run-scenario.js';
import { isBaking, lasting } from './scenarios.js';

const { TIMEOUT_TYPE_HEARTBEAT } = protos.temporal.api.enums.v1.TimeoutType;

const ben = { actor: 'ben', reason: 'a test' };
const weights = 'UpdateEndpointWeightsAndCapacities';

/** The pending setWeights activity of the rollout, according to the server. */
async function pendingOf({ e2e }: WorkerKillEnvironment, endpoint: string) {
  const { raw } = await e2e.temporal.workflow.getHandle(workflowIdOf(endpoint)).describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'setWeights');
}

/** Starts a rollback of `endpoint`. The worker has sent the weights, and the emulator holds the response. */
async function holdRollback(environment: WorkerKillEnvironment, endpoint: string): Promise<ScenarioRun> {
  const { emulator, rollouts } = environment.e2e;
  const run = await (await ScenarioRun.prepare({ ...lasting, name: endpoint }, environment, endpoint))();
  await run.until(isBaking);
  emulator.faults.add({ operation: weights, kind: 'holdResponse', about: endpoint });
  await rollouts.abort(endpoint, ben);
  while (!emulator.held.list().some(({ operation }) => operation === weights)) await delay(50);
  return run;
}

describe('worker heartbeats', function () {
  this.timeout(900_000);

  it('heartbeats: worker is killed during a rollback -> heartbeat timeout, next worker finishes the rollback', () =>
    WorkerKillEnvironment.run(async (environment) => {
      const worker = await environment.startWorker();
      const run = await holdRollback(environment, 'silent');
      await worker.kill();
      const timedOut = await eventually(async () => {
        const failure = (await pendingOf(environment, 'silent'))?.lastFailure;
        return failure?.timeoutFailureInfo ?? undefined;
      });
      assert.equal(timedOut.timeoutType, TIMEOUT_TYPE_HEARTBEAT);
      await environment.startWorker();
      await run.rollout.expectOutcome('aborted');
      await run.rollout.assertOriginal();
    }));

  it('heartbeats: attempt of a live worker takes long -> attempt does not time out', () =>
    WorkerKillEnvironment.run(async (environment) => {
      await environment.startWorker();
      const run = await holdRollback(environment, 'alive');
      // Twice the heartbeat timeout.
      await delay(30_000);
      const pending = await pendingOf(environment, 'alive');
      assert.deepEqual([pending?.attempt, pending?.lastFailure ?? null], [1, null]);
      environment.e2e.emulator.held.release();
      await run.rollout.expectOutcome('aborted');
      await run.rollout.assertOriginal();
    }));

  it('heartbeats: attempt fails after a heartbeat -> next attempt still gets the poll details', async () => {
    const { client, native } = await devServer();
    const fake = new FakeActivities();
    const seen: unknown[] = [];
    const setWeights: RolloutActivities['setWeights'] = async (argument) => {
      seen.push(readPollDetails()?.state ?? null);
      const { attempt } = activityInfo();
      if (attempt === 1) pollAgain('in progress', 1, { sums: 7 });
      // Long enough for a heartbeat. Then the attempt fails without details, as if AWS could not be reached.
      if (attempt === 2) await delay(5_000);
      if (attempt === 2) throw new Error('lost');
      return fake.activities.setWeights(argument);
    };
    const worker = await Worker.create({
      connection: native,
      taskQueue: 'heartbeats',
      workflowBundle: await workflowBundle(),
      activities: { ...fake.activities, setWeights },
      ...autoHeartbeat,
    });
    await worker.runUntil(async () => {
      const workflowId = workflowIdOf('poll-details');
      const options = { taskQueue: 'heartbeats', workflowId, args: [{}], memo: { startedBy: 'ana' } };
      const handle = await client.workflow.start('rollout', options);
      await eventually(() => Promise.resolve(seen.length >= 3 || undefined));
      await handle.terminate();
    });
    assert.deepEqual(seen.slice(0, 3), [null, { sums: 7 }, { sums: 7 }]);
  });
});
