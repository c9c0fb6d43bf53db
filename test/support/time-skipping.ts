/** The time-skipping server of a test file, and its workers. All workflows share its clock. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { startTestServer } from '../../src/servers/test-server.js';
import { closeAfterTheFile, closeAtTheEnd } from './root-hooks.js';
import { Turns } from './turns.js';

const [shutdownMs, teardownMs, probeMs] = [60_000, 20_000, 5_000];

interface Use {
  cancel(): void;
  ended: Promise<unknown>;
}

let environment: Promise<TestWorkflowEnvironment> | null = null;
const uses = new Set<Use>();
const turns = new WeakMap<TestWorkflowEnvironment, Turns>();

/** Starts on first use. The root hooks end the server after its test file, and after a failed test. */
export function timeSkipping(): Promise<TestWorkflowEnvironment> {
  if (environment === null) {
    environment = start();
    closeAfterTheFile(endTimeSkipping);
  }
  return environment;
}

async function start(): Promise<TestWorkflowEnvironment> {
  const env = await startTestServer();
  const inTurn = new Turns(env);
  turns.set(env, inTurn);
  env.client.workflow.options.interceptors = [inTurn.clientInterceptor];
  return env;
}

/** Separates commands from the ends of attempts on this server. */
export function turnsOf(env: TestWorkflowEnvironment): Turns {
  const inTurn = turns.get(env);
  if (!inTurn) throw new Error('expected an environment of timeSkipping()');
  return inTurn;
}

/** Ends the server and its remaining uses, in bounded time. The next test starts another server. */
export async function endTimeSkipping(): Promise<void> {
  const ended = environment;
  environment = null;
  const remaining = [...uses];
  uses.clear();
  for (const use of remaining) use.cancel();
  await within(
    shutdownMs + probeMs,
    remaining.map((use) => use.ended),
  );
  await within(teardownMs, ended ? [ended.then(teardown)] : []);
}

/** Keeps the channel open until the end of the run: a call that waits for its retry would throw on a closed channel. */
async function teardown(env: TestWorkflowEnvironment): Promise<void> {
  const { connection } = env;
  const close = connection.close.bind(connection);
  connection.close = () => Promise.resolve();
  closeAtTheEnd(close);
  await env.teardown();
}

export type TestWorkerOptions = Omit<WorkerOptions, 'connection'>;

interface Work<T> {
  options: TestWorkerOptions;
  use: () => Promise<T>;
  /** Runs while the worker is still running, also after a failed or cancelled test. */
  finish?: () => Promise<void>;
}

/** Runs a worker while `use` runs. If a test times out, `endTimeSkipping` cancels its `use`. */
export async function withWorker<T>(
  env: TestWorkflowEnvironment,
  { options, use, finish = () => Promise.resolve() }: Work<T>,
): Promise<T> {
  const worker = await Worker.create({
    shutdownForceTime: shutdownMs,
    ...options,
    connection: env.nativeConnection,
  });
  let cancel = () => {};
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(new Error('the test was cancelled'));
  });
  const running = worker.runUntil(async () => {
    try {
      return await Promise.race([use(), cancelled]);
    } finally {
      await within(probeMs, [finish()]);
    }
  });
  const entry: Use = { cancel, ended: running };
  uses.add(entry);
  const result = await running.finally(() => uses.delete(entry));
  await replaceIfStopped(env);
  return result;
}

/**
 * Replaces the server if its clock does not skip any more. An attempt or a workflow task that outlives its workflow leaves
 * the clock locked.
 */
async function replaceIfStopped(env: TestWorkflowEnvironment): Promise<void> {
  const slept = env.sleep('1m').then(
    () => true,
    () => false,
  );
  const isInOrder = await Promise.race([slept, delay(probeMs, false, { ref: false })]);
  if (!isInOrder) await endTimeSkipping();
}

/** Waits until all are settled, but at most `ms` milliseconds. */
async function within(ms: number, all: Promise<unknown>[]): Promise<void> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([Promise.allSettled(all), late]);
  timer.abort();
}
