/** A Temporal server for the demo, rehearsals and tests: the one of TEMPORAL_ADDRESS, or a new one. */
import { Connection } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import getPort from 'get-port';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../processes/child.js';
import { attributes } from '../workflows/messages.js';
import { findTemporalCli } from './dev-server-program.js';
import { logProgressToStderr, type LogLine } from './progress.js';
import { collectOutput, lastLines, type Output } from './run-tool.js';

export interface DevServerOptions {
  /** SQLite file for the data of the server. Default: in memory. */
  dbFilename?: string;
  /** Serve the Web UI. Default: false. */
  ui?: boolean;
  /** Use Temporal's default ports if they are free, and otherwise any. Default: true. */
  preferDefaultPorts?: boolean;
  /** Receives progress, the source of the server, and an unexpected end. Default: stderr. */
  log?: LogLine;
}

export interface TemporalServer {
  /** host:port */
  address: string;
  namespace: string;
  /** Null if there is none or if it is unknown. */
  uiUrl: string | null;
  /** Describes the server in one line. */
  description: string;
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;
const attempts = 3;

/**
 * If TEMPORAL_ADDRESS is set, uses that server (TEMPORAL_* and temporal.toml apply) and starts nothing. Otherwise
 * starts one on 127.0.0.1 with the search attributes of rollouts. It ends with this process. Throws `ProgramNotFound`
 * without a server program, or an error with the last output of the server.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<TemporalServer> {
  const log = options.log ?? logProgressToStderr;
  const server = process.env['TEMPORAL_ADDRESS'] ? useGivenServer() : await startOwnServer(options, log);
  log(server.description);
  return server;
}

function useGivenServer(): TemporalServer {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = connectionOptions.address ?? '';
  const description = `Temporal server at ${address} (from TEMPORAL_ADDRESS)`;
  return { address, namespace, uiUrl: null, description, stop: () => Promise.resolve() };
}

async function startOwnServer(options: DevServerOptions, log: LogLine): Promise<TemporalServer> {
  const program = await findTemporalCli(log);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePorts(program, options, log);
    } catch (error) {
      // Another process may take a port between the check and the start.
      if (attempt === attempts || !/address already in use|can't set/.test((error as Error).message))
        throw error;
    }
  }
}

async function startOnFreePorts(
  program: { path: string; description: string },
  { ui = false, preferDefaultPorts = true, dbFilename }: DevServerOptions,
  log: LogLine,
): Promise<TemporalServer> {
  const host = '127.0.0.1';
  const findPort = (preferred: number, exclude: number[] = []) =>
    getPort({ host, exclude, ...(preferDefaultPorts ? { port: preferred } : {}) });
  const port = await findPort(7233);
  const uiPort = ui ? await findPort(8233, [port]) : null;
  const child = startChild(program.path, [
    ...['server', 'start-dev', '--ip', host, '--port', String(port), '--log-level', 'error'],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(dbFilename === undefined ? [] : ['--db-filename', dbFilename]),
    ...Object.values(attributes).flatMap(toArgument),
  ]);
  const output = collectOutput(child);
  await waitUntilReady(child, output, `${host}:${port}`);
  return {
    address: `${host}:${port}`,
    namespace: 'default',
    uiUrl: uiPort === null ? null : `http://${host}:${uiPort}`,
    description: `Temporal dev server on ${host}:${port} (${program.description})`,
    stop: stopOrReport(child, output, log),
  };
}

function toArgument({ name, type }: (typeof attributes)[keyof typeof attributes]): string[] {
  return ['--search-attribute', `${name}=${TypedSearchAttributes.toMetadataType(type)}`];
}

async function waitUntilReady(child: Child, output: Output, address: string): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  let ended = false;
  child.process.once('close', () => (ended = true));
  while (!(await responds(address))) {
    if (!ended && Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    await child.stop();
    const reason = ended ? 'exited immediately' : `did not respond within ${readyWithinMs / 1000} s`;
    throw new Error(`the Temporal dev server on ${address} ${reason}: ${lastLines(output)}`);
  }
  // The server that responds may be another one, which has the port. Then this one exits.
  if (ended)
    throw new Error(`the Temporal dev server on ${address} exited immediately: ${lastLines(output)}`);
}

/** True if a server with the namespace `default` responds. */
async function responds(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}

/** Returns `stop`. Logs an exit before that. */
function stopOrReport(child: Child, output: Output, log: LogLine): () => Promise<void> {
  const report = () => log(`the Temporal dev server exited unexpectedly: ${lastLines(output)}`);
  child.process.once('close', report);
  return async () => {
    child.process.off('close', report);
    await child.stop();
  };
}
