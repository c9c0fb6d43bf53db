/** Changes of the endpoint that SageMaker takes back, gives up, cannot make or puts off. */
import assert from 'node:assert/strict';
import type { Fault } from '../../../src/emulator/emulator.js';
import type { Group } from '../../e2e/scenario.js';
import type { Running } from '../../e2e/rollout-under-test.js';
import { createModel } from '../../e2e/live-endpoint.js';
import { longBake, newServe, specOf, twoSteps } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { readFailureTypes } from './failure-types.js';

const ben = { actor: 'ben', reason: 'a test' };
const original = (endpoint: string) => ({ EndpointConfigName: `${endpoint}-original` });

/** What goes wrong all the same must not keep the tests for hours. */
const limits = { deploy: '2m', shift: '2m', rollBack: '90s' };

async function begin(
  stage: E2eEnvironment,
  endpoint: string,
  fields: object,
  fault?: Partial<Fault>,
): Promise<Running> {
  await stage.putLive(endpoint);
  if (fault)
    stage.emulator.faults.add({
      operation: 'UpdateEndpoint',
      about: `"${endpoint}"`,
      kind: 'fail',
      ...fault,
    });
  return stage.start(specOf(endpoint, { serve: { metricsEvery: '10s', limits }, ...fields }));
}

const nothing = { status: undefined, config: undefined, variants: [], configs: [] };

/** A first deployment, whose endpoint does not come into service. */
async function beginNew(stage: E2eEnvironment, endpoint: string, limits: object): Promise<Running> {
  await createModel(stage.sagemaker, `${endpoint}-2`);
  stage.emulator.faults.add({ operation: 'CreateEndpoint', about: `"${endpoint}"`, kind: 'stuck' });
  const fields = {
    models: { candidate: { model: `${endpoint}-2` } },
    serve: { ...newServe, limits },
    strategy: { standard: { bake: '10s' } },
  };
  return stage.start(specOf(endpoint, fields));
}

