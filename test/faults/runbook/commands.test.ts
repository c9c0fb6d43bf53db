/** Reasons with which a rollout rejects commands, compared with the runbook. */
import assert from 'node:assert/strict';
import { RolloutAlreadyRunning } from '../../../src/client.js';
import { abortUpdate, promoteUpdate, workflowIdOf } from '../../../src/workflows/messages.js';
import { connectTo, penstock } from '../../cli/cli.js';
import { bakingWorld, isBaking, until } from '../../client/dev-world.js';
import { Actors } from '../../support/actors.js';
import { devServer } from '../../support/dev-server.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { ben, describeIfDrawn, Latch, withRollout, rejectionOf, rolloutClient } from './fake-rollouts.js';

async function messageOf(rejected: Promise<unknown>): Promise<string> {
  const error: unknown = await rejected.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof Error, 'the command was accepted');
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The stderr of `penstock reverse`. */
async function reverse(endpoint: string): Promise<string> {
  const rollouts = await rolloutClient();
  const connected = connectTo({
    record: (asked) => rollouts.record(asked),
    recordOfPromotion: (asked) => rollouts.recordOfPromotion(asked),
  });
  const { exitCode, stderr } = await penstock(['reverse', endpoint], connected);
  assert.equal(exitCode, 1);
  return stderr;
}

