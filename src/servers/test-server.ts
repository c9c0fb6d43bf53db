/** The time-skipping Temporal server of the workflow tests. */
import { encodeSearchAttributeIndexedValueType as encodeType } from '@temporalio/common/lib/search-attributes.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { attributes } from '../workflows/messages.js';
import { logProgressToStderr, type LogLine } from './progress.js';
import { findTestServer } from './test-server-program.js';

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
  const environment = await start(path, log);
  try {
    await addAttributes(environment);
  } catch (error) {
    await environment.teardown();
    throw error;
  }
  log(`time-skipping test server on ${environment.address} (${description})`);
  return environment;
}

const maxStartAttempts = 5;

/**
 * The SDK waits five seconds. Java may need longer on a busy machine. A retry is faster, because its files are
 * cached.
 */
async function start(path: string, log: LogLine): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path } as const;
  for (let starts = 1; ; starts++) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    } catch (error) {
      if (starts === maxStartAttempts || !/did not start within/.test(String(error))) throw error;
      log('the time-skipping test server did not start in time; retrying');
    }
  }
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
