/** A Temporal server that keeps its data in a file, and the same port however often it is killed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import getPort from 'get-port';
import { startChild } from '../../../src/processes/child.js';
import { findTemporalCli } from '../../../src/servers/dev-server-program.js';
import { Mortal, temporalAnswers, untilReady } from './restartable.js';

export interface MortalServer {
  address: string;
  temporal: Mortal;
  /** The caller closes its connection. */
  connect(): Promise<Client>;
  close(): Promise<void>;
}

export async function openMortalServer(): Promise<MortalServer> {
  const { path } = await findTemporalCli(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'penstock-mortal-'));
  const port = await getPort({ host: '127.0.0.1' });
  const address = `127.0.0.1:${port}`;
  const args = [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--headless'],
    ...['--db-filename', join(folder, 'temporal.db'), '--log-level', 'error'],
  ];
  const temporal = await Mortal.start(() =>
    untilReady(startChild(path, args), () => temporalAnswers(address)),
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
