/**
 * Prints the resident memory of a process with 1,000 endpoints as JSON. Runs in its own process for a clean count.
 */
import { behaviours, createPair, openSimulatedAccount } from './simulated-account.js';

const endpoints = 1000;
const daySeconds = 86_400;

const names = Array.from({ length: endpoints }, (_, index) => `shop-${index}`);
const traffic = names.map((endpoint) => ({ endpoint, requestsPerSecond: 10 }));
const account = await openSimulatedAccount({ behaviours, traffic });
await createPair(account.sageMaker, 'pair');
for (const EndpointName of names) {
  await account.sageMaker.createEndpoint({ EndpointName, EndpointConfigName: 'pair' });
}
const created = await readMegabytesAfter(60);
const day = await readMegabytesAfter(daySeconds);
// The retention time of one-minute points.
const fifteenDays = await readMegabytesAfter(14 * daySeconds);
await account.emulator.stop();
console.log(JSON.stringify({ created, day, fifteenDays }));

/** Resident memory, and the seconds of the simulation. */
async function readMegabytesAfter(seconds: number): Promise<{ megabytes: number; seconds: number }> {
  const startMs = performance.now();
  account.pass(seconds);
  await account.sageMaker.describeEndpoint({ EndpointName: 'shop-0' });
  const took = (performance.now() - startMs) / 1000;
  return { megabytes: process.memoryUsage().rss / 2 ** 20, seconds: took };
}
