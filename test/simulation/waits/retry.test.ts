/** A hold lasts while the rollout repeats what it holds for, and `retry` is accepted all the time. */
import assert from 'node:assert/strict';
import {
  CreateEndpointConfigCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import type { Fault } from '../../../src/emulator/account/faults.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { statusQuery, timelineQuery, type RolloutStatus } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const topic = 'arn:aws:sns:us-east-1:123456789012:rollouts';
const always = 1_000_000;

/** Each AWS call takes two seconds, so an attempt lasts long enough for a person to meet it. */
async function openHolding(faults: Fault[]): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { account: { faults }, network: { latencyMs: 2_000 } });
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '50%'], bake: '10m' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      notify: [{ sns: topic, on: ['hold'] }],
    }),
  );
  return simulation;
}

const handleOf = ({ temporal }: Simulation) => temporal.handle(`rollout:${endpoint}`);
const statusOf = (simulation: Simulation): Promise<RolloutStatus> => handleOf(simulation).query(statusQuery);

async function untilHeld(simulation: Simulation): Promise<string> {
  for (let minute = 0; minute < 240; minute++) {
    const { hold } = await statusOf(simulation);
    if (hold !== null) return hold.message;
    await simulation.temporal.skip(minuteMs);
  }
  return assert.fail('the rollout does not hold');
}

interface Watched {
  seconds: number;
  secondsWithoutHold: number;
  retries: number;
  rejected: string[];
}

/** Looks every second, and sends `retry` at odd times. */
async function watchHold(simulation: Simulation, seconds: number): Promise<Watched> {
  const watched: Watched = { seconds, secondsWithoutHold: 0, retries: 0, rejected: [] };
  for (let second = 1; second <= seconds; second++) {
    await simulation.temporal.skip(1_000);
    if ((await statusOf(simulation)).hold === null) watched.secondsWithoutHold++;
    if (second % 7 !== 0) continue;
    watched.retries++;
    await handleOf(simulation)
      .executeUpdate('retry', { args: [{ actor: 'ada', reason: `retry ${watched.retries}` }] })
      .catch((error: Error) => watched.rejected.push((error.cause as Error).message));
  }
  return watched;
}

async function linesOf(simulation: Simulation, pattern: RegExp): Promise<string[]> {
  const timeline = await handleOf(simulation).query(timelineQuery);
  return timeline.map(({ message }) => message).filter((message) => pattern.test(message));
}

const command = { actor: 'ada', reason: 'wrong model' };

async function updateToOtherConfig({ aws }: Simulation): Promise<void> {
  const config = {
    ...{ VariantName: 'AllTraffic', ModelName: `${endpoint}-1` },
    ...{ InstanceType: 'ml.m5.large' as const, InitialInstanceCount: 2 },
  };
  const EndpointConfigName = `${endpoint}-other`;
  await aws.sagemaker.send(
    new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants: [config] }),
  );
  await aws.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
}

/** Pauses the rollout before its first change, and changes the endpoint as someone else. */
async function changeBeforeDeployment(simulation: Simulation): Promise<void> {
  await handleOf(simulation).executeUpdate('pause', { args: [command] });
  await simulation.temporal.skip(5 * minuteMs);
  await updateToOtherConfig(simulation);
}

interface Held {
  faults: Fault[];
  prepare?: (simulation: Simulation) => Promise<void>;
  /** Holds with different causes that follow each other. */
  holds?: number;
}

const held: Record<string, Held> = {
  'a weight change is refused': {
    faults: [
      {
        operation: 'UpdateEndpointWeightsAndCapacities',
        kind: 'accessDenied',
        match: { 'DesiredWeightsAndCapacities.0.DesiredWeight': 50 },
        count: always,
      },
    ],
  },
  'the last update is refused': {
    faults: [
      {
        operation: 'UpdateEndpoint',
        kind: 'accessDenied',
        match: { EndpointConfigName: '*-b' },
        count: always,
      },
    ],
  },
  'a rollback is refused': {
    faults: [
      {
        operation: 'UpdateEndpoint',
        kind: 'accessDenied',
        match: { EndpointConfigName: '*-original' },
        count: always,
      },
    ],
    prepare: async (simulation) => {
      await simulation.temporal.skip(20 * minuteMs);
      await handleOf(simulation).executeUpdate('abort', { args: [command] });
    },
  },
  'someone else has changed the endpoint before the deployment': {
    faults: [],
    prepare: async (simulation) => {
      await changeBeforeDeployment(simulation);
      await simulation.temporal.skip(30 * minuteMs);
      await handleOf(simulation).executeUpdate('resume', { args: [command] });
    },
  },
  'someone else has changed the weights before the next change': {
    faults: [],
    holds: 2,
    prepare: async (simulation) => {
      await simulation.temporal.skip(15 * minuteMs);
      const variants = (await statusOf(simulation)).variants.map(({ name }) => name);
      const DesiredWeightsAndCapacities = variants.map((VariantName, i) => ({
        VariantName,
        DesiredWeight: [70, 30][i],
      }));
      await simulation.aws.sagemaker.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({
          EndpointName: endpoint,
          DesiredWeightsAndCapacities,
        }),
      );
    },
  },
};

describe('retry', () => {
  for (const [name, { faults, prepare, holds = 1 }] of Object.entries(held))
    it(`${name}: ten minutes with a retry every 7 s -> held all the time, each retry accepted`, async () => {
      const simulation = await openHolding(faults);
      await prepare?.(simulation);
      await untilHeld(simulation);
      const watched = await watchHold(simulation, 600);
      assert.deepEqual(watched, { ...watched, secondsWithoutHold: 0, rejected: [] });
      const lines = await linesOf(simulation, /^(no longer )?holding: /);
      assert.ok(lines.length <= holds, lines.join('\n'));
      assert.ok(simulation.publications.length <= holds, `${simulation.publications.length} notifications`);
      await simulation.close();
    });

  it('someone else updates the endpoint before the deployment -> accepted while the rollout waits', async () => {
    const simulation = await openHolding([]);
    await changeBeforeDeployment(simulation);
    await handleOf(simulation).executeUpdate('resume', { args: [command] });
    await simulation.temporal.skip(30_000);
    const { hold, waitingFor } = await statusOf(simulation);
    assert.equal(hold, null);
    assert.match(waitingFor?.what ?? '', /is Updating; the deployment waits for its end/);
    await handleOf(simulation).executeUpdate('retry', { args: [command] });
    await simulation.close();
  });

  it('no hold and nothing repeated -> rejected', async () => {
    const simulation = await openHolding([]);
    await simulation.temporal.skip(15 * minuteMs);
    const rejected = handleOf(simulation).executeUpdate('retry', { args: [command] });
    await assert.rejects(rejected, (error: Error) =>
      /^the rollout is not holding; nothing to retry$/.test((error.cause as Error).message),
    );
    await simulation.close();
  });
});
