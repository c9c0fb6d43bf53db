/** The server of moto, an independent emulator of AWS. */
import getPort from 'get-port';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../../src/processes/child.js';
import { collectOutput, lastLines } from '../../src/servers/run-tool.js';
import { pythonEnv } from '../support/python-env.js';

export interface Moto {
  url: string;
  /** For child processes: the same variables as those of the emulator. */
  env: Record<string, string>;
  process: Child['process'];
  stop(): Promise<void>;
}

const readyWithinMs = 60_000;

/** Starts moto on 127.0.0.1. Throws with its last output if it does not respond within a minute. */
export async function startMoto(): Promise<Moto> {
  const { moto } = await pythonEnv();
  const host = '127.0.0.1';
  const port = await getPort({ host });
  const child = startChild(moto, ['--host', host, '--port', String(port)]);
  const output = collectOutput(child);
  const url = `http://${host}:${port}`;
  const deadline = Date.now() + readyWithinMs;
  while (!(await isReady(url))) {
    if (child.process.exitCode === null && Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    await child.stop();
    throw new Error(`moto did not respond: ${lastLines(output)}`);
  }
  return { url, env: environment(url), process: child.process, stop: () => child.stop() };
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    (response) => response.ok,
    () => false,
  );
}

function environment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SAGEMAKER: url,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url,
    AWS_ENDPOINT_URL_CLOUDWATCH: url,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'emulator',
    AWS_SECRET_ACCESS_KEY: 'emulator',
  };
}
