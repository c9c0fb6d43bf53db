/** External changes of the endpoint, at any time of a rollout. Default: drift holds. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AddTagsCommand,
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import type { LiveStatus } from '../../../src/client.js';
import type { Fault } from '../../../src/emulator/emulator.js';
import { readServed } from '../../e2e/aws-account.js';
import { createConfig } from '../../e2e/live-endpoint.js';
import type { Group } from '../../e2e/scenario.js';
import type { RolloutUnderTest } from '../../e2e/rollout-under-test.js';
import { specOf, trained } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { ExternalChange } from './external-change.js';
import { readFailureTypes } from './failure-types.js';
import { NotificationReceiver } from './message-assertions.js';
import { deregister, scaleByPolicy } from './scaling-policy.js';

const ben = { actor: 'ben', reason: 'a test' };
const baked = (bake: string) => ({
  strategy: { canary: { steps: ['50%', { share: '100%', bake: '10s' }], bake } },
});
const isHeld = ({ hold }: LiveStatus) => hold !== null;
const holdsWith =
  (words: string) =>
  ({ hold }: Pick<LiveStatus, 'hold'>) =>
    hold?.message.includes(words) ?? false;
const isNotHeld = ({ hold }: LiveStatus) => hold === null;

interface ChangedRollout {
  rollout: RolloutUnderTest;
  external: ExternalChange;
}

async function begin(environment: E2eEnvironment, endpoint: string, fields: object): Promise<ChangedRollout> {
  await environment.putLive(endpoint);
  const rollout = await environment.start(specOf(endpoint, fields));
  return { rollout, external: new ExternalChange(environment.sagemaker, rollout) };
}

/** An external update that fails. */
async function failExternalUpdate(
  environment: E2eEnvironment,
  endpoint: string,
  kind: Fault['kind'],
): Promise<void> {
  const EndpointConfigName = `${endpoint}-other`;
  await createConfig(environment.sagemaker, EndpointConfigName, `${endpoint}-1`);
  environment.emulator.faults.add({ operation: 'UpdateEndpoint', kind, match: { EndpointConfigName } });
  await environment.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
}

async function waitUntilReverted(
  environment: E2eEnvironment,
  { endpoint }: RolloutUnderTest,
  times: number,
): Promise<void> {
  for (;;) {
    const timeline = await environment.rollouts.timeline(endpoint);
    const reverted = timeline.filter(({ message }) => message.startsWith('reverting'));
    const seen = await readServed(environment.sagemaker, endpoint, []);
    const isRestored = seen.status === 'InService' && seen.variants.every(({ share }) => share === 50);
    // Longer than one poll: a poll between two changes must find the endpoint in order, so that they count as two.
    if (reverted.length >= times && isRestored) return delay(6_000);
    await delay(300);
  }
}

const weightsDrift = 'endpoint churn: baseline has 60 % of the traffic, not 90 %';

