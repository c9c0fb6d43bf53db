import assert from 'node:assert/strict';
import { sleep } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { RolloutActivities } from '../../src/activities/interface/activities.js';
import { encodeAll } from '../../src/simulation/temporal/payloads.js';
import type { UpdateOutcome } from '../../src/simulation/temporal/run-updates.js';
import { workflowType } from '../../src/workflows/messages.js';
import { FakeActivities } from '../workflows/fake-activities.js';
import { withRollout } from '../workflows/harness.js';
import { twoPeople } from '../workflows/commands/signed-approvers.js';

const ana = { actor: 'ana', reason: 'a test' };

/** Its first bake lasts until a command ends it. */
function baking(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

/** A check of a signature takes four seconds. */
class SlowVerification extends FakeActivities {
  override get activities(): RolloutActivities {
    const all = super.activities;
    return {
      ...all,
      verifyActor: async (question) => {
        await sleep('4s');
        return all.verifyActor(question);
      },
    };
  }
}

describe('clients of a simulation', () => {
  it('commands: to a workflow that has ended -> not found', async () => {
    await withRollout(new FakeActivities(), async (running) => {
      await running.result();
      const { handle } = running;
      const calls = [
        () => handle.executeUpdate('abort', { args: [ana] }),
        () => handle.signal('abort', ana),
        () => handle.terminate(),
      ];
      for (const call of calls) await assert.rejects(call, WorkflowNotFoundError);
      await assert.doesNotReject(() => handle.cancel());
    });
  });

  it('update: the workflow ends after it has accepted it -> failed with the type of the server', async () => {
    const world = new SlowVerification();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      const { temporal, handle } = running;
      const outcomes: UpdateOutcome[] = [];
      const args = encodeAll([{ ...ana, proof: 'x' }]);
      temporal.running(handle.workflowId).update('id', 'promote', args, (settled) => outcomes.push(settled));
      await running.skipTime('1s');
      assert.equal(outcomes.length, 0);
      await handle.terminate();
      const types = outcomes.map(
        (outcome) => 'failure' in outcome && outcome.failure.applicationFailureInfo?.type,
      );
      assert.deepEqual(types, ['AcceptedUpdateCompletedWorkflow']);
    });
  });

  it('updates: two of one name at the same moment -> each gets its own answer', async () => {
    const world = new FakeActivities();
    world.plan.steps.splice(1, 0, { kind: 'gate', stage: 1, gate: twoPeople });
    await withRollout(world, async (running) => {
      await running.phase('gated');
      const people = ['ben', 'cem'].map((actor) => running.send('approve', { ...ana, actor }));
      const [first, second] = await Promise.all(people);
      assert.deepEqual(first?.gate?.approvals, ['ben']);
      assert.deepEqual(second?.gate?.approvals, ['ben', 'cem']);
      assert.equal((await running.result()).outcome, 'promoted');
    });
  });

  it('result: awaited by one client while others query and command -> each has its turn', async () => {
    const world = baking();
    await withRollout(world, async (running) => {
      const result = running.handle.result();
      while ((await running.status()).phase !== 'baking');
      await running.send('abort', ana);
      assert.equal(((await result) as { outcome: string }).outcome, 'aborted');
    });
  });

  it('skipToNext: something is due later -> the time of it, and all of that moment has run', async () => {
    await withRollout(baking(), async ({ temporal, nowMs: began, ...running }) => {
      await temporal.settle();
      assert.equal(temporal.clock.nowMs, began);
      const nextMs = temporal.clock.nextMs;
      assert.equal(await temporal.skipToNext(), true);
      assert.equal(temporal.clock.nowMs, nextMs);
      assert.notEqual(temporal.clock.nextMs, nextMs);
      await running.handle.terminate();
      while (await temporal.skipToNext());
      assert.equal(temporal.clock.nextMs, null);
    });
  });

  it('describe: a running workflow -> its type, run, task queue and memo', async () => {
    await withRollout(baking(), async (running) => {
      await running.phase('baking');
      const { memo, runId, ...rest } = await running.handle.describe();
      assert.equal(memo?.['startedBy'], 'ana');
      assert.equal(runId, running.firstRunId);
      assert.deepEqual(
        { ...rest, historyLength: 0 },
        { workflowId: 'rollout:digits', type: workflowType, taskQueue: 'penstock', historyLength: 0 },
      );
    });
  });
});
