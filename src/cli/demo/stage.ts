/** The demo's environment: a Temporal server, the emulator, a worker process, and users. */
import { fileURLToPath } from 'node:url';
import { startEmulator, type Emulator } from '../../emulator/emulator.js';
import { startChild } from '../../processes/child.js';
import { startDevServer, type TemporalServer } from '../../servers/dev-server.js';
import { workerReady } from '../../worker-ready.js';
import { readTrafficImages, Users } from './users.js';

export interface DemoEnvironment {
  temporal: TemporalServer;
  emulator: Emulator;
  users: Users;
  /** Variables that point other processes here. */
  env: Record<string, string>;
  close(): Promise<void>;
}

type Log = (line: string) => void;

/** `alarm`: name of the alarm on failed user requests. If one part fails to start, the earlier ones are stopped. */
export async function startDemoEnvironment(
  endpoint: string,
  alarm: string,
  log: Log,
): Promise<DemoEnvironment> {
  // The SDK's advice to upgrade Node would interrupt the live view.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const started: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const temporal = await startDevServer({ ui: true, log });
    started.push(() => temporal.stop());
    const emulator = await startEmulator({ pace: 'fast' });
    started.push(() => emulator.stop());
    log(`emulator of SageMaker and CloudWatch on ${emulator.url}`);
    const env = {
      ...emulator.env,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
    };
    started.push(await startWorker(env, log));
    const users = new Users(emulator.awsConfig, endpoint, await readTrafficImages());
    await users.putAlarm(alarm);
    users.start();
    started.push(() => users.stop());
    return { temporal, emulator, users, env, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the worker logs that it is ready. All its output is logged. */
async function startWorker(env: Record<string, string>, log: Log): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('../main.js', import.meta.url));
  const worker = startChild(process.execPath, [program, 'worker', '--poll-interval', '2s'], {
    env: { ...process.env, ...env },
  });
  await new Promise<void>((resolve, reject) => {
    worker.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.trimEnd().split('\n')) log(line);
      if (text.includes(workerReady)) resolve();
    });
    worker.process.once('exit', (code) => reject(new Error(`the worker ended with exit code ${code}`)));
  });
  return () => worker.stop();
}
