import assert from 'node:assert/strict';
import { BadActorKeys, CommandRefused, RolloutClient } from '../../src/client.js';
import { Actors } from '../support/actors.js';
import { devServer } from '../support/dev-server.js';
import { bakingWorld, isBaking, until, withWorker } from './dev-world.js';

const ada = { actor: 'ada', reason: 'because' };

function specOf(endpoint: string) {
  return { apiVersion: 'penstock/v1', endpoint, strategy: { canary: { steps: ['10%', '50%'] } } };
}

describe("a client with an actor's key", function () {
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

  /** `command identity`, of each. */
  async function marks(client: RolloutClient, endpoint: string): Promise<string[]> {
    const timeline = await client.timeline(endpoint);
    return timeline.flatMap((entry) =>
      entry.kind === 'command' ? [`${entry.command} ${entry.identity}`] : [],
    );
  }

  it('signs every command, once each', async () => {
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

  it('sends a proof that it is given as it is', async () => {
    await inBake('given', async (signing) => {
      await signing.pause('given', ada);
      await assert.rejects(signing.resume('given', { ...ada, proof: 'x' }), (error) => {
        assert.ok(error instanceof CommandRefused);
        assert.match(error.message, /the proof of who sends it is wrong: it is no JWS/);
        return true;
      });
      await signing.abort('given', ada);
    });
  });

  it('that cannot be read sends only what goes back or stops', async () => {
    await inBake('keyless', async () => {
      const keyless = await clientWith(`${actors.folder}/missing.pem`);
      await assert.rejects(keyless.promote('keyless', ada), BadActorKeys);
      await keyless.pause('keyless', ada);
      await assert.rejects(keyless.resume('keyless', ada), BadActorKeys);
      await keyless.abort('keyless', ada);
      assert.deepEqual(await marks(keyless, 'keyless'), ['pause unverified', 'abort unverified']);
    });
  });
});
