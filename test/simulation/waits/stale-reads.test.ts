/**
 * For some time after a change, SageMaker's reads can show the endpoint as it was before. Before, one stale read after an
 * accepted update was UpdateReverted, and rolled back.
 */
import assert from 'node:assert/strict';
import type { Simulation } from '../../../src/simulation/simulation.js';
import {
  abortUpdate,
  statusQuery,
  timelineQuery,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, resultOf, workflowId } from './ranker-rollout.js';

const ana = { actor: 'ana', reason: 'wrong model' };
/** A read shows a state that is at most this old. */
const staleReadsMs = 10_000;
const seeds = [1, 2];

async function open(seed: number): Promise<Simulation> {
  const account = { sageMaker: { staleReadsMs } };
  const simulation = await openWithEndpoint(endpoint, { seed, account, leaveOutIdlePolls: true });
  simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%', '100%'], bake: '10m' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
      rollbackWindow: '1h',
    }),
  );
  return simulation;
}

async function modelsOf({ emulator }: Simulation): Promise<string[]> {
  return (await emulator.observe(endpoint))?.variants.map(({ model }) => model) ?? [];
}

const phases: Record<string, (now: RolloutStatus) => boolean> = {
  deploying: ({ phase }) => phase === 'deploying',
  'shifting to 20 %': ({ phase }) => phase === 'shifting',
  'baking at 20 %': ({ phase }) => phase === 'baking',
  'shifting to 100 %': ({ phase, step }) => phase === 'shifting' && step.n === 2,
  'baking at 100 %': ({ phase, step }) => phase === 'baking' && step.n === 2,
  'in the rollback window': ({ phase }) => phase === 'rollbackWindow',
};

describe('stale reads of the endpoint', () => {
  for (const seed of seeds)
    it(`rollout, seed ${seed} -> promoted without a hold`, async () => {
      const simulation = await open(seed);
      const result = await resultOf(simulation);
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.deepEqual(await modelsOf(simulation), [`${endpoint}-2`]);
      const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
      const holds = timeline.map(({ message }) => message).filter((message) => message.startsWith('holding'));
      assert.deepEqual(holds, []);
      await simulation.close();
    });

  it('first read after each accepted update is stale -> promoted', async () => {
    const simulation = await open(1);
    const { network, emulator } = simulation;
    let staleReads = 0;
    network.after = ({ operation }) => {
      if (operation !== 'UpdateEndpoint' && operation !== 'UpdateEndpointWeightsAndCapacities') return;
      emulator.faults.add({ operation: 'DescribeEndpoint', kind: 'wrongData', data: 'stale' });
      staleReads += 1;
    };
    const result = await resultOf(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(staleReads >= 4, `${staleReads} stale reads`);
    await simulation.close();
  });

  for (const [i, [name, isReached]] of Object.entries(phases).entries())
    it(`abort while ${name} -> aborted, verified`, async () => {
      const simulation = await open(i + 1);
      const { temporal } = simulation;
      const handle = temporal.handle(workflowId);
      for (let second = 0; !isReached(await handle.query(statusQuery)); second += 2) {
        assert.ok(second < 7_200, JSON.stringify(await handle.query(statusQuery)));
        await temporal.skip(2_000);
      }
      await handle.executeUpdate(abortUpdate, { args: [ana] });
      const result = await resultOf(simulation);
      assert.equal(result.outcome, 'aborted', result.reason);
      assert.deepEqual(await modelsOf(simulation), [`${endpoint}-1`]);
      await simulation.close();
    });
});
