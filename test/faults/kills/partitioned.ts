/**
 * A worker is alive, but loses Temporal in the middle of an activity, while its request to AWS is in flight. Temporal times
 * the attempt out. Another worker makes the same change and continues. Then the request arrives.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { devServer, eventually } from '../../support/dev-server.js';
import { readAccount } from './account-state.js';
import { TcpProxy } from './tcp-proxy.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { ScenarioRun, type Scenario } from './run-scenario.js';
import { alarmOf, isBaking, lasting, removal } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };

interface LateRequest {
  scenario: Scenario;
  /** The first request of this operation is late. */
  operation: string;
  /** The request arrives when this is true. */
  arrives: Parameters<ScenarioRun['until']>[0];
  /** Checks the effect of the late request, and ends the rollout. */
  after(run: ScenarioRun): Promise<void>;
}

/** Late weights of an earlier share. */
const weights: LateRequest = {
  scenario: { ...lasting, name: 'late-weights' },
  operation: 'UpdateEndpointWeightsAndCapacities',
  arrives: isBaking,
  async after({ environment, endpoint, rollout }) {
    // Polls during the change report the target of the change, or no shares.
    await rollout.until(
      ({ hold, variants }) =>
        hold?.message.includes('has 80 % of the traffic, not 50 %') === true &&
        variants.find(({ role }) => role === 'candidate')?.actualWeight === 20,
    );
    await environment.rollouts.abort(endpoint, ben);
    const { shares } = await rollout.expectOutcome('aborted');
    assert.deepEqual(shares, [0, 20, 50, 0]);
    await rollout.assertOriginal();
  },
};

/** A late update to the current config of the endpoint: SageMaker updates again, and the variants keep their shares. */
const update: LateRequest = {
  scenario: { ...lasting, name: 'late-update' },
  operation: 'UpdateEndpoint',
  arrives: isBaking,
  async after({ environment, endpoint, rollout, effects }) {
    await eventually(() =>
      Promise.resolve(
        effects().filter((each) => each.startsWith('UpdateEndpoint {')).length > 1 || undefined,
      ),
    );
    const settled = await eventually(async () => {
      const { status, config, variants } = await rollout.served();
      return status === 'InService' ? { config, shares: variants.map(({ share }) => share) } : undefined;
    });
    assert.deepEqual(settled, { config: rollout.names.sideBySideConfig, shares: [50, 50] });
    // A few polls: holds because of the update have ended.
    await delay(3_000);
    await rollout.until(({ hold, phase }) => hold === null && phase === 'baking');
    await environment.rollouts.abort(endpoint, ben);
    await rollout.expectOutcome('aborted');
    await rollout.assertOriginal();
  },
};

/** A late creation of an endpoint that already exists. */
const creation: LateRequest = {
  scenario: { ...removal, name: 'late-creation' },
  operation: 'CreateEndpoint',
  arrives: ({ phase }) => phase === 'baking',
  async after({ environment, endpoint, rollout }) {
    const { calls } = environment.emulator;
    await eventually(() =>
      Promise.resolve(calls.count('CreateEndpoint', 'ValidationException') > 0 || undefined),
    );
    await delay(3_000);
    assert.equal((await environment.rollouts.get(endpoint)).hold, null);
    await environment.setAlarm(alarmOf(endpoint), 'ALARM');
    await rollout.expectOutcome('rolledBack');
    assert.deepEqual(await rollout.served(), {
      status: undefined,
      config: undefined,
      variants: [],
      configs: [],
    });
  },
};

const lateRequests = [weights, update, creation];

export function runPartitioned(): Promise<void> {
  return WorkerKillEnvironment.run(async (environment) => {
    const { emulator } = environment.e2e;
    const proxy = await TcpProxy.open((await devServer()).address);
    try {
      await environment.startWorker(proxy.address);
      const runs = await Promise.all(lateRequests.map((late) => begin(late, environment)));
      while (emulator.held.list().length < lateRequests.length) await delay(50);
      proxy.cut();
      const successor = await environment.startWorker();
      await Promise.all(
        runs.map(async ({ late, run }) => {
          await run.until(late.arrives);
          const held = emulator.held.list().find(({ operation }) => operation === late.operation);
          assert.equal(emulator.held.release(held?.id), 1);
          await late.after(run);
        }),
      );
      const read = () =>
        Promise.all(runs.map(({ run }) => readAccount(environment.e2e.sagemaker, run.rollout)));
      const before = await read();
      proxy.restore();
      // The first worker reports attempts that timed out long ago. Then it takes over.
      await successor.kill();
      await eventually(() => environment.e2e.rollouts.timeline(weights.scenario.name).catch(ignoreNoWorker));
      assert.deepEqual(await read(), before);
    } finally {
      await proxy.close();
    }
  });
}

async function begin(
  late: LateRequest,
  environment: WorkerKillEnvironment,
): Promise<{ late: LateRequest; run: ScenarioRun }> {
  const { scenario, operation } = late;
  const endpoint = scenario.name;
  const start = await ScenarioRun.prepare(scenario, environment, endpoint);
  environment.e2e.emulator.faults.add({ operation, kind: 'holdRequest', about: endpoint });
  return { late, run: await start() };
}
