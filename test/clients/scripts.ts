/** Runs Python scripts and the AWS CLI against an emulator. */
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../src/servers/run-tool.js';
import { pythonEnv } from '../support/python-env.js';

/** Runs `test/clients/NAME` with the AWS_* variables in `env`. Returns the printed JSON. Throws with its last output. */
export async function runScript<T>(name: string, env: Record<string, string>, ...args: string[]): Promise<T> {
  const { python } = await pythonEnv();
  const script = fileURLToPath(new URL(name, import.meta.url));
  return JSON.parse(await runTool(python, [script, ...args], { env: isolatedEnv(env) })) as T;
}

/** Runs one command of the AWS CLI, e.g. `sagemaker list-models`. Returns its response, or null without output. */
export async function runAws<T>(env: Record<string, string>, ...args: string[]): Promise<T> {
  const { aws } = await pythonEnv();
  const text = await runTool(aws, [...args, '--output', 'json'], { env: isolatedEnv(env) });
  return (text.trim() === '' ? null : JSON.parse(text)) as T;
}

/** The environment without the developer's profiles, endpoints and proxies. */
export function isolatedEnv(env: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^AWS_|_proxy$/i.test(name));
  const noFiles = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };
  return { ...Object.fromEntries(kept), PYTHONDONTWRITEBYTECODE: '1', ...noFiles, ...env };
}
