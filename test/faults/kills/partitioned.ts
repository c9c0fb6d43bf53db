/**
 * A worker that Temporal has given up, though it is alive: cut off in the middle of an activity, its request still on the
 * way to AWS. Another worker does the same, and goes on; then the request arrives.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { devServer, eventually } from '../../support/dev-server.js';
import { readAccount } from './account-state.js';
import { Cable } from './tcp-proxy.js';
import { ignoreNoWorker, WorkerKillEnvironment } from './worker-kill-environment.js';
import { Play, type Scenario } from './run-scenario.js';
import { alarmOf, isBaking, lasting, removal } from './scenarios.js';

const ben = { actor: 'ben', reason: 'a test' };

interface Late {
  story: Scenario;
  /** The first of them comes late. */
  operation: string;
  /** When it arrives, at the earliest. */
  arrives: Parameters<Play['until']>[0];
  /** What is to be seen then, and how it goes on. */
  after(play: Play): Promise<void>;
}

/** To a share that has been passed. */
const weights: Late = {
  story: { ...lasting, name: 'late-weights' },
  operation: 'UpdateEndpointWeightsAndCapacities',
  arrives: isBaking,
  async after({ stage, endpoint, rollout }) {
    // Looks that come while the endpoint still changes say where it is going, or nothing of shares.
    await rollout.until(
      ({ hold, variants }) =>
        hold?.message.includes('has 80 % of the traffic, not 50 %') === true &&
        variants.find(({ role }) => role === 'candidate')?.actualWeight === 20,
    );
    await stage.rollouts.abort(endpoint, ben);
    const { shares } = await rollout.expectOutcome('aborted');
    assert.deepEqual(shares, [0, 20, 50, 0]);
    await rollout.assertOriginal();
  },
};

/** To the config that the endpoint is on: SageMaker updates once more, and what the variants have stays. */
const update: Late = {
  story: { ...lasting, name: 'late-update' },
  operation: 'UpdateEndpoint',
  arrives: isBaking,
  async after({ stage, endpoint, rollout, effects }) {
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
    // A few looks: whatever was said of the update is over.
    await delay(3_000);
    await rollout.until(({ hold, phase }) => hold === null && phase === 'baking');
    await stage.rollouts.abort(endpoint, ben);
    await rollout.expectOutcome('aborted');
    await rollout.assertOriginal();
  },
};

/** Of an endpoint that is there by now. */
const creation: Late = {
  story: { ...removal, name: 'late-creation' },
  operation: 'CreateEndpoint',
  arrives: ({ phase }) => phase === 'baking',
  async after({ stage, endpoint, rollout }) {
    const { calls } = stage.emulator;
    await eventually(() =>
      Promise.resolve(calls.count('CreateEndpoint', 'ValidationException') > 0 || undefined),
    );
    await delay(3_000);
    assert.equal((await stage.rollouts.get(endpoint)).hold, null);
    await stage.setAlarm(alarmOf(endpoint), 'ALARM');
    await rollout.expectOutcome('rolledBack');
    assert.deepEqual(await rollout.served(), {
      status: undefined,
      config: undefined,
      variants: [],
      configs: [],
    });
  },
};

const lates = [weights, update, creation];

export function playPartitioned(): Promise<void> {
  return WorkerKillEnvironment.play(async (killStage) => {
    const { emulator } = killStage.stage;
    const cable = await Cable.lay((await devServer()).address);
    try {
      await killStage.startWorker(cable.address);
      const plays = await Promise.all(lates.map((late) => begin(late, killStage)));
      while (emulator.held.list().length < lates.length) await delay(50);
      cable.cut();
      const others = await killStage.startWorker();
      await Promise.all(
        plays.map(async ({ late, play }) => {
          await play.until(late.arrives);
          const held = emulator.held.list().find(({ operation }) => operation === late.operation);
          assert.equal(emulator.held.release(held?.id), 1);
          await late.after(play);
        }),
      );
      const read = () =>
        Promise.all(plays.map(({ play }) => readAccount(killStage.stage.sagemaker, play.rollout)));
      const left = await read();
      cable.mend();
      // What the first worker has to say now is of attempts that are long over; then it may take over.
      await others.kill();
      await eventually(() => killStage.stage.rollouts.timeline(weights.story.name).catch(ignoreNoWorker));
      assert.deepEqual(await read(), left);
    } finally {
      await cable.close();
    }
  });
}

async function begin(late: Late, killStage: WorkerKillEnvironment): Promise<{ late: Late; play: Play }> {
  const { story, operation } = late;
  const endpoint = story.name;
  const start = await Play.prepare(story, killStage, endpoint);
  killStage.stage.emulator.faults.add({ operation, kind: 'holdRequest', about: endpoint });
  return { late, play: await start() };
}
