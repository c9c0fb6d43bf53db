/** Changes of the endpoint that SageMaker reverts, gives up, cannot make or postpones. */
import assert from 'node:assert/strict';
import type { Fault } from '../../../src/emulator/emulator.js';
import type { Group } from '../../e2e/scenario.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { longBake, newServe, specOf, twoSteps } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';

const ben = { actor: 'ben', reason: 'a test' };
const original = (endpoint: string) => ({ EndpointConfigName: `${endpoint}-original` });

/** A scenario that gets stuck ends within minutes. */
const limits = { deploy: '2m', shift: '2m', rollBack: '90s' };

async function begin(
  environment: E2eEnvironment,
  endpoint: string,
  fields: object,
  fault?: Partial<Fault>,
): Promise<RolloutUnderTest> {
  await environment.putLive(endpoint);
  if (fault)
    environment.emulator.faults.add({
      operation: 'UpdateEndpoint',
      about: `"${endpoint}"`,
      kind: 'fail',
      ...fault,
    });
  return environment.start(specOf(endpoint, { serve: { metricsEvery: '10s', limits }, ...fields }));
}

const nothing = { status: undefined, config: undefined, variants: [], configs: [] };

/** A first deployment. Its endpoint is stuck in Creating. */
async function beginNew(
  environment: E2eEnvironment,
  endpoint: string,
  limits: object,
): Promise<RolloutUnderTest> {
  await createModel(environment.sagemaker, `${endpoint}-2`);
  environment.emulator.faults.add({ operation: 'CreateEndpoint', about: `"${endpoint}"`, kind: 'stuck' });
  const fields = {
    models: { candidate: { model: `${endpoint}-2` } },
    serve: { ...newServe, limits },
    strategy: { standard: { bake: '10s' } },
  };
  return environment.start(specOf(endpoint, fields));
}

