/** Load from processes of their own, on the cores that are left: autocannon, and requests at a steady pace. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js');

export interface Load {
  url: string;
  connections: number;
  seconds: number;
  /** Whose processor time is counted. */
  pid: number;
  cores: string;
}

export interface Measured {
  perSecond: number;
  /** Answers other than 200, and connections that broke. */
  failed: number;
  /** Microseconds of processor time a request. */
  cpu: number;
}

/** Milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
  failed: number;
}

const body = JSON.stringify({ features: Array.from({ length: 20 }, (_, i) => i / 7) });

/** As many requests as go, by autocannon: an HTTP load tool that nobody here wrote. */
export async function measureThroughput({ url, connections, seconds, pid, cores }: Load): Promise<Measured> {
  const before = cpuSeconds(pid);
  const { stdout } = await run(
    'taskset',
    [
      ...['-c', cores, process.execPath, autocannon, '--json', '--method', 'POST', '--body', body],
      ...['--connections', String(connections), '--duration', String(seconds)],
      ...['--headers', 'content-type=application/json', '--headers', 'x-penstock-user=user-1'],
      `${url}/endpoints/bench/invocations`,
    ],
    { maxBuffer: 2 ** 24 },
  );
  const after = cpuSeconds(pid);
  const { requests, non2xx, errors } = JSON.parse(stdout) as {
    requests: { average: number; total: number };
    non2xx: number;
    errors: number;
  };
  return {
    perSecond: requests.average,
    failed: non2xx + errors,
    cpu: ((after - before) / requests.total) * 1e6,
  };
}

/** `rate`: requests a second. */
export async function measureLatency(
  url: string,
  rate: number,
  seconds: number,
  cores: string,
): Promise<Latency> {
  const script = fileURLToPath(new URL('paced-process.ts', import.meta.url));
  const args = [`${url}/endpoints/bench/invocations`, String(rate), String(seconds)];
  const { stdout } = await run('taskset', [
    '-c',
    cores,
    process.execPath,
    '--import',
    'tsx',
    script,
    ...args,
  ]);
  return JSON.parse(stdout) as Latency;
}

/** Linux keeps count, in hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
