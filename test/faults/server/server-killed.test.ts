import assert from 'node:assert/strict';
import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { Followed } from './followed.js';
import { openRestartableServer, type RestartableServer } from './restartable-server.js';
import { Program } from './program.js';
import { isWhole } from '../seed.js';
import { canary, commands, rollback, type Scenario } from './scenarios.js';

const downSeconds = 1.5;
/** Longer than the longest activity attempt. */
const longDownSeconds = 65;

/** The second rollout runs in parallel with the first, so the kills of the first affect it too. */
describe('killed Temporal server', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let server: RestartableServer;
  let environment: E2eEnvironment;
  let worker: Program;
  const followed: Followed[] = [];
  const results = new Map<Scenario, Promise<PromiseSettledResult<void>[]>>();

  before(async () => {
    server = await openRestartableServer();
    environment = await E2eEnvironment.forNamespace(await server.connect());
    const env = { ...environment.emulator.env, TEMPORAL_ADDRESS: server.address };
    const killFor = (seconds: number) => (meanwhile?: () => void) =>
      server.temporal.killFor(seconds, meanwhile);
    const kill = killFor(downSeconds);
    const start = async ({ spec }: Scenario) => {
      await environment.putLive(spec.endpoint);
      const started = await Followed.start(environment, spec, env);
      followed.push(started);
      return started;
    };
    const first = await start(canary);
    // In `planning`, before any worker runs: the history has only the start.
    await kill();
    const firstRun = canary.run(environment, first, kill);
    results.set(canary, Promise.allSettled([firstRun]));
    worker = await Program.worker(env);
    results.set(commands, Promise.allSettled([commands.run(environment, await start(commands), kill)]));
    const next = firstRun.then(async () =>
      rollback.run(environment, await start(rollback), killFor(isWhole ? longDownSeconds : downSeconds)),
    );
    results.set(rollback, Promise.allSettled([next]));
  });
  after(async () => {
    await Promise.all(followed.map((each) => each.stop()));
    await worker?.stop();
    await environment?.temporal.connection.close();
    await environment?.close();
    await server?.close();
  });

  for (const scenario of [canary, commands, rollback]) {
    it(scenario.it, async () => {
      const [result] = (await results.get(scenario)) ?? [];
      if (result?.status !== 'fulfilled') throw result?.reason;
    });
  }

  it('worker: Temporal is killed and restarted -> worker reconnects without a restart', () => {
    assert.ok(server.temporal.kills > 0);
    assert.ok(worker.isRunning, worker.printed);
  });
});
