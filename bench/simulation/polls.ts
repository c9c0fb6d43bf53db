/** One rollout with every poll, in the simulation and on the time-skipping test server. */
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { autoHeartbeat } from '../../src/activities/temporal/auto-heartbeat.js';
import { createActivities } from '../../src/activities/create-activities.js';
import { startOptionsOf } from '../../src/client/start-options.js';
import { openInProcess, type InProcessEmulator } from '../../src/emulator/in-process.js';
import { startTestServer } from '../../src/servers/test-server.js';
import { createClients, type SimulatedClients } from '../../src/simulation/aws/clients.js';
import { requestHandlerOf } from '../../src/simulation/aws/request-handler.js';
import { topicHandlerOf } from '../../src/simulation/aws/topics.js';
import { Simulation } from '../../src/simulation/simulation.js';
import type { WorkflowSandbox } from '../../src/simulation/temporal/sdk.js';
import type { RolloutResult } from '../../src/workflows/messages.js';
import { createModel, createOriginal } from '../../test/e2e/live-endpoint.js';
import { specOf } from '../../test/e2e/specs.js';
import { putManualAlarm } from '../../test/support/settable-alarm.js';
import { workflowBundle } from '../../test/support/workflow-bundle.js';
import { timed, type Took } from '../stopwatch.js';
import type { Figure } from '../table.js';

const endpoint = 'ranker';
const alarm = 'ranker-errors';
const bakeHours = 6;
const creationSeconds = 20 * 60;

/** A poll calls DescribeAlarms once. */
const spec = specOf(endpoint, {
  serve: { metricsEvery: '60s' },
  strategy: { canary: { steps: ['20%', { share: '100%', bake: '5m' }], bake: `${bakeHours}h` } },
  guardrails: [{ metric: 'errorRate', below: '2%', window: '5m' }, { alarm }],
});

interface Played extends Took {
  polls: number;
  days: number;
}

export async function measurePolls(sandbox: WorkflowSandbox): Promise<Figure[]> {
  // The first run compiles the code.
  await playInSimulation(sandbox);
  const simulated = await playInSimulation(sandbox);
  const onServer = await playOnServer();
  const ratio = ratePerSecond(simulated, simulated.polls) / ratePerSecond(onServer, onServer.polls);
  return [
    { what: `${bakeHours} h of polls every 30 s, simulation`, measured: describe(simulated), aim: '' },
    { what: 'the same on the time-skipping server', measured: describe(onServer), aim: '' },
    { what: 'ratio of polls a second', measured: `${ratio.toFixed(1)} x`, aim: '' },
  ];
}

function describe(played: Played): string {
  const { polls, days, seconds, processorSeconds } = played;
  const perPoll = (1000 * processorSeconds) / polls;
  return [
    `${Math.round(ratePerSecond(played, polls))} polls/s`,
    `${(days / seconds).toFixed(2)} days/s`,
    `${perPoll.toFixed(1)} ms of processor a poll (${polls} polls)`,
  ].join(', ');
}

function ratePerSecond({ seconds }: Took, count: number): number {
  return count / seconds;
}

async function playInSimulation(sandbox: WorkflowSandbox): Promise<Played> {
  const simulation = await Simulation.open({ sandbox });
  const { aws, emulator, temporal } = simulation;
  await prepare(aws, emulator);
  await temporal.skip(creationSeconds * 1000);
  const startMs = temporal.clock.nowMs;
  const { result, ...took } = await timed(() => simulation.startRollout(spec).result());
  const played = playedOf(result as RolloutResult, emulator, { startMs, took });
  await simulation.close();
  return played;
}

/** With the same activities and AWS in the same process. */
async function playOnServer(): Promise<Played> {
  const server = await startTestServer({ log: () => undefined });
  let nowMs = await server.currentTimeMs();
  const clock = { now: () => nowMs };
  const emulator = await openInProcess({ pace: 'real', clock, seed: 1 });
  const topics = topicHandlerOf(
    {
      get nowMs() {
        return nowMs;
      },
    },
    [],
  );
  const aws = createClients({ aws: requestHandlerOf(emulator, { latencyMs: 0 }), topics }, emulator.region);
  await prepare(aws, emulator);
  await server.sleep(creationSeconds * 1000);
  const startMs = (nowMs = await server.currentTimeMs());
  const worker = await createWorker(server, aws, async () => {
    nowMs = Math.max(nowMs, await server.currentTimeMs());
  });
  const { result, ...took } = await timed(() =>
    worker.runUntil(async () => {
      const { workflowId, memo = {}, args = [] } = startOptionsOf(spec, { startedBy: 'pipeline' });
      const options = { workflowId, memo, args: args as unknown[], taskQueue: endpoint };
      return (await server.client.workflow.execute('rollout', options)) as RolloutResult;
    }),
  );
  const played = playedOf(result, emulator, { startMs, took });
  await server.teardown();
  return played;
}

/** `follow`: sets the account's clock, before each attempt. */
async function createWorker(
  server: TestWorkflowEnvironment,
  aws: SimulatedClients,
  follow: () => Promise<void>,
): Promise<Worker> {
  return Worker.create({
    connection: server.nativeConnection,
    taskQueue: endpoint,
    workflowBundle: await workflowBundle(),
    activities: createActivities({ ...aws, env: {} }),
    interceptors: {
      activity: [
        ...(autoHeartbeat.interceptors?.activity ?? []),
        () => ({
          inbound: {
            async execute(input, next) {
              await follow();
              return next(input);
            },
          },
        }),
      ],
    },
  });
}

async function prepare(
  { sagemaker, cloudwatch }: SimulatedClients,
  emulator: InProcessEmulator,
): Promise<void> {
  for (const model of [`${endpoint}-1`, `${endpoint}-2`]) await createModel(sagemaker, model);
  await createOriginal(sagemaker, endpoint);
  await emulator.setTraffic({ endpoint, requestsPerSecond: 20 });
  await putManualAlarm(cloudwatch, alarm);
}

function playedOf(
  { outcome, reason, endedAt }: RolloutResult,
  emulator: InProcessEmulator,
  { startMs, took }: { startMs: number; took: Took },
): Played {
  if (outcome !== 'promoted') throw new Error(`expected a promotion, got ${outcome}: ${reason}`);
  const days = (Date.parse(endedAt) - startMs) / 86_400_000;
  return { ...took, days, polls: emulator.calls.count('DescribeAlarms') };
}
