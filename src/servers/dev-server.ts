/** A Temporal server for the demo, rehearsals and tests: the given one, or one that is started here. */
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
  /** SQLite file that keeps the server's data; in memory unless given. */
  dbFilename?: string;
  /** Serve the Web UI; false unless given. */
  ui?: boolean;
  /** Takes progress, what was found, and an unexpected end; stderr unless given. */
  log?: LogLine;
}

export interface TemporalServer {
  /** host:port */
  address: string;
  namespace: string;
  /** Null where there is none or it is not known. */
  uiUrl: string | null;
  /** One line on which server this is. */
  description: string;
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;
const attempts = 3;

/**
 * With TEMPORAL_ADDRESS set, that server (TEMPORAL_* and temporal.toml apply) and nothing is started or stopped. Else
 * starts one on 127.0.0.1 with the rollout's search attributes, on the usual ports where they are free; it ends with
 * this process. Throws `ProgramNotFound` where there is no server program, else an error with the server's last words.
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
  const description = `Temporal server at ${address}, as TEMPORAL_ADDRESS says`;
  return { address, namespace, uiUrl: null, description, stop: () => Promise.resolve() };
}

async function startOwnServer(options: DevServerOptions, log: LogLine): Promise<TemporalServer> {
  const program = await findTemporalCli(log);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePorts(program, options, log);
    } catch (error) {
      // Somebody else may take a port between the look and the start.
      if (attempt === attempts || !/address already in use|can't set/.test((error as Error).message))
        throw error;
    }
  }
}

async function startOnFreePorts(
  program: { path: string; description: string },
  { ui = false, dbFilename }: DevServerOptions,
  log: LogLine,
): Promise<TemporalServer> {
  const host = '127.0.0.1';
  const port = await getPort({ host, port: 7233 });
  const uiPort = ui ? await getPort({ host, port: 8233, exclude: [port] }) : null;
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
  while (!(await answers(address))) {
    if (!ended && Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    await child.stop();
    const how = ended ? 'ended at once' : `did not answer within ${readyWithinMs / 1000} s`;
    throw new Error(`the Temporal dev server on ${address} ${how}: ${lastLines(output)}`);
  }
  // The one that answers may be somebody else's, while ours is about to end for want of its port.
  if (ended) throw new Error(`the Temporal dev server on ${address} ended at once: ${lastLines(output)}`);
}

/** Whether a server with its default namespace is there. */
async function answers(address: string): Promise<boolean> {
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

/** Returns `stop`; an end before that is said in the log. */
function stopOrReport(child: Child, output: Output, log: LogLine): () => Promise<void> {
  const report = () => log(`the Temporal dev server ended unexpectedly: ${lastLines(output)}`);
  child.process.once('close', report);
  return async () => {
    child.process.off('close', report);
    await child.stop();
  };
}
