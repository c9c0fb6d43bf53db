/** Users who call the switch like SageMaker, one after another, until the test ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { TemporalSplitSource } from '../../src/client/splits.js';
import { switchSchema } from '../../src/switch/config-schema.js';
import { startSwitch } from '../../src/switch/start-switch.js';
import type { E2eEnvironment } from './e2e-environment.js';

const people = 60;
const betweenRequestsMs = 20;

export interface Answered {
  /** By user: the variants that responded, in order, without repetitions. */
  journeys: Map<string, string[]>;
  requests: number;
  failures: string[];
}

/** Calls `endpoint` through a separate switch while `work` runs. `work` begins when each user has called once. */
export async function withUsers(
  environment: E2eEnvironment,
  endpoint: string,
  work: (answered: Answered) => Promise<void>,
): Promise<Answered> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-users-'));
  const running = await startSwitch({
    config: switchSchema.parse({ listen: { port: 0 }, user: [{ header: 'x-user' }], endpoints: [endpoint] }),
    source: new TemporalSplitSource(environment.temporal),
    runtime: environment.emulator.awsConfig,
    cloudwatch: new CloudWatchClient(environment.emulator.awsConfig),
    folder,
    log: () => undefined,
  });
  const answered: Answered = { journeys: new Map(), requests: 0, failures: [] };
  const end = new AbortController();
  const calling = keepCalling(`${running.url}/endpoints/${endpoint}/invocations`, answered, end.signal);
  try {
    while (answered.journeys.size < people && answered.failures.length === 0) await delay(100);
    await work(answered);
    // The switch follows the final split in the memo within seconds. Then each user calls again.
    await delay(2_500);
    const enough = answered.requests + 2 * people;
    while (answered.requests < enough && answered.failures.length === 0) await delay(100);
  } finally {
    end.abort();
    await calling;
    await running.stop();
    await rm(folder, { recursive: true });
  }
  return answered;
}

async function keepCalling(url: string, answered: Answered, end: AbortSignal): Promise<void> {
  for (let n = 0; !end.aborted; n++) {
    const user = `user-${n % people}`;
    const response = await fetch(url, { method: 'POST', headers: { 'x-user': user }, body: '{}' });
    const text = await response.text();
    answered.requests++;
    if (response.ok)
      follow(answered.journeys, user, response.headers.get('x-amzn-invoked-production-variant'));
    else answered.failures.push(`${response.status} ${text}`);
    await delay(betweenRequestsMs);
  }
}

function follow(journeys: Answered['journeys'], user: string, variant: string | null): void {
  const journey = journeys.get(user) ?? [];
  if (variant !== null && journey.at(-1) !== variant) journeys.set(user, [...journey, variant]);
}
