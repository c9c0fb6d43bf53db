/** A worker with the credentials of another account or region believes nothing that it finds or does not find there. */
import assert from 'node:assert/strict';
import {
  CreateModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { openInProcess, type InProcessEmulator } from '../../../src/emulator/in-process.js';
import { createClients } from '../../../src/simulation/aws/clients.js';
import { requestHandlerOf } from '../../../src/simulation/aws/request-handler.js';
import { topicHandlerOf } from '../../../src/simulation/aws/topics.js';
import { Simulation } from '../../../src/simulation/simulation.js';
import { abortUpdate, timelineQuery, type RolloutResult } from '../../../src/workflows/messages.js';
import { createModel, createOriginal, role } from '../../e2e/live-endpoint.js';
import { specOf } from '../../e2e/specs.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import { workflowSandbox } from '../../support/workflow-sandbox.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const ada = { actor: 'ada', reason: 'wrong model' };

interface Elsewhere {
  emulator: InProcessEmulator;
  sagemaker: SageMakerClient;
}

const otherAccount = { account: '999999999999' };
const otherRegion = { region: 'eu-central-1' };

async function openElsewhere(
  { temporal }: Simulation,
  where: { account: string } | { region: string },
): Promise<Elsewhere> {
  const { clock } = temporal;
  const emulator = await openInProcess({
    pace: 'real',
    clock: { now: () => clock.nowMs },
    seed: 1,
    ...where,
  });
  const aws = requestHandlerOf(emulator, { latencyMs: 0 });
  const { sagemaker } = createClients({ aws, topics: topicHandlerOf(clock, []) }, emulator.region);
  return { emulator, sagemaker };
}

/** Another process of the worker, with other credentials. */
function restartIn({ temporal, network }: Simulation, account: InProcessEmulator | null): void {
  temporal.worker.kill();
  network.account = account;
  temporal.worker.start();
}

const handleOf = ({ temporal }: Simulation) => temporal.handle(`rollout:${endpoint}`);

const failuresOf = (simulation: Simulation): string[] =>
  handleOf(simulation).pendingActivities.map(({ lastFailure }) => lastFailure?.message ?? '');

const typesOf = (simulation: Simulation): string[] => [
  ...new Set(
    handleOf(simulation).pendingActivities.map(
      ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type ?? '',
    ),
  ),
];

const changesIn = ({ calls }: InProcessEmulator): string[] =>
  [...calls]
    .map(({ operation }) => operation)
    .filter((operation) => /^(Create|Update|Delete)/.test(operation));

async function openBaking(): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint);
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['50%'], bake: '2h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    }),
  );
  await simulation.temporal.skip(40 * minuteMs);
  return simulation;
}

const places: Record<string, { account: string } | { region: string }> = {
  account: otherAccount,
  region: otherRegion,
};