export const driftScenarios: Group = {
  about: 'external change',
  scenarios: [
    {
      it: 'weights changed during a bake: drift hold -> found at once, with a notification, and its windows are not compared',
      async run(environment) {
        const receiver = await NotificationReceiver.open();
        const comparison = {
          metric: 'errorRate',
          notWorseThanBaselineBy: '100%',
          window: '10s',
          dataDelay: '2s',
        };
        const fields = { ...baked('60s'), guardrails: [comparison], notify: receiver.notify };
        const { rollout, external } = await begin(environment, 'weighed', fields);
        await rollout.until(({ verdicts }) => verdicts.some(({ evidence }) => evidence.windowsJudged >= 1));
        const before = Date.now();
        await external.setWeights(10, 90);
        const { hold } = await rollout.until(holdsWith('of the traffic'));
        assertRunbookEntry(hold?.message, weightsDrift);
        await delay(12_000);
        await external.setWeights(50, 50);
        assertRunbookEntry(
          (await rollout.until(holdsWith('usable data'))).hold?.message,
          'error rate: 2 of 7 windows without usable data',
        );
        await environment.rollouts.abort('weighed', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const held = timeline.find(({ message }) => message.startsWith('holding: '));
        const reads = environment.emulator.calls
          .of('DescribeEndpoint')
          .filter(({ parameters }) => parameters['EndpointName'] === 'weighed')
          .filter(({ at }) => at > before && at < Date.parse(held?.at ?? ''));
        assert.ok(
          reads.length - external.reads <= 2,
          `${reads.length} reads, ${external.reads} of them by the external change`,
        );
        assert.ok(
          receiver.messagesOf('hold').some((message) => message === hold?.message),
          receiver.messagesOf('hold').join('\n'),
        );
        const last = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : [])).at(-1);
        assert.ok((last?.evidence.comparison?.exclusions?.counts.drift ?? 0) >= 1, JSON.stringify(last));
        await rollout.assertOriginal();
        await receiver.close();
      },
    },
    {
      it: 'config changed during a bake: drift hold -> holds until config and weights are restored',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'swapped', baked('10s'));
        await rollout.phase('baking');
        await createConfig(environment.sagemaker, 'swapped-other', 'swapped-1');
        await external.updateTo('swapped-other');
        const { hold } = await rollout.until(holdsWith('is on config'));
        assertRunbookEntry(hold?.message, 'endpoint churn is on config A, not on B');
        await external.updateTo(rollout.names.sideBySideConfig);
        await external.setWeights(50, 50);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'config changed during training: drift hold -> holds, and an abort leaves that config',
      async run(environment) {
        const models = { baseline: 'live', candidate: trained('small') };
        const { rollout, external } = await begin(environment, 'hotfixed', { models });
        await rollout.phase('training');
        await createConfig(environment.sagemaker, 'hotfixed-other', 'hotfixed-1');
        await external.updateTo('hotfixed-other');
        const { hold } = await rollout.until(holdsWith('as the preflight found it'));
        assertRunbookEntry(
          hold?.message,
          'endpoint churn is on config A, not on B as the preflight found it',
        );
        await environment.rollouts.abort('hotfixed', ben);
        await rollout.expectOutcome('aborted');
        assert.equal((await rollout.served()).config, 'hotfixed-other');
        assert.equal(
          environment.effects('UpdateEndpoint', 'hotfixed'),
          1,
          'the external change is the only update',
        );
      },
    },
    {
      it: 'update during a bake: it has no effect -> holds until it has ended',
      async run(environment) {
        const { rollout } = await begin(environment, 'held-up', baked('20s'));
        await rollout.phase('baking');
        await failExternalUpdate(environment, 'held-up', 'stuck');
        assertRunbookEntry(
          (await rollout.until(isHeld)).hold?.message,
          'endpoint churn is being updated by someone else',
        );
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'config changed during a bake: abort -> the baseline is restored',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'swapped-off', baked('10m'));
        await rollout.phase('baking');
        await createConfig(environment.sagemaker, 'swapped-off-other', 'swapped-off-2');
        await external.updateTo('swapped-off-other');
        await rollout.until(holdsWith('is on config'));
        await environment.rollouts.abort('swapped-off', ben);
        const { result, messages } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.reason, 'aborted by X: ...');
        const message = messages.split('\n').find((line) => line.startsWith('cannot set the weights'));
        assertRunbookEntry(message, 'cannot set the weights: ...; updating the endpoint instead');
        const types = await readFailureTypes(environment, 'swapped-off');
        assertRunbookEntry(
          types.find((type) => type === 'Drift'),
          'Drift',
        );
        await rollout.assertOriginal();
      },
    },
    {
      it: 'weights changed between two steps: drift hold -> holds before the next step',
      async run(environment) {
        const fields = {
          strategy: { canary: { steps: ['25%', '50%', '100%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        };
        const { rollout, external } = await begin(environment, 'between', fields);
        await rollout.phase('gated');
        await external.setWeights(40, 60);
        assertRunbookEntry((await rollout.until(holdsWith('of the traffic'))).hold?.message, weightsDrift);
        await environment.rollouts.promote('between', ben);
        await external.setWeights(75, 25);
        const { shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'config changed while the weights shift: drift hold -> holds, then shifts',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'overtaken', {
          gates: [{ before: 'traffic', manual: true }],
        });
        await rollout.phase('gated');
        environment.emulator.faults.add({
          operation: 'UpdateEndpointWeightsAndCapacities',
          about: '"overtaken"',
          kind: 'error500',
          count: 12,
        });
        await environment.rollouts.promote('overtaken', ben);
        await rollout.phase('shifting');
        await createConfig(environment.sagemaker, 'overtaken-other', 'overtaken-1');
        await external.updateTo('overtaken-other');
        assertRunbookEntry(
          (await rollout.until(holdsWith('is on config'))).hold?.message,
          'endpoint churn is on config A, not on B',
        );
        await external.updateTo(rollout.names.sideBySideConfig);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'weights changed in the rollback window: drift hold -> holds before the baseline is removed',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'late-change', { rollbackWindow: '20s' });
        const { reason } = await rollout.phase('rollbackWindow');
        assertRunbookEntry(reason, 'the candidate serves all traffic, verified; the baseline is kept warm');
        await external.setWeights(30, 70);
        assertRunbookEntry((await rollout.until(holdsWith('of the traffic'))).hold?.message, weightsDrift);
        await external.setWeights(0, 100);
        await rollout.until(isNotHeld);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'weights changed in the rollback window: undo -> the baseline is restored',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'late-undo', { rollbackWindow: '10m' });
        await rollout.phase('rollbackWindow');
        await external.setWeights(30, 70);
        await rollout.until(isHeld);
        await environment.rollouts.undo('late-undo', ben);
        const { result } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.reason, 'undone by X: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'all weights set to zero: drift hold -> holds',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'weightless', baked('10m'));
        await rollout.phase('baking');
        await external.setWeights(0, 0);
        const { hold } = await rollout.until(holdsWith('any weight'));
        assertRunbookEntry(hold?.message, 'endpoint churn: no variant has any weight');
        await environment.rollouts.abort('weightless', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'instance counts changed: no drift -> promoted with the changed count',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'scaled', {
          strategy: { canary: { steps: ['25%', '50%', '100%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        });
        await rollout.phase('gated');
        await external.scale('AllTraffic', 4);
        await external.scale(rollout.names.variant.candidate, 3);
        await environment.rollouts.promote('scaled', ben);
        const ended = await rollout.expectOutcome('promoted');
        assert.equal(ended.isHeld, false, ended.messages);
        // The baseline has grown to 4, so all of its traffic needs 4.
        await rollout.assertPromoted({ model: 'scaled-2', count: 4, kept: ['scaled-original'] });
      },
    },
    {
      it: 'scaling policy on both variants: active in every step -> promoted without a hold',
      async run(environment) {
        const { rollout } = await begin(environment, 'autoscaled', {
          strategy: { canary: { steps: ['25%', '50%', '100%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        });
        await rollout.phase('gated');
        const { candidate } = rollout.names.variant;
        for (const variant of ['AllTraffic', candidate]) {
          await scaleByPolicy(environment, 'autoscaled', variant, 4);
          await rollout.until(({ variants }) => variants.find(({ name }) => name === variant)?.count === 4);
        }
        // A target that is registered during the rollout is its owner's. The last update removes the candidate's own name, so a target
        // of that name keeps the update back.
        await deregister(environment, 'autoscaled', candidate);
        await environment.rollouts.promote('autoscaled', ben);
        await rollout.expectOutcome('promoted');
        await deregister(environment, 'autoscaled', 'AllTraffic');
        await rollout.assertPromoted({ model: 'autoscaled-2', count: 4, kept: ['autoscaled-original'] });
      },
    },
    {
      it: 'endpoint deleted: abort -> rollbackFailed with a page notification',
      async run(environment) {
        const receiver = await NotificationReceiver.open();
        const { rollout, external } = await begin(environment, 'deleted', {
          ...baked('10m'),
          serve: { metricsEvery: '10s', limits: { rollBack: '20s' } },
          notify: receiver.notify,
        });
        await rollout.phase('baking');
        await external.remove();
        const { hold } = await rollout.until(holdsWith('no longer exists'));
        assertRunbookEntry(hold?.message, 'endpoint churn no longer exists');
        await environment.rollouts.abort('deleted', ben);
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.outcome, 'rollbackFailed');
        assertRunbookEntry(result.reason, '...; rollback failed, manual action required: ...');
        assert.deepEqual(receiver.messagesOf('page'), [result.reason]);
        assertRunbookEntry((await readFailureTypes(environment, 'deleted')).at(-1), 'EndpointNotFound');
        await receiver.close();
      },
    },
    {
      it: 'endpoint permanently Failed: abort -> rollbackFailed',
      async run(environment) {
        const serve = { metricsEvery: '10s', limits: { rollBack: '20s' } };
        const { rollout } = await begin(environment, 'broken', { ...baked('10m'), serve });
        await rollout.phase('baking');
        await failExternalUpdate(environment, 'broken', 'failForGood');
        const { hold } = await rollout.until(holdsWith('is Failed'));
        assertRunbookEntry(hold?.message, 'endpoint churn is Failed: ...');
        await environment.rollouts.abort('broken', ben);
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.reason, '...; rollback failed, manual action required: ...');
      },
    },
    {
      it: 'endpoint in UpdateRollbackFailed: abort -> the baseline is restored',
      async run(environment) {
        const { rollout } = await begin(environment, 'halfway', baked('10m'));
        await rollout.phase('baking');
        await failExternalUpdate(environment, 'halfway', 'rollbackFailed');
        const { hold } = await rollout.until(holdsWith('UpdateRollbackFailed'));
        assertRunbookEntry(hold?.message, 'endpoint churn is UpdateRollbackFailed');
        await environment.rollouts.abort('halfway', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'config of the rollout: its tags change or it is deleted -> holds until it is restored',
      async run(environment) {
        const { rollout } = await begin(environment, 'untagged', baked('10m'));
        await rollout.phase('baking');
        const EndpointConfigName = rollout.names.sideBySideConfig;
        const config = await environment.sagemaker.send(
          new DescribeEndpointConfigCommand({ EndpointConfigName }),
        );
        const ResourceArn = config.EndpointConfigArn;
        const Tags = [{ Key: 'penstock:rollout', Value: 'rival-00000000' }];
        await environment.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));
        const { hold } = await rollout.until(isHeld);
        assertRunbookEntry(hold?.message, 'the tags of endpoint config X name Y instead of this rollout');
        Tags.splice(0, 1, { Key: 'penstock:rollout', Value: rollout.rolloutId });
        await environment.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));
        await rollout.until(isNotHeld);
        await environment.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
        const gone = await rollout.until(isHeld);
        assertRunbookEntry(gone.hold?.message, 'endpoint config X no longer exists');
        await environment.sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName,
            ProductionVariants: config.ProductionVariants,
            MetricsConfig: config.MetricsConfig,
            Tags,
          }),
        );
        await rollout.until(isNotHeld);
        await environment.rollouts.abort('untagged', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'weights changed repeatedly: drift revert -> reverted three times, then holds',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'stubborn', {
          ...baked('10m'),
          drift: 'revert',
        });
        await rollout.phase('baking');
        for (let times = 1; times <= 3; times++) {
          await external.setWeights(40, 60);
          await waitUntilReverted(environment, rollout, times);
        }
        await external.setWeights(40, 60);
        assertRunbookEntry(
          (await rollout.until(holdsWith('already'))).hold?.message,
          '...; drift was already reverted 3 times',
        );
        await environment.rollouts.abort('stubborn', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const line = timeline.find(({ message }) => message.startsWith('reverting'));
        assertRunbookEntry(line?.message, 'reverting an external change: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'weights changed: drift revert without permission -> holds',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'powerless', {
          ...baked('10m'),
          drift: 'revert',
        });
        await rollout.phase('baking');
        await external.setWeights(40, 60, () => {
          environment.emulator.faults.add({
            operation: 'UpdateEndpointWeightsAndCapacities',
            kind: 'accessDenied',
            about: '"powerless"',
          });
        });
        const { hold } = await rollout.until(holdsWith('could not'));
        assertRunbookEntry(hold?.message, '...; could not revert the change: ...');
        await environment.rollouts.abort('powerless', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'weights and config changed: drift adopt -> adopts the weights, holds for the config',
      async run(environment) {
        const { rollout, external } = await begin(environment, 'adopted', {
          ...baked('10m'),
          drift: 'adopt',
        });
        await rollout.phase('baking');
        await external.setWeights(70, 30);
        await rollout.until(({ variants }) => variants.some(({ setWeight }) => setWeight === 30));
        await createConfig(environment.sagemaker, 'adopted-other', 'adopted-1');
        await external.updateTo('adopted-other');
        const { hold } = await rollout.until(holdsWith('only weights'));
        assertRunbookEntry(hold?.message, '...; only weights can be adopted');
        await environment.rollouts.abort('adopted', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const line = timeline.find(({ message }) => message.startsWith('adopting'));
        assertRunbookEntry(line?.message, 'adopting an external change: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'endpoint OutOfService: drift hold -> holds until it is InService',
      async run(environment) {
        const { rollout } = await begin(environment, 'resting', baked('20s'));
        await rollout.phase('baking');
        await environment.emulator.cause({ event: 'outOfService', endpoint: 'resting', on: true });
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'endpoint churn is OutOfService');
        await environment.emulator.cause({ event: 'outOfService', endpoint: 'resting', on: false });
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
  ],
};