export const changes: Group = {
  about: 'a change of the endpoint that',
  scenarios: [
    {
      it: 'brings the candidate and is reverted without a word ends in failed, with the baseline verified',
      async play(stage) {
        const rollout = await begin(stage, 'undone', {}, { kind: 'revertSilently' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.outcome, 'failed');
        assertRunbookEntry(result.reason, 'update to X was reverted to Y: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'undone'))[0], 'UpdateReverted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'promotes and is reverted without a word ends in rolledBack',
      async play(stage) {
        const match = { EndpointConfigName: '*-b' };
        const rollout = await begin(stage, 'unpromoted', {}, { kind: 'revertSilently', match });
        const { result, shares } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.outcome, 'rolledBack');
        assertRunbookEntry(result.reason, 'update to X was reverted to Y: ...');
        assert.deepEqual(shares, [0, 50, 100, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'rolls back and is reverted without a word is asked for again until the baseline is verified',
      async play(stage) {
        const fault = { kind: 'revertSilently', match: original('unreturned') } as const;
        const rollout = await begin(stage, 'unreturned', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await stage.rollouts.abort('unreturned', ben);
        const held = await rollout.until(({ hold }) => hold !== null);
        assertRunbookEntry(held.hold?.message, 'the way back is not verified yet: ...');
        const { result } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.outcome, 'aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'brings the candidate and cannot be rolled back by SageMaker ends in failed',
      async play(stage) {
        const rollout = await begin(stage, 'mixed', {}, { kind: 'rollbackFailed' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'endpoint is X: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'mixed'))[0], 'EndpointFailed');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'promotes and cannot be rolled back by SageMaker ends in rolledBack',
      async play(stage) {
        const match = { EndpointConfigName: '*-b' };
        const rollout = await begin(stage, 'mixed-up', {}, { kind: 'rollbackFailed', match });
        const { result } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'endpoint is X: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'rolls back and cannot be rolled back by SageMaker is asked for again until the baseline is verified',
      async play(stage) {
        const fault = { kind: 'rollbackFailed', match: original('mixed-back') } as const;
        const rollout = await begin(stage, 'mixed-back', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await stage.rollouts.abort('mixed-back', ben);
        const { story } = await rollout.expectOutcome('aborted');
        assert.match(story, /^holding: the way back is not verified yet: .*UpdateRollbackFailed/m);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'needs more instances than the account may have ends in failed',
      async play(stage) {
        const rollout = await begin(stage, 'limited', {}, { kind: 'quota' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'ResourceLimitExceeded: ...');
        assertRunbookEntry((await readFailureTypes(stage, 'limited'))[0], 'QuotaExceeded');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'needs more instances than the account may have at a later step ends in rolledBack',
      async play(stage) {
        const fault = {
          operation: 'UpdateEndpointWeightsAndCapacities',
          kind: 'quota',
          match: { 'DesiredWeightsAndCapacities.0.DesiredInstanceCount': 2 },
        } as const;
        const strategy = { canary: { steps: ['50%', '80%'], bake: '10s' } };
        const rollout = await begin(stage, 'limited-later', { strategy }, fault);
        const { result, shares } = await rollout.expectOutcome('rolledBack');
        assertRunbookEntry(result.reason, 'ResourceLimitExceeded: ...');
        assert.deepEqual(shares, [0, 50, 0]);
        await rollout.assertOriginal();
      },
    },
    {
      it: 'creates the endpoint and is stuck in Creating ends in failed when it can be deleted; nothing stays',
      async play(stage) {
        const rollout = await beginNew(stage, 'uncreated', { deploy: '20s', rollBack: '90s' });
        const { result } = await rollout.expectOutcome('failed');
        assertRunbookEntry(result.reason, 'deploy did not finish in time; last seen: ...');
        assert.match(result.reason, /Creating/);
        assert.deepEqual(await rollout.served(), nothing);
      },
    },
    {
      it: 'creates the endpoint and is stuck in Creating for longer than the way back calls a person',
      async play(stage) {
        const rollout = await beginNew(stage, 'unmade', { deploy: '15s', rollBack: '10s' });
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.reason, '...; could not be taken back, a person is needed: ...');
        assert.match(result.reason, /endpoint unmade: Creating, to be deleted/);
        const { singleConfig } = rollout.names;
        assert.deepEqual(result.leftovers, ['endpoint unmade', `endpoint config ${singleConfig.candidate}`]);
        const { status, configs } = await rollout.served();
        assert.deepEqual([status, configs], ['Creating', [singleConfig.candidate]]);
      },
    },
    {
      it: 'meets maintenance on the way back waits for its end',
      async play(stage) {
        const rollout = await begin(stage, 'maintained', { strategy: longBake });
        await rollout.phase('baking');
        await stage.emulator.cause({ event: 'systemUpdate', endpoint: 'maintained', seconds: 8 });
        await stage.rollouts.abort('maintained', ben);
        const waiting = await rollout.until(({ pending }) =>
          pending.some(({ message }) => /SystemUpdating/.test(message ?? '')),
        );
        assert.equal(waiting.phase, 'rollingBack');
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'meets maintenance that has just begun, on the way back, is asked for again',
      async play(stage) {
        const fault = { kind: 'systemUpdating', match: original('maintained-now') } as const;
        const rollout = await begin(stage, 'maintained-now', { strategy: longBake }, fault);
        await rollout.phase('baking');
        await stage.rollouts.abort('maintained-now', ben);
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
      it: 'takes the candidate its instances while it answers users ends in rolledBack',
      async play(stage) {
        const rollout = await begin(stage, 'bereft', { strategy: longBake });
        await rollout.phase('baking');
        const variant = rollout.names.variant.candidate;
        await stage.emulator.cause({
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
      it: 'takes the candidate one of its instances is no reason to stop',
      async play(stage) {
        const rollout = await begin(stage, 'halved', {
          serve: { capacity: 'full', metricsEvery: '10s' },
          strategy: twoSteps,
        });
        await rollout.phase('baking');
        const variant = rollout.names.variant.candidate;
        await stage.emulator.cause({
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
