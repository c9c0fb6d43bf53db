import assert from 'node:assert/strict';
import { Stage } from '../../e2e/stage.js';
import { Followed } from './followed.js';
import { openMortalServer, type MortalServer } from './mortal-server.js';
import { Program } from './program.js';
import { canary, stories, type Story } from './stories.js';

const awaySeconds = 1.5;

/** All rollouts at once, so that each goes through the kills that are meant for the others too. */
describe('a Temporal server that is killed and comes back', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let server: MortalServer;
  let stage: Stage;
  let worker: Program;
  const followed: Followed[] = [];
  const playing = new Map<Story, Promise<PromiseSettledResult<void>[]>>();

  before(async () => {
    server = await openMortalServer();
    stage = await Stage.on(await server.connect());
    const env = { ...stage.emulator.env, TEMPORAL_ADDRESS: server.address };
    const kill = (meanwhile?: () => void) => server.temporal.killFor(awaySeconds, meanwhile);
    for (const story of stories) {
      await stage.putLive(story.spec.endpoint);
      const each = await Followed.start(stage, story.spec, env);
      followed.push(each);
      // In `planning`, before any worker: that it was started is all there is.
      if (story === canary) await kill();
    }
    worker = await Program.worker(env);
    stories.forEach((story, index) => {
      const each = followed[index];
      if (each) playing.set(story, Promise.allSettled([story.play(stage, each, kill)]));
    });
  });
  after(async () => {
    await Promise.all(followed.map((each) => each.stop()));
    await worker?.stop();
    await stage?.temporal.connection.close();
    await stage?.close();
    await server?.close();
  });

  for (const story of stories) {
    it(story.it, async () => {
      const [end] = (await playing.get(story)) ?? [];
      if (end?.status !== 'fulfilled') throw end?.reason;
    });
  }

  it('needs nobody to start the worker again', () => {
    assert.ok(server.temporal.kills > 0);
    assert.ok(worker.isRunning, worker.said);
  });
});
