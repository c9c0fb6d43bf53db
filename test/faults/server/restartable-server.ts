/** A Temporal server that keeps its data in a file, and its port after each restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import getPort from 'get-port';
import { startChild } from '../../../src/processes/child.js';
import { findTemporalCli } from '../../../src/servers/dev-server-program.js';
import { RestartableProcess, temporalAnswers, waitUntilReady } from './restartable.js';

export interface RestartableServer {
  address: string;
  temporal: RestartableProcess;
  /** The caller closes its connection. */
  connect(): Promise<Client>;
  close(): Promise<void>;
}

export async function openRestartableServer(): Promise<RestartableServer> {
  const { path } = await findTemporalCli(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'penstock-restartable-'));
  const port = await getPort({ host: '127.0.0.1' });
  const address = `127.0.0.1:${port}`;
  const args = [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--headless'],
    ...['--db-filename', join(folder, 'temporal.db'), '--log-level', 'error'],
  ];
  const temporal = await RestartableProcess.start(() =>
    waitUntilReady(startChild(path, args), () => temporalAnswers(address)),
  );
  const close = async () => {
    await temporal.stop();
    await rm(folder, { recursive: true });
  };
  return { address, temporal, connect: () => connectTo(address), close };
}

export async function connectTo(address: string): Promise<Client> {
  return new Client({ connection: await Connection.connect({ address }), identity: 'test' });
}
