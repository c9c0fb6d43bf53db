/** A virtual Python environment in the user's cache folder, with pinned versions of boto3, the AWS CLI and moto. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../src/servers/cache.js';
import { findProgram, Unavailable, type ProgramSource } from '../../src/servers/find-program.js';
import { entryName, toolsPath } from '../../src/servers/pinned-versions.js';
import { logProgressToStderr, type LogLine } from '../../src/servers/progress.js';
import { requireTool, runTool } from '../../src/servers/run-tool.js';

/** Absolute paths of programs. */
export interface PythonEnv {
  python: string;
  /** The AWS CLI. */
  aws: string;
  /** moto's server. */
  moto: string;
  /** Checks CloudFormation templates. */
  cfnLint: string;
}

const minVersion = [3, 10] as const;
const advice = [`install Python ${minVersion.join('.')} or later with venv, as python3 on PATH`];
const requirements = toolsPath('python-clients', 'requirements.txt');

let found: Promise<PythonEnv> | null = null;

/** Created on first use on a machine, which takes about a minute. Throws `ProgramNotFound`. */
export function pythonEnv(): Promise<PythonEnv> {
  found ??= findPythonEnv(cacheFolder(), logProgressToStderr);
  return found;
}

export async function findPythonEnv(cache: string, log: LogLine, name = 'python3'): Promise<PythonEnv> {
  const wanted = { name: 'Python clients', advice, sources: [await virtualEnvironment(cache, name)] };
  const { folder } = await findProgram(wanted, cache, log);
  const program = (name: string) => path.join(folder, 'bin', name);
  return {
    python: program('python'),
    aws: program('aws'),
    moto: program('moto_server'),
    cfnLint: program('cfn-lint'),
  };
}

/** `name`: the Python on PATH that creates and runs the environment. Each Python version needs its own environment. */
async function virtualEnvironment(cache: string, name: string): Promise<ProgramSource> {
  const version = await readVersion(name);
  const cacheKey = await entryName(`python-${version?.join('.') ?? 'none'}-clients`, [requirements]);
  return {
    label: `a virtual environment of ${name}`,
    cacheKey,
    doing: 'installing boto3, the AWS CLI and moto for the tests (about a minute, once)',
    async make(folder) {
      const python = await requireTool(name);
      if (version === null || isTooOld(version))
        throw new Unavailable(`${python} is Python ${version?.join('.') ?? '?'}`);
      await runTool(python, ['-m', 'venv', folder]);
      const install = ['-m', 'pip', 'install', '--require-hashes', '--disable-pip-version-check', '-r'];
      await runTool(path.join(folder, 'bin', 'python'), [...install, requirements]);
      await moveScripts(folder, path.join(cache, cacheKey));
    },
  };
}

function isTooOld([major, minor]: [number, number]): boolean {
  return major < minVersion[0] || (major === minVersion[0] && minor < minVersion[1]);
}

/** Null: this Python is not installed. */
async function readVersion(name: string): Promise<[number, number] | null> {
  const print = 'import sys; print("%d.%d" % sys.version_info[:2])';
  try {
    const [major = 0, minor = 0] = (await runTool(name, ['-c', print])).trim().split('.').map(Number);
    return [major, minor];
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return null;
  }
}

/** Installed scripts contain the full path of their interpreter. The environment is created elsewhere and then renamed. */
async function moveScripts(from: string, to: string): Promise<void> {
  const bin = path.join(from, 'bin');
  for (const entry of await readdir(bin, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(bin, entry.name);
    const text = await readFile(file, 'utf8');
    if (text.includes(from)) await writeFile(file, text.replaceAll(from, to));
  }
}
