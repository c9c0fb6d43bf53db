/** A Temporal server on PostgreSQL. The test can kill both. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import getPort, { portNumbers } from 'get-port';
import { stringify } from 'yaml';
import { startChild } from '../../../src/processes/child.js';
import { runTool } from '../../../src/servers/run-tool.js';
import { RestartableProcess, temporalAnswers, waitUntilReady } from './restartable.js';
import { connectTo, type RestartableServer } from './restartable-server.js';
import { openPostgres, type Postgres } from './postgres.js';
import { findPostgresServer } from './postgres-server-program.js';

const databases = { temporal: 'temporal', visibility: 'temporal_visibility' };

/** The test can kill `temporal` and `postgres` separately. */
export async function openPostgresServer(): Promise<RestartableServer & { postgres: RestartableProcess }> {
  const program = await findPostgresServer();
  const postgres = await openPostgres();
  for (const [schema, database] of Object.entries(databases)) {
    await makeTables(program.sql, postgres, schema, database);
  }
  const root = await mkdtemp(join(tmpdir(), 'penstock-temporal-'));
  const ports = await Promise.all(
    Array.from({ length: 8 }, () => getPort({ host: '127.0.0.1', port: storablePorts })),
  );
  await mkdir(join(root, 'config'));
  await writeFile(join(root, 'config', 'test.yaml'), stringify(configOf(postgres, ports)));
  const address = `127.0.0.1:${ports[0]}`;
  const args = ['--root', root, '--env', 'test', '--allow-no-auth', 'start'];
  const temporal = await RestartableProcess.start(() =>
    waitUntilReady(startChild(program.server, args, { env: serverEnvironment }), () => isReady(address)),
  );
  const close = async () => {
    await temporal.stop();
    await postgres.close();
    await rm(root, { recursive: true });
  };
  return { address, temporal, postgres: postgres.process, connect: () => connectTo(address), close };
}

/** The server stores its ports in PostgreSQL's smallint columns. */
const storablePorts = portNumbers(20_000, 32_000);

/** Other environment variables could override the config file. */
const serverEnvironment = { PATH: process.env['PATH'] };

async function makeTables(
  sql: string,
  { port, user }: Postgres,
  schema: string,
  database: string,
): Promise<void> {
  const to = [
    '--plugin',
    'postgres12',
    '--ep',
    '127.0.0.1',
    '-p',
    String(port),
    '-u',
    user,
    '--db',
    database,
  ];
  await runTool(sql, [...to, 'create-database']);
  await runTool(sql, [...to, 'setup-schema', '-v', '0.0']);
  await runTool(sql, [...to, 'update-schema', '--schema-name', `postgresql/v12/${schema}`]);
}

/** The server's development config, with other ports. */
function configOf({ port, user }: Postgres, ports: number[]): object {
  const storeOf = (databaseName: string) => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, connectAddr: `127.0.0.1:${port}`, connectProtocol: 'tcp' },
      ...{ user, password: '', maxConns: 20, maxIdleConns: 20, maxConnLifetime: '1h' },
    },
  });
  const rpcOf = (index: number) => ({
    rpc: { grpcPort: ports[index], membershipPort: ports[index + 1], bindOnLocalHost: true },
  });
  const rpcAddress = `127.0.0.1:${ports[0]}`;
  return {
    log: { stdout: true, level: 'error' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: 4 },
      datastores: { default: storeOf(databases.temporal), visibility: storeOf(databases.visibility) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: { frontend: rpcOf(0), matching: rpcOf(2), history: rpcOf(4), worker: rpcOf(6) },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
  };
}

/** Registers the default namespace if it does not exist. */
async function isReady(address: string): Promise<boolean> {
  if (await temporalAnswers(address)) return true;
  const connection = Connection.lazy({ address });
  const day = { seconds: 86_400 as never };
  try {
    await connection.withDeadline(Date.now() + 5_000, () =>
      connection.workflowService.registerNamespace({
        namespace: 'default',
        workflowExecutionRetentionPeriod: day,
      }),
    );
  } catch {
    // The server is starting, or an earlier attempt has registered the namespace.
  } finally {
    await connection.close();
  }
  return false;
}
