/** Rollouts, the moments at which Temporal is killed, and the results that they must still have. */
import assert from 'node:assert/strict';
import type { Phase } from '../../../src/plan/outcome.js';
import type { SpecJson } from '../../../src/client.js';
import { longBake, specOf, trained } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import type { Followed } from './followed.js';
import { killInPhases, phasesOf, retryUntilAnswered, type Kill, type Moment } from './moments.js';
import { sampleFaults } from '../sample.js';

const ben = { actor: 'ben', reason: 'a test' };

export interface Scenario {
  it: string;
  spec: SpecJson;
  run(environment: E2eEnvironment, followed: Followed, kill: Kill): Promise<void>;
}

const canaryMoments: Moment[] = [
  { phase: 'preflight', holds: 'DescribeEndpoint' },
  { phase: 'training', holds: 'CreateTrainingJob' },
  { phase: 'registering', holds: 'CreateModelPackage' },
  { phase: 'deploying', holds: 'UpdateEndpoint' },
  { phase: 'validating', holds: 'InvokeEndpoint' },
  { phase: 'gated', then: promoteOnce },
  { phase: 'shifting', holds: 'UpdateEndpointWeightsAndCapacities', then: promoteOnce },
  { phase: 'baking', holds: 'GetMetricData' },
  { phase: 'rollbackWindow', then: endWindow },
  { phase: 'promoting', holds: 'UpdateEndpoint' },
  { phase: 'cleaningUp', holds: 'DeleteEndpointConfig' },
];

export const canary: Scenario = {
  it: 'canary: Temporal is killed in any phase -> promoted, every effect and command once',
  spec: specOf('steady', {
    models: {
      baseline: 'live',
      candidate: trained('better'),
      register: { group: 'steady', approval: 'automatic' },
    },
    validate: { smoke: [{ body: { sku: 'A-1' } }] },
    gates: [{ before: 'traffic', manual: true }],
    rollbackWindow: '10m',
  }),
  async run(environment, followed, kill) {
    const { rollout } = followed;
    const drawn = sampleFaults(phasesOf(canaryMoments), 3, 'killed in the canary while');
    await killInPhases(environment, rollout, canaryMoments, drawn, kill);
    const { result, phases, shares, commands } = await rollout.expectOutcome('promoted');
    assert.deepEqual(phases, canaryPhases);
    assert.deepEqual(shares, [0, 50, 100]);
    const promote = { command: 'promote', actor: 'ben', accepted: true };
    assert.deepEqual(commands, [promote, promote]);
    await rollout.assertPromoted({ model: result.serving ?? '', count: 2, kept: ['steady-original'] });
    assertEffects(environment, 'steady', {
      CreateTrainingJob: 1,
      CreateModelPackage: 1,
      UpdateModelPackage: 1,
      UpdateEndpoint: 2,
      // Two shares, and a second instance before the last share.
      UpdateEndpointWeightsAndCapacities: 3,
      DeleteEndpointConfig: 1,
    });
    await followed.assertFollowed(result, 0);
  },
};

const canaryPhases: Phase[] = [
  ...(['preflight', 'training', 'registering', 'deploying', 'validating', 'gated', 'shifting'] as const),
  ...(['baking', 'shifting', 'baking', 'rollbackWindow', 'promoting', 'cleaningUp', 'ended'] as const),
];

const rollbackMoments: Moment[] = [
  { phase: 'baking', holds: 'GetMetricData', then: turnBad },
  { phase: 'rollingBack', holds: 'UpdateEndpointWeightsAndCapacities' },
  { phase: 'cleaningUp', holds: 'DeleteEndpointConfig' },
];

export const rollback: Scenario = {
  it: 'rollback by a guardrail: Temporal is killed in any phase -> rolled back, every effect once',
  spec: specOf('sour', { strategy: longBake }),
  async run(environment, followed, kill) {
    const { rollout } = followed;
    const drawn = sampleFaults(phasesOf(rollbackMoments), 1, 'killed in the rollback while');
    await killInPhases(environment, rollout, rollbackMoments, drawn, kill);
    const { result, shares } = await rollout.expectOutcome('rolledBack');
    assert.match(result.reason, /^error rate/);
    assert.deepEqual(shares, [0, 50, 0]);
    await rollout.assertOriginal();
    assertEffects(environment, 'sour', { UpdateEndpointWeightsAndCapacities: 2, UpdateEndpoint: 2 });
    await followed.assertFollowed(result, 10);
  },
};

export const commands: Scenario = {
  it: 'commands: Temporal is killed after they are sent -> each command applied once',
  spec: specOf('obedient', { strategy: longBake }),
  async run(environment, followed, kill) {
    const { rollout } = followed;
    const { rollouts, temporal } = environment;
    const pause = () => rollouts.pause('obedient', ben, { updateId: 'wait' });
    const resume = () => rollouts.resume('obedient', ben, { updateId: 'resume' });
    await retryUntilAnswered(() => rollout.phase('baking'));
    await retryUntilAnswered(pause);
    await kill();
    assert.equal((await retryUntilAnswered(() => rollout.phase('baking'))).paused, true);
    await retryUntilAnswered(resume);
    await retryUntilAnswered(resume);
    await temporal.workflow.getHandle('rollout:obedient').signal('abort', ben);
    await kill();
    const { result, commands } = await rollout.expectOutcome('aborted');
    assert.deepEqual(
      commands.map(({ command, accepted }) => [command, accepted]),
      ['pause', 'resume', 'abort'].map((command) => [command, true]),
    );
    await rollout.assertOriginal();
    await followed.assertFollowed(result, 11);
  },
};

/** The update id makes retries without a response harmless. */
function promoteOnce({ rollouts }: E2eEnvironment, endpoint: string): Promise<unknown> {
  return rollouts.promote(endpoint, ben, { updateId: 'go' });
}

function endWindow({ rollouts }: E2eEnvironment, endpoint: string): Promise<unknown> {
  return rollouts.promote(endpoint, ben, { updateId: 'end-of-window' });
}

function turnBad({ emulator }: E2eEnvironment, endpoint: string): Promise<unknown> {
  return emulator.setBehaviour({ model: `${endpoint}-2`, errorRate: 0.5 });
}

function assertEffects(
  environment: E2eEnvironment,
  endpoint: string,
  expected: Record<string, number>,
): void {
  const seen = Object.keys(expected).map((operation) => [
    operation,
    environment.effects(operation, endpoint),
  ]);
  assert.deepEqual(Object.fromEntries(seen), expected);
}
