/**
 * Measures the switch and nginx's split_clients in front of the same backend: `npm run bench:switch`. The measured
 * process has one core. Load and backend share the other cores. Needs Linux, nginx and taskset.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import which from 'which';
import { startChild, type Child } from '../src/processes/child.js';
import { measureSdk } from './switch/hot-path.js';
import { measureLatency, measureThroughput, type Latency, type Measured } from './switch/load.js';
import { writeNginxFiles } from './switch/backend.js';
import { describeMachine, printFigures, type Figure } from './table.js';

const host = '127.0.0.1';
const connections = 32;
const seconds = 5;
const rounds = 3;
const ownCore = '0';
const otherCores = `1-${Math.max(1, cpus().length - 1)}`;
const nginxPlaces = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx'];

const nginx = await findNginx();
if (nginx === null || (await which('taskset', { nothrow: true })) === null) {
  console.error(
    'Cannot compare: nginx or taskset is missing; install them, e.g. with `apt-get install nginx-light util-linux`.',
  );
  process.exit(1);
}

console.log(`${new Date().toISOString().slice(0, 10)}, ${describeMachine()}`);
printFigures(await measureAll(nginx));

type Side = 'nginx' | 'the switch' | 'the switch with records';

async function measureAll(nginx: string): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-'));
  const [backend, proxy, plain, recording] = await Promise.all([0, 0, 0, 0].map(() => getPort({ host })));
  const files = await writeNginxFiles(folder, { backend: backend!, proxy: proxy! });
  const urlOf = (port: number | undefined) => `http://${host}:${port}`;
  const script = fileURLToPath(new URL('switch/switch-process.ts', import.meta.url));
  const startSwitch = (port: number | undefined, kind: string) =>
    pinned(ownCore, process.execPath, [
      ...['--import', 'tsx', script, String(port), urlOf(backend), join(folder, kind), kind],
    ]);
  const children: Child[] = [
    pinned(otherCores, nginx, ['-p', folder, '-c', files.backend]),
    pinned(ownCore, nginx, ['-p', folder, '-c', files.proxy]),
    startSwitch(plain, 'plain'),
    startSwitch(recording, 'records'),
  ];
  const sides: Record<Side, { url: string; pid: number }> = {
    nginx: { url: urlOf(proxy), pid: children[1]!.process.pid! },
    'the switch': { url: urlOf(plain), pid: children[2]!.process.pid! },
    'the switch with records': { url: urlOf(recording), pid: children[3]!.process.pid! },
  };
  try {
    for (const { url } of Object.values(sides)) await untilItAnswers(url);
    const peaks = await measurePeaks(sides);
    const rate = Math.round(peaks['the switch'].perSecond / 2);
    const direct = await bestLatency(urlOf(backend), rate);
    const latencies = await measureLatencies(sides, rate);
    return [...describe(peaks, direct, latencies, rate), ...(await measureSdk(urlOf(backend)))];
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(folder, { recursive: true });
  }
}

/** They take turns, so other load on the machine affects all. The best round of each counts. */
async function measurePeaks(
  sides: Record<Side, { url: string; pid: number }>,
): Promise<Record<Side, Measured>> {
  const best: Partial<Record<Side, Measured>> = {};
  for (let round = 0; round <= rounds; round++)
    for (const [side, { url, pid }] of Object.entries(sides) as [Side, (typeof sides)[Side]][]) {
      const measured = await measureThroughput({ url, pid, connections, seconds, cores: otherCores });
      if (measured.failed > 0) throw new Error(`${side}: ${measured.failed} requests failed`);
      // The first round is a warm-up.
      if (round > 0 && measured.perSecond > (best[side]?.perSecond ?? 0)) best[side] = measured;
    }
  return best as Record<Side, Measured>;
}

async function measureLatencies(
  sides: Record<Side, { url: string }>,
  rate: number,
): Promise<Record<Side, Latency>> {
  const found: Partial<Record<Side, Latency>> = {};
  for (const [side, { url }] of Object.entries(sides) as [Side, { url: string }][])
    found[side] = await bestLatency(url, rate);
  return found as Record<Side, Latency>;
}

async function bestLatency(url: string, rate: number): Promise<Latency> {
  let best: Latency | null = null;
  for (let round = 0; round < rounds; round++) {
    const measured = await measureLatency(url, rate, seconds, otherCores);
    if (measured.failed > 0) throw new Error(`${url}: ${measured.failed} requests failed`);
    if (best === null || measured.p99 < best.p99) best = measured;
  }
  return best!;
}

function describe(
  peaks: Record<Side, Measured>,
  direct: Latency,
  latencies: Record<Side, Latency>,
  rate: number,
): Figure[] {
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const sides = Object.keys(peaks) as Side[];
  const ratio = peaks['the switch'].perSecond / peaks.nginx.perSecond;
  return [
    ...sides.map((side) => ({
      what: `peak of ${side}, ${connections} connections, one core`,
      measured: `${peaks[side].perSecond.toFixed(0)} requests/s, ${peaks[side].cpu.toFixed(0)} us of processor a request`,
      aim: '',
    })),
    { what: 'the switch / nginx', measured: ratio.toFixed(2), aim: '>= 0.5' },
    {
      what: `backend alone at ${rate} requests/s: p50, p99`,
      measured: `${ms(direct.p50)}, ${ms(direct.p99)}`,
      aim: '',
    },
    ...sides.map((side) => ({
      what: `added by ${side} at that rate: p50, p99`,
      measured: `${ms(latencies[side].p50 - direct.p50)}, ${ms(latencies[side].p99 - direct.p99)}`,
      aim: side === 'the switch' ? 'p99 <= 1 ms' : '',
    })),
  ];
}

function pinned(cores: string, program: string, args: string[]): Child {
  return startChild('taskset', ['-c', cores, program, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function untilItAnswers(url: string): Promise<void> {
  const call = () => fetch(`${url}/endpoints/bench/invocations`, { method: 'POST', body: '{}' });
  for (let tries = 0; tries < 100; tries++) {
    const status = await call().then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await delay(100);
  }
  throw new Error(`${url} does not answer`);
}

async function findNginx(): Promise<string | null> {
  for (const place of nginxPlaces) {
    const found = await which(place, { nothrow: true });
    if (found !== null) return found;
  }
  return null;
}
