/**
 * One of three workers has credentials that AWS denies everything. Its attempts say nothing about a candidate. Before, every
 * rollout of which it took an attempt was rolled back. Later, each of its denials between two successes was a new hold for
 * operators, and none was a page.
 */
import assert from 'node:assert/strict';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import { createActivities } from '../../../src/activities/create-activities.js';
import { openInProcess } from '../../../src/emulator/in-process.js';
import { createClients } from '../../../src/simulation/aws/clients.js';
import { requestHandlerOf } from '../../../src/simulation/aws/request-handler.js';
import { topicHandlerOf } from '../../../src/simulation/aws/topics.js';
import { SeededRandom } from '../../../src/simulation/random.js';
import { Simulation } from '../../../src/simulation/simulation.js';
import type { Activities } from '../../../src/simulation/temporal/worker.js';
import type { RolloutResult } from '../../../src/workflows/messages.js';
import { createModel, createOriginal } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { isWhole } from '../../faults/seed.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';

const minuteMs = 60_000;
const always = 1_000_000_000;
const pager = 'https://pager.invalid/hook';

/** An obstacle is new after an hour without a failure. A page follows half an hour of failures after a success. */
const minGapsMs = { hold: 60 * minuteMs, page: 30 * minuteMs };

const endpoints = Array.from({ length: isWhole ? 200 : 8 }, (_, i) => `ranker-${i}`);

async function openWithEndpoints(received: Notification[]): Promise<Simulation> {
  const simulation = await Simulation.open({
    sandbox: await workflowSandbox(await workflowBundle()),
    leaveOutIdlePolls: true,
    fetch: (_, init) => {
      received.push(JSON.parse(init?.body as string) as Notification);
      return Promise.resolve(Response.json({}));
    },
  });
  const { aws, emulator, temporal } = simulation;
  for (const endpoint of endpoints) {
    for (const model of [`${endpoint}-1`, `${endpoint}-2`]) await createModel(aws.sagemaker, model);
    await createOriginal(aws.sagemaker, endpoint);
    await emulator.setTraffic({ endpoint, requestsPerSecond: 20 });
  }
  await temporal.skip(20 * minuteMs);
  return simulation;
}

/** Each attempt is made by one of three workers, drawn. AWS denies all calls of one of them. Returns its attempts. */
async function addDeniedWorker({ temporal }: Simulation, share = 1 / 3): Promise<{ attempts: number }> {
  const { clock, worker } = temporal;
  const random = new SeededRandom(3);
  const count = { attempts: 0 };
  const denying = await openInProcess({
    clock: { now: () => clock.nowMs },
    seed: 1,
    faults: [{ operation: '*', kind: 'accessDenied', count: always }],
  });
  const aws = requestHandlerOf(denying, { latencyMs: 0 });
  const clients = createClients({ aws, topics: topicHandlerOf(clock, []) }, denying.region);
  const denied = createActivities({ ...clients, env: {} }) as unknown as Activities;
  worker.activities = Object.fromEntries(
    Object.entries(worker.activities).map(([type, activity]) => [
      type,
      (...args: unknown[]) => {
        const isDenied = random.uniform() < share;
        if (isDenied) count.attempts += 1;
        return (isDenied ? denied[type] : activity)?.(...args) ?? Promise.resolve();
      },
    ]),
  );
  return count;
}

const spec = (endpoint: string) =>
  specOf(endpoint, {
    serve: { metricsEvery: '60s' },
    strategy: { canary: { steps: ['20%'], bake: '15m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    notify: [{ webhook: { url: pager } }],
  });

/** The calls that AWS denies. */
type Cause = 'reads' | 'changes';

const causeOf = ({ message }: Notification): Cause =>
  message.includes('cannot be read') ? 'reads' : 'changes';

describe('worker with denied credentials', function () {
  this.timeout(1_800_000);

  it(`one of three, ${endpoints.length} rollouts -> none rolls back, one hold per cause, then pages`, async () => {
    const received: Notification[] = [];
    const simulation = await openWithEndpoints(received);
    const { temporal } = simulation;
    const handles = endpoints.map((endpoint) => simulation.startRollout(spec(endpoint)));
    await temporal.skip(20 * minuteMs);
    const denied = await addDeniedWorker(simulation);
    for (const handle of handles) {
      const result = (await handle.result()) as RolloutResult;
      assert.equal(result.outcome, 'promoted', result.reason);
    }
    assert.ok(denied.attempts >= endpoints.length, `${denied.attempts} attempts`);
    const of = (endpoint: string, event: string, cause: Cause) =>
      received.filter(
        (each) => each.endpoint === endpoint && each.event === event && causeOf(each) === cause,
      );
    for (const endpoint of endpoints)
      for (const cause of ['reads', 'changes'] as const)
        for (const event of ['hold', 'page'] as const) {
          const times = of(endpoint, event, cause).map(({ at }) => Date.parse(at));
          const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
          assert.ok(
            gaps.every((gap) => gap > minGapsMs[event]),
            `${endpoint}: ${event} about ${cause} at ${times.map((at) => new Date(at).toISOString()).join(', ')}`,
          );
        }
    // Nearly every rollout has a denied change at 20 %, and again, more than ten minutes later, at 100 %.
    const paged = endpoints.filter((endpoint) => of(endpoint, 'page', 'changes').length > 0);
    assert.ok(paged.length >= endpoints.length / 2, `only ${paged.join(', ')} paged`);
    for (const endpoint of paged) assert.ok(of(endpoint, 'hold', 'changes').length > 0, endpoint);
    await simulation.close();
  });
});
