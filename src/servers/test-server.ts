/** The time-skipping Temporal server of the workflow tests. */
import { encodeSearchAttributeIndexedValueType as encodeType } from '@temporalio/common/lib/search-attributes.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import getPort from 'get-port';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../processes/child.js';
import { attributes } from '../workflows/messages.js';
import { logProgressToStderr, type LogLine } from './progress.js';
import { findTestServer } from './test-server-program.js';
import { collectOutput, lastLines, type Output } from './run-tool.js';

export interface TestServerOptions {
  /** Receives progress and the source of the server. Default: stderr. */
  log?: LogLine;
}

/**
 * Starts the server on a free port of 127.0.0.1, with the search attributes of rollouts. It ends with this process. All
 * workflows share its clock. Throws `ProgramNotFound`.
 */
export async function startTestServer({
  log = logProgressToStderr,
}: TestServerOptions = {}): Promise<TestWorkflowEnvironment> {
  const { path, description } = await findTestServer(log);
  const environment = await start(path);
  try {
    await addAttributes(environment);
  } catch (error) {
    await environment.teardown();
    throw error;
  }
  log(`time-skipping test server on ${environment.address} (${description})`);
  return environment;
}

const host = '127.0.0.1';
const readyWithinMs = 120_000;
const attempts = 3;

/** The SDK has no public method for a server that runs already and skips time. */
const environments = TestWorkflowEnvironment as unknown as {
  create(options: {
    server: { type: 'existing' };
    address: string;
    supportsTimeSkipping: true;
  }): Promise<TestWorkflowEnvironment>;
};

/** The SDK waits five seconds for a server that it starts. Java needs longer on a busy machine. */
async function start(path: string): Promise<TestWorkflowEnvironment> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnFreePort(path);
    } catch (error) {
      // Another process may take the port before the server does.
      if (attempt === attempts) throw error;
    }
  }
}

async function startOnFreePort(path: string): Promise<TestWorkflowEnvironment> {
  const port = await getPort({ host });
  const child = startChild(path, [String(port)]);
  const output = collectOutput(child);
  try {
    await waitUntilListening(child, output, port);
    const environment = await environments.create({
      server: { type: 'existing' },
      address: `${host}:${port}`,
      supportsTimeSkipping: true,
    });
    const disconnect = environment.teardown.bind(environment);
    environment.teardown = async () => {
      await disconnect();
      await child.stop();
    };
    return environment;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function waitUntilListening({ process }: Child, output: Output, port: number): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  let hasEnded = false;
  process.once('close', () => (hasEnded = true));
  while (!(await listens(port))) {
    if (hasEnded)
      throw new Error(`cannot start the time-skipping test server: it ended: ${lastLines(output)}`);
    if (Date.now() >= deadline)
      throw new Error(
        `cannot reach the time-skipping test server: it did not listen within ${readyWithinMs / 1000} s`,
      );
    await sleep(50);
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const answer = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

type ServerAttributeType = NonNullable<ReturnType<typeof encodeType>>;

/** Adds the attributes without a check: this server can add attributes, but not list them. */
async function addAttributes({ connection, namespace }: TestWorkflowEnvironment): Promise<void> {
  const types = Object.values(attributes).map(
    ({ name, type }) => [name, encodeType(type) as ServerAttributeType] as const,
  );
  const searchAttributes = Object.fromEntries(types);
  await connection.operatorService.addSearchAttributes({
    namespace: namespace ?? 'default',
    searchAttributes,
  });
}
