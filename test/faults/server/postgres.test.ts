import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { Followed } from './followed.js';
import { openPostgresServer } from './postgres-server.js';
import { Program } from './program.js';
import { isWhole } from '../seed.js';
import { canary } from './scenarios.js';

const awaySeconds = 2;

/** The server is built first, which takes minutes: only where every fault is asked for. */
if (isWhole) {
  describe('Temporal on PostgreSQL, as in production', function () {
    this.timeout(1_800_000);

    it('changes nothing of a canary in each of whose phases one of the two is killed', async () => {
      const server = await openPostgresServer();
      const stage = await E2eEnvironment.forNamespace(await server.connect());
      const env = { ...stage.emulator.env, TEMPORAL_ADDRESS: server.address };
      await stage.putLive(canary.spec.endpoint);
      const followed = await Followed.start(stage, canary.spec, env);
      let worker: Program | null = null;
      const kill = (meanwhile?: () => void) => {
        const turn = (server.temporal.kills + server.postgres.kills) % 2;
        return (turn === 0 ? server.postgres : server.temporal).killFor(awaySeconds, meanwhile);
      };
      try {
        const played = canary.play(stage, followed, kill);
        worker = await Program.worker(env);
        await played;
      } finally {
        await followed.stop();
        await worker?.stop();
        await stage.temporal.connection.close();
        await stage.close();
        await server.close();
      }
    });
  });
}
