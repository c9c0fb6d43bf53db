/**
 * Sends requests at a fixed rate, independent of earlier responses. autocannon sends all requests of a second at once
 * and counts whole milliseconds, which is too coarse for the added latency. Arguments: URL, requests per second,
 * seconds. Prints percentiles in milliseconds as JSON.
 */
import { Pool } from 'undici';

const [target = '', rate = '', seconds = ''] = process.argv.slice(2);
const url = new URL(target);
const body = Buffer.from(JSON.stringify({ features: Array.from({ length: 20 }, (_, i) => i / 7) }));
const pool = new Pool(url.origin, { connections: 256, pipelining: 1 });
const perMs = Number(rate) / 1000;
const warmUpMs = 1000;
const totalMs = warmUpMs + Number(seconds) * 1000;
const taken: number[] = [];
let failed = 0;
let waiting = 0;

const startMs = performance.now();
let sent = 0;
while (performance.now() - startMs < totalMs) {
  // Latency counts from the time at which a request was due, even if this process sent it later.
  for (; sent < (performance.now() - startMs) * perMs; sent++) send(startMs + sent / perMs);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
while (waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
taken.sort((a, b) => a - b);
const percentile = (share: number) => taken[Math.floor(taken.length * share)] ?? NaN;
process.stdout.write(
  JSON.stringify({ p50: percentile(0.5), p99: percentile(0.99), failed, count: taken.length }),
);
await pool.close();

function send(dueMs: number): void {
  waiting++;
  const end = (isWell: boolean) => {
    waiting--;
    if (!isWell) failed++;
    else if (dueMs - startMs > warmUpMs) taken.push(performance.now() - dueMs);
  };
  let status = 0;
  const headers = { 'content-type': 'application/json', 'x-penstock-user': `user-${sent % 1000}` };
  pool.dispatch(
    { method: 'POST', path: url.pathname, headers, body },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: () => undefined,
      onResponseEnd: () => end(status === 200),
      onResponseError: () => end(false),
    },
  );
}
