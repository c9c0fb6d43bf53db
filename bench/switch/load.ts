/** Load from separate processes on the other cores: autocannon, and requests at a steady rate. */
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
  /** The process whose processor time is counted. */
  pid: number;
  cores: string;
}

export interface Measured {
  perSecond: number;
  /** Responses other than 200, and broken connections. */
  failed: number;
  /** Processor time per request, in microseconds. */
  cpu: number;
}

/** Milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
  failed: number;
}

const body = JSON.stringify({ features: Array.from({ length: 20 }, (_, i) => i / 7) });

/** Maximum load, with autocannon, an independent HTTP load tool. */
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

/** `rate`: requests per second. */
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

/** Linux counts processor time in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
