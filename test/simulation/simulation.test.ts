/** Rollouts of the real activities against an emulated account, on one simulated clock. */
import assert from 'node:assert/strict';
import type { SpecJson } from '../../src/client.js';
import type { Simulation } from '../../src/simulation/simulation.js';
import type { RolloutResult } from '../../src/workflows/messages.js';
import { specOf } from '../e2e/specs.js';
import { assertReplays } from '../support/replay.js';
import { openWithEndpoint } from './simulated-account.js';

const endpoint = 'ranker';
const minuteMs = 60_000;
const workflowId = `rollout:${endpoint}`;

const canary: SpecJson = specOf(endpoint, {
  serve: { metricsEvery: '60s' },
  strategy: { canary: { steps: ['10%', '50%'], bake: '30m' } },
  guardrails: [{ metric: 'errorRate', below: '2%', window: '5m' }],
});

interface Played {
  result: RolloutResult;
  /** Simulated minutes. */
  minutes: number;
  log: string;
  history: string;
}

async function play(simulation: Simulation): Promise<Played> {
  const beganMs = simulation.temporal.clock.nowMs;
  const handle = simulation.startRollout(canary);
  const result = (await handle.result()) as RolloutResult;
  const run = simulation.temporal.latest(workflowId);
  await run.replay();
  return {
    result,
    minutes: (simulation.temporal.clock.nowMs - beganMs) / minuteMs,
    log: JSON.stringify([...simulation.emulator.calls]),
    history: JSON.stringify(run.history.toProto()),
  };
}

describe('simulation', () => {
  it('healthy candidate -> promoted after its three bakes; the SDK replays the history', async () => {
    const simulation = await openWithEndpoint(endpoint);
    const { result, minutes } = await play(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(minutes > 90 && minutes < 130, `${minutes} minutes`);
    await assertReplays(simulation.temporal.handle(workflowId));
    await simulation.close();
  });

  it('candidate fails 5 % of its requests -> rolled back within two windows and a poll', async () => {
    const simulation = await openWithEndpoint(endpoint);
    await simulation.emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.05 });
    const { result, minutes } = await play(simulation);
    assert.equal(result.outcome, 'rolledBack', result.reason);
    assert.match(result.reason, /^error rate .*2 %/);
    assert.ok(minutes < 40, `${minutes} minutes`);
    await simulation.close();
  });

  it('same seed -> the same calls and the same history, byte for byte; another seed -> others', async () => {
    const played = [];
    for (const seed of [7, 7, 8]) {
      const simulation = await openWithEndpoint(endpoint, { seed });
      played.push(await play(simulation));
      await simulation.close();
    }
    const [first, second, other] = played;
    assert.equal(first?.log, second?.log);
    assert.equal(first?.history, second?.history);
    assert.notEqual(first?.log, other?.log);
  });

  it('throttled calls and lost responses -> the SDK and Temporal retry in simulated time, promoted', async () => {
    const simulation = await openWithEndpoint(endpoint, {
      account: {
        faults: [
          { operation: 'DescribeEndpoint', kind: 'throttle', every: 5 },
          { operation: 'CreateEndpointConfig', kind: 'lostResponse', nth: 2 },
          { operation: 'UpdateEndpoint', kind: 'timeoutAfterEffect' },
        ],
      },
    });
    const { result } = await play(simulation);
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.ok(simulation.emulator.calls.count('DescribeEndpoint', 'ThrottlingException') > 5);
    await simulation.close();
  });

  for (const stage of ['before', 'after'] as const)
    it(`worker killed ${stage} the effect of each changing call -> promoted, each object made once`, async () => {
      const changing = /^(Create|Update|Delete)/;
      const killed: string[] = [];
      const network = {
        latencyMs: 50,
        [stage]({ operation }: { operation: string }) {
          if (!changing.test(operation) || killed.includes(operation)) return;
          killed.push(operation);
          simulation.temporal.worker.restartAfter(3 * minuteMs);
        },
      };
      const simulation = await openWithEndpoint(endpoint, { network });
      const { result } = await play(simulation);
      assert.equal(result.outcome, 'promoted', result.reason);
      assert.ok(killed.length >= 4, killed.join(', '));
      const made = [...simulation.emulator.calls]
        .filter(({ operation, outcome }) => operation === 'CreateEndpointConfig' && outcome === 'ok')
        .map(({ parameters }) => parameters.EndpointConfigName);
      assert.equal(new Set(made).size, made.length, made.join(', '));
      await simulation.close();
    });
});
