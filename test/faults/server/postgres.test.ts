import { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { Followed } from './followed.js';
import { openPostgresServer } from './postgres-server.js';
import { Program } from './program.js';
import { isWhole } from '../seed.js';
import { canary } from './scenarios.js';

const downSeconds = 2;

/** Only with PENSTOCK_FAULTS=whole: the server is built first, which takes minutes. */
if (isWhole) {
  describe('Temporal on PostgreSQL', function () {
    this.timeout(1_800_000);

    it('canary: Temporal or PostgreSQL is killed in each phase -> promoted, every effect once', async () => {
      const server = await openPostgresServer();
      const environment = await E2eEnvironment.forNamespace(await server.connect());
      const env = { ...environment.emulator.env, TEMPORAL_ADDRESS: server.address };
      await environment.putLive(canary.spec.endpoint);
      const followed = await Followed.start(environment, canary.spec, env);
      let worker: Program | null = null;
      const kill = (meanwhile?: () => void) => {
        const turn = (server.temporal.kills + server.postgres.kills) % 2;
        return (turn === 0 ? server.postgres : server.temporal).killFor(downSeconds, meanwhile);
      };
      try {
        const finished = canary.run(environment, followed, kill);
        worker = await Program.worker(env);
        await finished;
      } finally {
        await followed.stop();
        await worker?.stop();
        await environment.temporal.connection.close();
        await environment.close();
        await server.close();
      }
    });
  });
}