describeIfDrawn('commands', 'rejected commands', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('baking rollout: commands that do not apply -> rejected with a reason', () =>
    withRollout(bakingWorld(), 'asked-baking', async (rollouts) => {
      const baking = await until(rollouts, 'asked-baking', isBaking);
      assertRunbookEntry(baking.reason, 'watching the candidate at 10 % of the traffic');
      assertRunbookEntry(
        await rejectionOf(rollouts.resume('asked-baking', ben)),
        'the rollout is not paused',
      );
      assertRunbookEntry(
        await rejectionOf(rollouts.approve('asked-baking', ben)),
        'no gate is waiting for an approval',
      );
      assertRunbookEntry(
        await rejectionOf(rollouts.undo('asked-baking', ben)),
        'nothing is promoted yet (phase X); use abort to roll back',
      );
      assertRunbookEntry(
        await rejectionOf(rollouts.retry('asked-baking', ben)),
        'the rollout is not holding; nothing to retry',
      );
      assertRunbookEntry(await reverse('asked-baking'), 'its rollout is running; ...');
      await rollouts.pause('asked-baking', ben);
      assertRunbookEntry(
        await rejectionOf(rollouts.pause('asked-baking', ben)),
        'the rollout is already paused',
      );
      assertRunbookEntry(
        await rejectionOf(rollouts.promote('asked-baking', ben)),
        'the rollout is paused; resume it first',
      );
      const again = rollouts.start({ endpoint: 'asked-baking' }, { startedBy: 'ben' });
      await assert.rejects(again, RolloutAlreadyRunning);
      assertRunbookEntry(await messageOf(again), 'A rollout of churn is already running (...), ...');
      await rollouts.abort('asked-baking', ben);
      assert.equal((await rollouts.wait('asked-baking')).outcome, 'aborted');
      assertRunbookEntry(
        await rejectionOf(rollouts.pause('asked-baking', ben)),
        'the rollout has already ended ...',
      );
      assertRunbookEntry(await reverse('asked-baking'), 'Temporal has no promoted rollout of it: ...');
    }));

  it('malformed command: sent as an update -> rejected with the expected form', async () => {
    const actors = new Actors(['ben']);
    const world = bakingWorld();
    world.actorKeys = actors.keys;
    actors.close();
    await withRollout(world, 'asked-malformed', async (rollouts) => {
      await until(rollouts, 'asked-malformed', isBaking);
      const handle = (await devServer()).client.workflow.getHandle(workflowIdOf('asked-malformed'));
      const odd = (command: unknown) =>
        messageOf(handle.executeUpdate(promoteUpdate, { args: [command as never] }));
      assertRunbookEntry(
        await odd({ actor: '', reason: 'x' }),
        'expected "actor" to be a string of 1 to 1000 characters',
      );
      assertRunbookEntry(await odd('now'), 'expected one object');
      assertRunbookEntry(await odd({ ...ben, full: 'yes' }), 'expected "full" to be true or false');
      assertRunbookEntry(
        await odd({ ...ben, proof: 7 }),
        'expected "proof" to be a signature of 1 to N characters, ...',
      );
      assertRunbookEntry(
        await odd({ ...ben, expires: 'soon' }),
        'expected "expires" to be a time in ISO 8601, ...',
      );
      assertRunbookEntry(await odd({ ...ben, proof: 'x' }), 'the signature is invalid: ...');
      await handle.executeUpdate(abortUpdate, { args: [ben] });
      await rollouts.wait('asked-malformed');
    });
  });

  it('promote: while deploying or shifting -> rejected', async () => {
    const world = new FakeActivities();
    const [deployed, weighed] = [new Latch(), new Latch()];
    await withRollout(
      world,
      'asked-early',
      async (rollouts) => {
        await until(rollouts, 'asked-early', ({ phase }) => phase === 'deploying');
        assertRunbookEntry(
          await rejectionOf(rollouts.promote('asked-early', ben)),
          'nothing to promote in phase X; promote while the rollout is baking',
        );
        deployed.open();
        await until(rollouts, 'asked-early', ({ phase }) => phase === 'shifting');
        assertRunbookEntry(
          await rejectionOf(rollouts.promote('asked-early', ben)),
          'the weights are changing; promote when the bake has started, or use promote --full',
        );
        weighed.open();
        assert.equal((await rollouts.wait('asked-early')).outcome, 'promoted');
        assertRunbookEntry(
          await rejectionOf(rollouts.undo('asked-early', ben)),
          'the rollout has already ended (promoted)',
        );
      },
      {
        deploy: async (request) => {
          await deployed.pass();
          return world.activities.deploy(request);
        },
        setWeights: async (request) => {
          await weighed.pass();
          return world.activities.setWeights(request);
        },
      },
    );
  });

  it('promote, undo and pause: during a rollback -> rejected', async () => {
    const world = bakingWorld();
    const restored = new Latch();
    await withRollout(
      world,
      'asked-back',
      async (rollouts) => {
        await until(rollouts, 'asked-back', isBaking);
        await rollouts.abort('asked-back', ben);
        await until(rollouts, 'asked-back', ({ phase }) => phase === 'rollingBack');
        assertRunbookEntry(
          await rejectionOf(rollouts.promote('asked-back', ben)),
          'the rollout is rolling back',
        );
        assertRunbookEntry(
          await rejectionOf(rollouts.undo('asked-back', ben)),
          'the rollout is already rolling back',
        );
        assertRunbookEntry(
          await rejectionOf(rollouts.pause('asked-back', ben)),
          'the rollout is rolling back; nothing to pause',
        );
        restored.open();
        await rollouts.wait('asked-back');
      },
      {
        observeEndpoint: async (asked) => {
          if (world.calls.includes('setWeights 100/0')) await restored.pass();
          return world.activities.observeEndpoint(asked);
        },
      },
    );
  });

  it('abort and pause: during cleanup and the last notification -> rejected', async () => {
    const { notify } = {
      notify: [
        {
          notificationEvents: ['ended' as const],
          kind: 'slack' as const,
          address: { url: 'https://slack.example.com' },
        },
      ],
    };
    const world = new FakeActivities({ notify });
    const [cleanedUp, notified] = [new Latch(), new Latch()];
    await withRollout(
      world,
      'asked-late',
      async (rollouts) => {
        await until(rollouts, 'asked-late', ({ phase }) => phase === 'cleaningUp');
        assertRunbookEntry(
          await rejectionOf(rollouts.abort('asked-late', ben)),
          'the candidate is promoted and serves alone; start the spec that penstock reverse prints to return to the previous model',
        );
        assertRunbookEntry(
          await rejectionOf(rollouts.pause('asked-late', ben)),
          'the candidate is promoted; only cleanup remains',
        );
        cleanedUp.open();
        await until(rollouts, 'asked-late', ({ phase }) => phase === 'ended');
        assertRunbookEntry(await rejectionOf(rollouts.pause('asked-late', ben)), 'the rollout has ended: X');
        notified.open();
        await rollouts.wait('asked-late');
      },
      {
        deleteConfig: () => cleanedUp.pass(),
        sendNotification: () => notified.pass(),
      },
    );
  });

  it('reverse: first rollout of the endpoint -> rejected', async () => {
    const world = new FakeActivities({
      models: { baseline: { kind: 'none' }, candidate: { kind: 'model', modelName: 'digits-new' } },
      steps: [{ kind: 'deploy', stage: 0, arrangement: { kind: 'candidateOnly' } }],
      serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    });
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
    await withRollout(world, 'asked-first', async (rollouts) => {
      assert.equal((await rollouts.wait('asked-first')).outcome, 'promoted');
      assertRunbookEntry(
        await reverse('asked-first'),
        'the history of its last promoted rollout names no previous model',
      );
    });
  });
});
