/** Someone deletes the config that served before, while the rollout is on its own config. */
import assert from 'node:assert/strict';
import { DeleteEndpointConfigCommand, DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const original = `${endpoint}-original`;

interface Played {
  result: RolloutResult;
  config: string | undefined;
  /** Messages of the watch's attempts. */
  polls: string[];
}

/** The config is deleted in the bake at 20 %. */
async function play(errorRate: number): Promise<Played> {
  const simulation = await openWithEndpoint(endpoint);
  const { temporal, emulator, aws } = simulation;
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['20%'], bake: '1h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    }),
  );
  await temporal.skip(20 * minuteMs);
  await aws.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: original }));
  await temporal.skip(5 * minuteMs);
  const polls = handle.pendingActivities.map(({ lastFailure }) => lastFailure?.message ?? '');
  await emulator.setBehaviour({ model: `${endpoint}-2`, errorRate });
  const result = (await handle.result()) as RolloutResult;
  const live = await aws.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
  await simulation.close();
  return { result, config: live.EndpointConfigName, polls };
}

describe('config that served before is deleted', () => {
  it('config that served before is deleted, candidate fails -> rolledBack, on that config again', async () => {
    const { result, config, polls } = await play(0.3);
    assertRunbookEntry(
      polls[0]?.split('; error rate')[0],
      'endpoint config X, which served before, no longer exists; a rollback creates it again',
    );
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.equal(config, original);
    assert.deepEqual(result.leftovers, []);
  });

  it('config that served before is deleted, candidate is good -> promoted', async () => {
    const { result, config } = await play(0);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.match(config ?? '', /-b$/);
    assert.deepEqual(result.leftovers, []);
  });
});
