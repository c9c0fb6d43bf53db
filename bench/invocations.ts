/** InvokeEndpoint over HTTP on this emulator and on moto, with the same client in the same run. */
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SageMaker } from '@aws-sdk/client-sagemaker';
import { startChild } from '../src/processes/child.js';
import { startMoto } from '../test/clients/moto.js';
import { createPair } from './simulated-account.js';
import type { Figure } from './table.js';

const connections = 8;
const warmUpSeconds = 1;
const roundSeconds = 3;
const rounds = 3;

/** The two take turns, so other load on the machine affects both. The best round of each counts. */
export async function measureInvocations(): Promise<Figure[]> {
  const [ours, moto] = await Promise.all([startEmulatorProcess(), startMoto()]);
  const best = { ours: 0, moto: 0 };
  try {
    for (const url of [ours.url, moto.url]) await countPerSecond(url, warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      best.ours = Math.max(best.ours, await countPerSecond(ours.url, roundSeconds));
      best.moto = Math.max(best.moto, await countPerSecond(moto.url, roundSeconds));
    }
  } finally {
    await Promise.all([ours.stop(), moto.stop()]);
  }
  const what = `InvokeEndpoint over HTTP, ${connections} connections`;
  return [
    { what: `${what}: this emulator`, measured: `${best.ours.toFixed(0)} requests/s`, aim: '' },
    { what: `${what}: moto`, measured: `${best.moto.toFixed(0)} requests/s`, aim: '' },
    { what: `${what}: ratio`, measured: `${(best.ours / best.moto).toFixed(1)} x`, aim: '>= 5 x' },
  ];
}

/** Starts the emulator in its own process, like moto, with an endpoint `shop` in service. */
async function startEmulatorProcess(): Promise<{ url: string; stop(): Promise<void> }> {
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const child = startChild(process.execPath, ['--import', 'tsx', main, 'emulator', '--json']);
  const [line] = (await once(child.process.stdout!, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const credentials = { accessKeyId: 'emulator', secretAccessKey: 'emulator' };
  // Simulated models have a latency by default. moto responds immediately.
  await post(new URL('/_emulator/behaviours', url), { model: '*', latencyMs: { p50: 0.001, p99: 0.002 } });
  const sageMaker = new SageMaker({ endpoint: url, region: 'us-east-1', credentials });
  await createPair(sageMaker, 'pair');
  await sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'pair' });
  const status = async () => (await sageMaker.describeEndpoint({ EndpointName: 'shop' })).EndpointStatus;
  while ((await status()) !== 'InService') await delay(200);
  return { url, stop: () => child.stop() };
}

async function post(url: URL, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status}`);
}

/** Successful requests per second, with a closed loop on each connection. */
async function countPerSecond(url: string, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const loop = async () => {
    let count = 0;
    for (; performance.now() < endMs; count++) await invoke(agent, url);
    return count;
  };
  const counts = await Promise.all(Array.from({ length: connections }, loop));
  const took = (performance.now() - startMs) / 1000;
  agent.destroy();
  return counts.reduce((sum, count) => sum + count, 0) / took;
}

const headers = {
  'content-type': 'application/json',
  // moto finds the service by the scope of the signature. Neither server checks the signature.
  'x-amz-date': '20260101T000000Z',
  authorization: `AWS4-HMAC-SHA256 Credential=emulator/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
};

function invoke(agent: Agent, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = new URL('/endpoints/shop/invocations', url);
    request(path, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    })
      .once('error', reject)
      .end('{}');
  });
}
