import { behaviours, createPair, openSimulatedAccount } from './simulated-account.js';
import type { Figure } from './table.js';

const days = 30;
const daySeconds = 86_400;
const requestsPerSecond = 1000;

/** Thirty days of traffic to two variants, drawn by the minute, behind one request. */
export async function measureThirtyDays(): Promise<Figure> {
  const traffic = [{ endpoint: 'shop', requestsPerSecond }];
  const account = await openSimulatedAccount({ behaviours, traffic });
  await createPair(account.sageMaker, 'pair');
  await account.sageMaker.createEndpoint({ EndpointName: 'shop', EndpointConfigName: 'pair' });
  account.pass(60);
  await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
  const startMs = performance.now();
  account.pass(days * daySeconds);
  await account.sageMaker.describeEndpoint({ EndpointName: 'shop' });
  const seconds = (performance.now() - startMs) / 1000;
  await account.emulator.stop();
  return {
    what: `${days} days, 2 variants, 1-minute periods, ${requestsPerSecond} requests/s`,
    measured: `${seconds.toFixed(2)} s`,
    aim: '< 2 s',
  };
}
