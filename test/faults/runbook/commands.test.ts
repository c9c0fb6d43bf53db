/** What a rollout answers to a command that makes no sense now: as the runbook has it. */
import assert from 'node:assert/strict';
import { RolloutAlreadyRunning } from '../../../src/client.js';
import { abortUpdate, promoteUpdate, workflowIdOf } from '../../../src/workflows/messages.js';
import { connectTo, penstock } from '../../cli/cli.js';
import { bakingWorld, isBaking, until } from '../../client/dev-world.js';
import { Actors } from '../../support/actors.js';
import { devServer } from '../../support/dev-server.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { ben, describeWhere, Door, inWorld, refusalOf, rolloutClient } from './fake-rollouts.js';

async function messageOf(refused: Promise<unknown>): Promise<string> {
  const error: unknown = await refused.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof Error, 'it was accepted');
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** What `penstock reverse` says on stderr. */
async function reverse(endpoint: string): Promise<string> {
  const rollouts = await rolloutClient();
  const record = (asked: string) => rollouts.record(asked);
  const { exitCode, stderr } = await penstock(['reverse', endpoint], connectTo({ record }));
  assert.equal(exitCode, 1);
  return stderr;
}

describeWhere('commands', 'a refused command, as the runbook has it,', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('while the rollout bakes', () =>
    inWorld(bakingWorld(), 'asked-baking', async (rollouts) => {
      const baking = await until(rollouts, 'asked-baking', isBaking);
      assertRunbookEntry(baking.reason, 'watching the candidate at 10 % of the traffic');
      assertRunbookEntry(await refusalOf(rollouts.resume('asked-baking', ben)), 'the rollout is not paused');
      assertRunbookEntry(
        await refusalOf(rollouts.approve('asked-baking', ben)),
        'no gate waits for an approval now',
      );
      assertRunbookEntry(
        await refusalOf(rollouts.undo('asked-baking', ben)),
        'nothing is promoted yet (the rollout is X); abort takes it back',
      );
      assertRunbookEntry(
        await refusalOf(rollouts.retry('asked-baking', ben)),
        'nothing is held: there is nothing to try again',
      );
      assertRunbookEntry(await reverse('asked-baking'), 'its rollout still runs; ...');
      await rollouts.pause('asked-baking', ben);
      assertRunbookEntry(
        await refusalOf(rollouts.pause('asked-baking', ben)),
        'the rollout is paused already',
      );
      assertRunbookEntry(
        await refusalOf(rollouts.promote('asked-baking', ben)),
        'the rollout is paused; resume it first',
      );
      const again = rollouts.start({ endpoint: 'asked-baking' }, { startedBy: 'ben' });
      await assert.rejects(again, RolloutAlreadyRunning);
      assertRunbookEntry(await messageOf(again), 'A rollout of churn is already running (...), ...');
      await rollouts.abort('asked-baking', ben);
      assert.equal((await rollouts.wait('asked-baking')).outcome, 'aborted');
      assertRunbookEntry(
        await refusalOf(rollouts.pause('asked-baking', ben)),
        'the rollout has already ended ...',
      );
      assertRunbookEntry(await reverse('asked-baking'), 'its last rollout promoted nothing: ...');
    }));

  it('where it is not one', async () => {
    const actors = new Actors(['ben']);
    const world = bakingWorld();
    world.actorKeys = actors.keys;
    actors.close();
    await inWorld(world, 'asked-oddly', async (rollouts) => {
      await until(rollouts, 'asked-oddly', isBaking);
      const handle = (await devServer()).client.workflow.getHandle(workflowIdOf('asked-oddly'));
      const odd = (command: unknown) =>
        messageOf(handle.executeUpdate(promoteUpdate, { args: [command as never] }));
      assertRunbookEntry(
        await odd({ actor: '', reason: 'x' }),
        '"actor" must be a text of 1 to 1000 characters',
      );
      assertRunbookEntry(await odd('now'), 'takes one object');
      assertRunbookEntry(await odd({ ...ben, full: 'yes' }), '"full" must be true or false');
      assertRunbookEntry(
        await odd({ ...ben, proof: 7 }),
        '"proof" must be a signature of 1 to N characters, ...',
      );
      assertRunbookEntry(await odd({ ...ben, proof: 'x' }), 'the proof of who sends it is wrong: ...');
      await handle.executeUpdate(abortUpdate, { args: [ben] });
      await rollouts.wait('asked-oddly');
    });
  });

  it('while the candidate is brought up, and while its weight is changed', async () => {
    const world = new FakeActivities();
    const [deployed, weighed] = [new Door(), new Door()];
    await inWorld(
      world,
      'asked-early',
      async (rollouts) => {
        await until(rollouts, 'asked-early', ({ phase }) => phase === 'deploying');
        assertRunbookEntry(
          await refusalOf(rollouts.promote('asked-early', ben)),
          'there is nothing to promote while the rollout is X; it can be promoted while it bakes',
        );
        deployed.open();
        await until(rollouts, 'asked-early', ({ phase }) => phase === 'shifting');
        assertRunbookEntry(
          await refusalOf(rollouts.promote('asked-early', ben)),
          'the weights are being changed; promote when the bake has begun, or promote full',
        );
        weighed.open();
        assert.equal((await rollouts.wait('asked-early')).outcome, 'promoted');
        assertRunbookEntry(
          await refusalOf(rollouts.undo('asked-early', ben)),
          'the rollout has already ended (promoted)',
        );
      },
      {
        deploy: async (wish) => {
          await deployed.pass();
          return world.activities.deploy(wish);
        },
        setWeights: async (wish) => {
          await weighed.pass();
          return world.activities.setWeights(wish);
        },
      },
    );
  });

  it('while it is taken back', async () => {
    const world = bakingWorld();
    const restored = new Door();
    await inWorld(
      world,
      'asked-back',
      async (rollouts) => {
        await until(rollouts, 'asked-back', isBaking);
        await rollouts.abort('asked-back', ben);
        await until(rollouts, 'asked-back', ({ phase }) => phase === 'rollingBack');
        assertRunbookEntry(
          await refusalOf(rollouts.promote('asked-back', ben)),
          'the rollout is being taken back',
        );
        assertRunbookEntry(
          await refusalOf(rollouts.undo('asked-back', ben)),
          'the rollout is being taken back already',
        );
        assertRunbookEntry(
          await refusalOf(rollouts.pause('asked-back', ben)),
          'the rollout is being taken back; there is nothing left to pause',
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

  it('when it is promoted and tidies, and when people are told of its end', async () => {
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
    const [tidied, told] = [new Door(), new Door()];
    await inWorld(
      world,
      'asked-late',
      async (rollouts) => {
        await until(rollouts, 'asked-late', ({ phase }) => phase === 'cleaningUp');
        assertRunbookEntry(
          await refusalOf(rollouts.abort('asked-late', ben)),
          'the candidate is promoted and alone in service; to go back, start a rollout the other way: penstock reverse',
        );
        assertRunbookEntry(
          await refusalOf(rollouts.pause('asked-late', ben)),
          'the candidate is promoted; only tidying is left',
        );
        tidied.open();
        await until(rollouts, 'asked-late', ({ phase }) => phase === 'ended');
        assertRunbookEntry(await refusalOf(rollouts.pause('asked-late', ben)), 'the rollout has ended: X');
        told.open();
        await rollouts.wait('asked-late');
      },
      {
        deleteConfig: () => tidied.pass(),
        sendNotification: async () => {
          await told.pass();
          return { delivered: true, message: 'told' };
        },
      },
    );
  });

  it('that asks for the way back to nothing', async () => {
    const world = new FakeActivities({
      models: { baseline: { kind: 'none' }, candidate: { kind: 'model', modelName: 'digits-new' } },
      steps: [{ kind: 'deploy', stage: 0, arrangement: { kind: 'candidateOnly' } }],
      serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    });
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
    await inWorld(world, 'asked-first', async (rollouts) => {
      assert.equal((await rollouts.wait('asked-first')).outcome, 'promoted');
      assertRunbookEntry(
        await reverse('asked-first'),
        'no model served before its last rollout, as far as its history says',
      );
    });
  });
});
