import assert from 'node:assert/strict';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { Followed } from './followed.js';
import { openMortalServer, type MortalServer } from './restartable-server.js';
import { Program } from './program.js';
import { isWhole } from '../seed.js';
import { canary, commands, rollback, type Story } from './scenarios.js';

const awaySeconds = 1.5;
/** Longer than any attempt of an activity may take. */
const longAwaySeconds = 65;

/** The second rollout runs beside the first, and so goes through the kills that are meant for it too. */
describe('a Temporal server that is killed and comes back', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let server: MortalServer;
  let stage: E2eEnvironment;
  let worker: Program;
  const followed: Followed[] = [];
  const playing = new Map<Story, Promise<PromiseSettledResult<void>[]>>();

  before(async () => {
    server = await openMortalServer();
    stage = await E2eEnvironment.forNamespace(await server.connect());
    const env = { ...stage.emulator.env, TEMPORAL_ADDRESS: server.address };
    const killFor = (seconds: number) => (meanwhile?: () => void) =>
      server.temporal.killFor(seconds, meanwhile);
    const kill = killFor(awaySeconds);
    const start = async ({ spec }: Story) => {
      await stage.putLive(spec.endpoint);
      const started = await Followed.start(stage, spec, env);
      followed.push(started);
      return started;
    };
    const first = await start(canary);
    // In `planning`, before any worker: that it was started is all there is.
    await kill();
    const played = canary.play(stage, first, kill);
    playing.set(canary, Promise.allSettled([played]));
    worker = await Program.worker(env);
    playing.set(commands, Promise.allSettled([commands.play(stage, await start(commands), kill)]));
    const next = played.then(async () =>
      rollback.play(stage, await start(rollback), killFor(isWhole ? longAwaySeconds : awaySeconds)),
    );
    playing.set(rollback, Promise.allSettled([next]));
  });
  after(async () => {
    await Promise.all(followed.map((each) => each.stop()));
    await worker?.stop();
    await stage?.temporal.connection.close();
    await stage?.close();
    await server?.close();
  });

  for (const story of [canary, commands, rollback]) {
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