export const changes: Group = {
  about: 'endpoint update',
  scenarios: [
    {
      it: 'deploy: SageMaker reverts it silently -> failed, with the baseline verified',
      async run(environment) {
        const rollout = await begin(environment, 'undone', {}, { kind: 'revertSilently' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.outcome, 'failed');
        assertRunbookEntry(result.reason, 'update to X was reverted to Y: ...');
        assertRunbookEntry((await readFailureTypes(environment, 'undone'))[0], 'UpdateReverted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'promotion: SageMaker reverts it silently, then a retry -> promoted',
      async run(environment) {
        const match = { EndpointConfigName: '*-b' };
        const rollout = await begin(environment, 'unpromoted', {}, { kind: 'revertSilently', match });
        const { hold } = await rollout.until((status) => status.hold?.reason === 'tidying');
        const cause = hold?.message.split(/(?=endpoint unpromoted: )/).at(-1);
        assertRunbookEntry(cause, 'update to X was reverted to Y: ...');
        await environment.rollouts.retry('unpromoted', ben);
        await rollout.expectOutcome('promoted');
      },
    },
    {
      it: 'rollback: SageMaker reverts it silently -> requested again until the baseline is verified',
      async run(environment) {
        const fault = { kind: 'revertSilently', match: original('unreturned') } as const;
        const rollout = await begin(environment, 'unreturned', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await environment.rollouts.abort('unreturned', ben);
        const held = await rollout.until(({ hold }) => hold !== null);
        assertRunbookEntry(held.hold?.message, 'the rollback is not verified yet: ...');
        const { result } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.outcome, 'aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'deploy: fails, and SageMaker cannot roll it back -> failed',
      async run(environment) {
        const rollout = await begin(environment, 'mixed', {}, { kind: 'rollbackFailed' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'endpoint is X: ...');
        assertRunbookEntry((await readFailureTypes(environment, 'mixed'))[0], 'EndpointFailed');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'promotion: fails, and SageMaker cannot roll it back, then a retry -> promoted',
      async run(environment) {
        const match = { EndpointConfigName: '*-b' };
        const rollout = await begin(environment, 'mixed-up', {}, { kind: 'rollbackFailed', match });
        const { hold } = await rollout.until((status) => status.hold?.reason === 'tidying');
        const cause = hold?.message.split(/(?=endpoint mixed-up: )/).at(-1);
        assertRunbookEntry(cause, 'endpoint is X: ...');
        await environment.rollouts.retry('mixed-up', ben);
        await rollout.expectOutcome('promoted');
      },
    },
    {
      it: 'rollback: fails with UpdateRollbackFailed -> requested again until the baseline is verified',
      async run(environment) {
        const fault = { kind: 'rollbackFailed', match: original('mixed-back') } as const;
        const rollout = await begin(environment, 'mixed-back', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await environment.rollouts.abort('mixed-back', ben);
        const { messages } = await rollout.expectOutcome('aborted');
        assert.match(messages, /^holding: the rollback is not verified yet: .*UpdateRollbackFailed/m);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'deploy: needs more instances than the quota -> holds, and an abort ends it',
      async run(environment) {
        const rollout = await begin(environment, 'limited', {}, { kind: 'quota', count: 1_000 });
        const { hold } = await rollout.until((status) => status.hold?.reason === 'blocked');
        assertRunbookEntry(causeIn(hold?.message), 'ResourceLimitExceeded: ...');
        assertRunbookEntry((await readFailureTypes(environment, 'limited'))[0], 'QuotaExceeded');
        await environment.rollouts.abort('limited', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'later step: needs more instances than the quota, onBlocked rolls back -> rolledBack',
      async run(environment) {
        const fault = {
          operation: 'UpdateEndpointWeightsAndCapacities',
          kind: 'quota',
          match: { 'DesiredWeightsAndCapacities.0.DesiredInstanceCount': 2 },
        } as const;
        const strategy = { canary: { steps: ['50%', '80%', '100%'], bake: '10s' } };
        const fields = { strategy, onBlocked: { rollBack: { after: '10s' } } };
        const rollout = await begin(environment, 'limited-later', fields, { ...fault, count: 1_000 });
        const { result, shares } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.outcome, 'rolledBack');
        assertRunbookEntry(result.reason, 'ResourceLimitExceeded: ...');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'new endpoint: stuck in Creating -> failed once it can be deleted, with nothing left',
      async run(environment) {
        const rollout = await beginNew(environment, 'uncreated', { deploy: '20s', rollBack: '90s' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'deploy timed out; last status: ...');
        assert.match(result.reason, /Creating/);
        assert.deepEqual(await rollout.served(), nothing);
      },
    },
    {
      it: 'new endpoint: stuck in Creating for longer than the rollback limit -> rollbackFailed',
      async run(environment) {
        const rollout = await beginNew(environment, 'unmade', { deploy: '15s', rollBack: '10s' });
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.reason, '...; rollback failed, manual action required: ...');
        assert.match(result.reason, /endpoint unmade: Creating, waiting for its deletion/);
        const { singleConfig } = rollout.names;
        assert.deepEqual(result.leftovers, ['endpoint unmade', `endpoint config ${singleConfig.candidate}`]);
        const { status, configs } = await rollout.served();
        assert.deepEqual([status, configs], ['Creating', [singleConfig.candidate]]);
      },
    },
    {
      it: 'rollback: maintenance is in progress -> waits for its end',
      async run(environment) {
        const rollout = await begin(environment, 'maintained', { strategy: longBake });
        await rollout.phase('baking');
        await environment.emulator.cause({ event: 'systemUpdate', endpoint: 'maintained', seconds: 25 });
        await environment.rollouts.abort('maintained', ben);
        const waiting = await rollout.until(({ pending }) =>
          pending.some(({ message }) => /SystemUpdating/.test(message ?? '')),
        );
        assert.equal(waiting.phase, 'rollingBack');
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'rollback: maintenance starts at the update -> Busy, then requested again',
      async run(environment) {
        const fault = { kind: 'systemUpdating', match: original('maintained-now') } as const;
        const rollout = await begin(environment, 'maintained-now', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await environment.rollouts.abort('maintained-now', ben);
        const busy = await rollout.until(({ pending }) =>
          pending.some(({ message }) => /in-progress/.test(message ?? '')),
        );
        assert.equal(busy.phase, 'rollingBack');
        assertRunbookEntry(
          busy.pending.find(({ message }) => /in-progress/.test(message ?? ''))?.failureType,
          'Busy',
        );
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'candidate: loses all instances while it serves users -> rolledBack',
      async run(environment) {
        const rollout = await begin(environment, 'bereft', { strategy: longBake });
        await rollout.phase('baking');
        const variant = rollout.names.variant.candidate;
        await environment.emulator.cause({
          event: 'loseInstances',
          endpoint: 'bereft',
          variant,
          count: 9,
          seconds: 900,
        });
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'error rate 12 % is not < 2 %, ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'candidate: loses one instance -> promoted',
      async run(environment) {
        const rollout = await begin(environment, 'halved', {
          serve: { capacity: 'full', metricsEvery: '10s' },
          strategy: twoSteps,
        });
        await rollout.phase('baking');
        const variant = rollout.names.variant.candidate;
        await environment.emulator.cause({
          event: 'loseInstances',
          endpoint: 'halved',
          variant,
          count: 1,
          seconds: 12,
        });
        await rollout.expectOutcome('promoted');
        assertRunbookEntry('promoted', 'promoted');
        await rollout.assertReplaced();
      },
    },
  ],
};

/** The part of a hold that AWS has said. */
function causeIn(message: string | undefined): string | undefined {
  return message?.split(/(?=ResourceLimitExceeded: )/).at(-1);
}