describe('worker in another account or region', () => {
  for (const [what, where] of Object.entries(places))
    it(`abort while the only worker is in another ${what} for 2 min -> aborted and verified, nothing changed there`, async () => {
      const simulation = await openBaking();
      const elsewhere = await openElsewhere(simulation, where);
      restartIn(simulation, elsewhere.emulator);
      await handleOf(simulation).executeUpdate(abortUpdate, { args: [ada] });
      await simulation.temporal.skip(2 * minuteMs);
      assertRunbookEntry(
        failuresOf(simulation).find((message) => message.startsWith('this worker')),
        'this worker is in account X, region Y; the rollout started in account X, region Y; ...',
      );
      assertRunbookEntry(typesOf(simulation).join(), 'WrongAccount');
      restartIn(simulation, null);
      const result = (await handleOf(simulation).result()) as RolloutResult;
      assert.equal(result.outcome, 'aborted', result.reason);
      assert.equal(result.serving, `${endpoint}-1`);
      assert.deepEqual(changesIn(elsewhere.emulator), []);
      await simulation.close();
    });

  it('tidying: credentials change between two calls of one process -> the config is deleted where the rollout started', async () => {
    const simulation = await openBaking();
    const elsewhere = await openElsewhere(simulation, otherAccount);
    const own = `${endpoint}-original`;
    let wasElsewhere = false;
    simulation.network.before = ({ operation }) => {
      const isTidying = [...simulation.emulator.calls].some(
        (call) => call.operation === 'UpdateEndpoint' && call.parameters.EndpointConfigName === own,
      );
      if (wasElsewhere || !isTidying || operation !== 'DescribeEndpointConfig') return;
      wasElsewhere = true;
      simulation.network.account = elsewhere.emulator;
      const { clock } = simulation.temporal;
      clock.at(clock.nowMs + minuteMs, () => void (simulation.network.account = null));
    };
    await handleOf(simulation).executeUpdate(abortUpdate, { args: [ada] });
    await simulation.temporal.skip(30 * minuteMs);
    const result = (await handleOf(simulation).result()) as RolloutResult;
    assert.ok(wasElsewhere);
    assert.equal(result.outcome, 'aborted', result.reason);
    assert.deepEqual(result.leftovers, []);
    const { EndpointConfigs = [] } = await simulation.aws.sagemaker.send(new ListEndpointConfigsCommand({}));
    assert.deepEqual(
      EndpointConfigs.map(({ EndpointConfigName }) => EndpointConfigName),
      [own],
    );
    await simulation.close();
  });

  it('bake while the worker is in an account with an endpoint of the same name -> nothing concluded, promoted later', async () => {
    const simulation = await openBaking();
    const elsewhere = await openElsewhere(simulation, otherAccount);
    await createModel(elsewhere.sagemaker, `${endpoint}-1`);
    await createOriginal(elsewhere.sagemaker, endpoint);
    await simulation.temporal.skip(20 * minuteMs);
    const before = changesIn(elsewhere.emulator);
    restartIn(simulation, elsewhere.emulator);
    await simulation.temporal.skip(30 * minuteMs);
    restartIn(simulation, null);
    const result = (await handleOf(simulation).result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    const timeline = await handleOf(simulation).query(timelineQuery);
    assert.deepEqual(
      timeline.filter(({ message }) => message.startsWith('holding: ')),
      [],
    );
    assert.deepEqual(changesIn(elsewhere.emulator), before);
    await simulation.close();
  });

  it('new endpoint: worker is in another account before the deployment -> created only in the first one', async () => {
    const simulation = await Simulation.open({ sandbox: await workflowSandbox(await workflowBundle()) });
    const elsewhere = await openElsewhere(simulation, otherAccount);
    const model = {
      ModelName: `${endpoint}-2`,
      ExecutionRoleArn: role,
      PrimaryContainer: { Image: 'simulated/good' },
    };
    for (const sagemaker of [simulation.aws.sagemaker, elsewhere.sagemaker])
      await sagemaker.send(new CreateModelCommand(model));
    const before = changesIn(elsewhere.emulator);
    simulation.startRollout(
      specOf(endpoint, {
        models: { candidate: { model: `${endpoint}-2` } },
        serve: { instance: 'ml.m5.large', count: 1, metricsEvery: '60s' },
        strategy: 'standard',
        guardrails: [],
      }),
    );
    await handleOf(simulation).executeUpdate('pause', { args: [ada] });
    await simulation.temporal.skip(2 * minuteMs);
    restartIn(simulation, elsewhere.emulator);
    await handleOf(simulation).executeUpdate('resume', { args: [ada] });
    await simulation.temporal.skip(10 * minuteMs);
    restartIn(simulation, null);
    const result = (await handleOf(simulation).result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(changesIn(elsewhere.emulator), before);
    const { Endpoints = [] } = await simulation.aws.sagemaker.send(new ListEndpointsCommand({}));
    assert.deepEqual(
      Endpoints.map(({ EndpointName }) => EndpointName),
      [endpoint],
    );
    await simulation.close();
  });
});
