/** The real Temporal dev server that tests share. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { startDevServer } from '../../src/servers/dev-server.js';
import { closeAtTheEnd } from './root-hooks.js';

export interface DevServer {
  address: string;
  /** A client of the default namespace, which has the search attributes of rollouts. */
  client: Client;
  native: NativeConnection;
}

let server: Promise<DevServer> | null = null;

/** One server for all test files of this process. */
export function devServer(): Promise<DevServer> {
  server ??= open();
  return server;
}

async function open(): Promise<DevServer> {
  // Test files that run at the same time each start one.
  const server = await startDevServer({ preferDefaultPorts: false, log: () => undefined });
  closeAtTheEnd(() => server.stop());
  const { address } = server;
  const connection = await Connection.connect({ address });
  closeAtTheEnd(() => connection.close());
  const native = await NativeConnection.connect({ address });
  closeAtTheEnd(() => native.close());
  return { address, client: new Client({ connection }), native };
}

/** A new namespace, without search attributes; `prefix` begins its name. */
export async function openNamespace(prefix: string): Promise<Client> {
  const { client } = await devServer();
  const namespace = `${prefix}-${Date.now()}`;
  await client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const own = new Client({ connection: client.connection, namespace, identity: 'test' });
  await eventually(() =>
    own.workflow.count('').then(
      () => true,
      () => undefined,
    ),
  );
  return own;
}

/** Minutes: the machine may be busy. */
const maxTries = 3_000;

/** Visibility and namespaces are eventually consistent. */
export async function eventually<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < maxTries; tries++) {
    const found = await read();
    if (found !== undefined) return found;
    await delay(100);
  }
  throw new Error('expected a value, got none');
}
