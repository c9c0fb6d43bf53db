/**
 * SageMaker can answer "not found" for an endpoint that exists. Before, one such answer ended a rollback at once, with half
 * of the users on the candidate.
 */
import assert from 'node:assert/strict';
import type { AwsCall } from '../../../src/simulation/aws/request-handler.js';
import type { Simulation } from '../../../src/simulation/simulation.js';
import { abortUpdate, statusQuery, type RolloutResult } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs } from './ranker-rollout.js';

const ana = { actor: 'ana', reason: 'wrong model' };

/** As SageMaker answers: https://github.com/aws/amazon-sagemaker-examples/issues/2402 */
function answerNotFound({ operation }: AwsCall): void {
  if (!/^(DescribeEndpoint|UpdateEndpoint|UpdateEndpointWeightsAndCapacities)$/.test(operation)) return;
  const message = `Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/${endpoint}".`;
  const metadata = { $fault: 'client', $metadata: { httpStatusCode: 400 } };
  throw Object.assign(new Error(message), { name: 'ValidationException', ...metadata });
}

async function openBaking(): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, { leaveOutIdlePolls: true });
  const handle = simulation.startRollout(
    specOf(endpoint, {
      serve: { metricsEvery: '60s' },
      strategy: { canary: { steps: ['50%'], bake: '1h' } },
      guardrails: [{ metric: 'errorRate', below: '5%', window: '5m' }],
    }),
  );
  await simulation.temporal.skip(40 * minuteMs);
  assert.equal((await handle.query(statusQuery)).phase, 'baking');
  return simulation;
}

describe('endpoint that SageMaker does not find', () => {
  it('abort while calls answer "not found" for 2 min -> aborted, verified', async () => {
    const simulation = await openBaking();
    const { temporal, network, emulator } = simulation;
    network.before = answerNotFound;
    const handle = temporal.handle(`rollout:${endpoint}`);
    await handle.executeUpdate(abortUpdate, { args: [ana] });
    const abortedMs = temporal.clock.nowMs;
    await temporal.skip(2 * minuteMs);
    network.before = () => undefined;
    const result = (await handle.result()) as RolloutResult;
    assert.equal(result.outcome, 'aborted', result.reason);
    const seen = await emulator.observe(endpoint);
    assert.deepEqual(
      seen?.variants.map(({ model }) => model),
      [`${endpoint}-1`],
    );
    const [moved] = [...emulator.calls].filter(
      ({ at, operation }) => at > abortedMs && operation === 'UpdateEndpointWeightsAndCapacities',
    );
    assert.equal(moved?.outcome, 'ok');
    assert.ok(moved.at - abortedMs <= 5 * minuteMs, `${moved.at - abortedMs} ms`);
    await simulation.close();
  });

  it('bake while calls answer "not found" for 2 min -> nothing is concluded, promoted later', async () => {
    const simulation = await openBaking();
    const { temporal, network } = simulation;
    network.before = answerNotFound;
    await temporal.skip(2 * minuteMs);
    network.before = () => undefined;
    const handle = temporal.handle(`rollout:${endpoint}`);
    const result = (await handle.result()) as RolloutResult;
    assert.equal(result.outcome, 'promoted', result.reason);
    await simulation.close();
  });
});
