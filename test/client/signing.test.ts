import assert from 'node:assert/strict';
import { createVerifyActor } from '../../src/activities/commands/verify-actor.js';
import { InvalidActorKeys, CommandRejected, RolloutClient } from '../../src/client.js';
import { Actors } from '../support/actors.js';
import { devServer, eventually } from '../support/dev-server.js';
import { Fleet } from '../workflows/waves/fleet.js';
import { FakeActivities } from '../workflows/fake-activities.js';
import { bakingWorld, isBaking, until, withWorker } from './dev-world.js';

const ada = { actor: 'ada', reason: 'because' };

function specOf(endpoint: string) {
  return { apiVersion: 'penstock/v1', endpoint, strategy: { canary: { steps: ['10%', '50%'] } } };
}

describe('a client with the key of an actor', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let actors: Actors;
  before(() => (actors = new Actors(['ada'])));
  after(() => actors.close());

  async function clientWith(keyFile: string): Promise<RolloutClient> {
    const { client } = await devServer();
    return new RolloutClient(client, { env: { PENSTOCK_ACTOR_KEY_FILE: keyFile } });
  }

  async function inBake(endpoint: string, test: (signing: RolloutClient) => Promise<void>): Promise<void> {
    const world = bakingWorld();
    world.actorKeys = actors.keys;
    const signing = await clientWith(actors.keyFile('ada'));
    await withWorker(world, async () => {
      await signing.start(specOf(endpoint), { startedBy: 'ada' });
      await until(signing, endpoint, isBaking);
      await test(signing);
      await signing.wait(endpoint);
    });
  }

  /** `command identity` of each command. */
  async function marks(client: RolloutClient, endpoint: string): Promise<string[]> {
    const timeline = await client.timeline(endpoint);
    return timeline.flatMap((entry) =>
      entry.kind === 'command' ? [`${entry.command} ${entry.identity}`] : [],
    );
  }

  it('signing client: every command -> verified', async () => {
    await inBake('signed', async (signing) => {
      await signing.pause('signed', ada);
      await signing.resume('signed', ada);
      await signing.promote('signed', { ...ada, full: true });
      await signing.abort('signed', ada);
      assert.deepEqual(await marks(signing, 'signed'), [
        'pause verified',
        'resume verified',
        'promote verified',
        'abort verified',
      ]);
    });
  });

  it('signing client: command with a proof -> the proof is sent unchanged', async () => {
    await inBake('given', async (signing) => {
      await signing.pause('given', ada);
      await assert.rejects(signing.resume('given', { ...ada, proof: 'x' }), (error) => {
        assert.ok(error instanceof CommandRejected);
        assert.match(error.message, /the signature is invalid: it is not a JWS/);
        return true;
      });
      await signing.abort('given', ada);
    });
  });

  it('signing client: commands to waves -> verified for the waves, unverified for their rollouts', async () => {
    const fleet = new Fleet({ eu: bakingWorld(), us: new FakeActivities() });
    const [eu, us] = [fleet.endpoint('eu'), fleet.endpoint('us')];
    const { apiVersion, strategy } = specOf(eu);
    const name = `signed-${fleet.id}`;
    const models = { baseline: 'live', candidate: { model: 'digits-new' } };
    const signing = await clientWith(actors.keyFile('ada'));
    await withWorker(
      new FakeActivities(),
      async () => {
        await signing.waves.start(
          { apiVersion, strategy, name, models, waves: [[eu], [us]] },
          { startedBy: 'ada' },
        );
        const isUp = async () => (await signing.waves.get(name)).rollouts[0]?.phase === 'baking';
        await eventually(async () => (await isUp()) || undefined);
        await signing.waves.pause(name, ada);
        await assert.rejects(signing.waves.resume(name, { ...ada, proof: 'x' }), /the signature is invalid/);
        await signing.waves.abort(name, ada);
        await signing.waves.wait(name);
        const commands = (await signing.waves.timeline(name)).filter(({ kind }) => kind === 'command');
        assert.deepEqual(
          commands.map(({ message }) => message.replace(/: .*/s, '')),
          [
            'pause by ada (verified)',
            'resume by ada (unverified, invalid signature',
            'abort by ada (verified)',
          ],
        );
        assert.deepEqual(await marks(signing, eu), ['abort unverified']);
      },
      { ...fleet.activities, verifyActor: createVerifyActor(actors.keys) },
    );
  });

  it('signing client: unreadable key -> only pause and abort are sent, unverified', async () => {
    await inBake('keyless', async () => {
      const keyless = await clientWith(`${actors.folder}/missing.pem`);
      await assert.rejects(keyless.promote('keyless', ada), InvalidActorKeys);
      await keyless.pause('keyless', ada);
      await assert.rejects(keyless.resume('keyless', ada), InvalidActorKeys);
      await keyless.abort('keyless', ada);
      assert.deepEqual(await marks(keyless, 'keyless'), ['pause unverified', 'abort unverified']);
    });
  });
});
