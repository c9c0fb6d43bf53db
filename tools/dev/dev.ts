/**
 * `npm run dev`: a Temporal server with its Web UI, the emulator with users of endpoint `digits`, and a worker from
 * source that restarts when a file under src changes. Rollouts and endpoints survive a restart of the worker. Ctrl-C
 * stops all.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { readTrafficImages, Users } from '../../src/cli/demo/users.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { startChild } from '../../src/processes/child.js';
import { startDevServer } from '../../src/servers/dev-server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const envFile = path.join('.penstock', 'dev.env');
const log = (line: string) => process.stderr.write(`${line}\n`);

const temporal = await startDevServer({ ui: true, log });
const emulator = await startEmulator({ pace: 'fast' });
const env: Record<string, string> = {
  ...emulator.env,
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: temporal.namespace,
};
mkdirSync(path.join(root, '.penstock'), { recursive: true });
writeFileSync(
  path.join(root, envFile),
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join(''),
);

// The alarm that examples/digits.yaml names, and requests for its guardrails.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
const users = new Users(emulator.awsConfig, 'digits', await readTrafficImages());
await users.putAlarm('digits-user-errors');
users.start();

const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const worker = startChild(
  process.execPath,
  [tsx, 'watch', '--clear-screen=false', '--include=src/**/*.ts', 'tools/dev/worker.ts'],
  // tsx gives the worker 5 s to stop before it kills it.
  { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'], graceMs: 10_000 },
);

log(`emulator of SageMaker and CloudWatch on ${emulator.url}`);
log(`Temporal Web UI: ${temporal.uiUrl ?? `see the server at ${temporal.address}`}`);
log(`in another shell: set -a; . ${envFile}; set +a; npx penstock start examples/digits.yaml --wait`);

const ended = await new Promise<NodeJS.Signals | 'worker'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  worker.process.once('exit', () => resolve('worker'));
});
if (ended === 'worker') {
  log('the worker process ended unexpectedly; see its output above');
  process.exitCode = 1;
}
users.stop();
await worker.stop();
await emulator.stop();
await temporal.stop();
