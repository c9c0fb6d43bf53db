/** Another hand on the endpoint, at any time of a rollout that was told to hold. */
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
import type { Running } from '../../e2e/rollout-under-test.js';
import { specOf, trained } from '../../e2e/specs.js';
import type { E2eEnvironment } from '../../e2e/e2e-environment.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { AnotherHand } from './external-change.js';
import { readFailureTypes } from './failure-types.js';
import { Told } from './message-assertions.js';

const ben = { actor: 'ben', reason: 'a test' };
const baked = (bake: string) => ({ strategy: { canary: { steps: ['50%'], bake } } });
const isHeld = ({ hold }: LiveStatus) => hold !== null;
const isOf =
  (words: string) =>
  ({ hold }: Pick<LiveStatus, 'hold'>) =>
    hold?.message.includes(words) ?? false;
const isFree = ({ hold }: LiveStatus) => hold === null;

interface Begun {
  rollout: Running;
  hand: AnotherHand;
}

async function begin(stage: E2eEnvironment, endpoint: string, fields: object): Promise<Begun> {
  await stage.putLive(endpoint);
  const rollout = await stage.start(specOf(endpoint, fields));
  return { rollout, hand: new AnotherHand(stage.sagemaker, rollout) };
}

/** An update of somebody else's that goes wrong. */
async function breakIt(stage: E2eEnvironment, endpoint: string, kind: Fault['kind']): Promise<void> {
  const EndpointConfigName = `${endpoint}-other`;
  await createConfig(stage.sagemaker, EndpointConfigName, `${endpoint}-1`);
  stage.emulator.faults.add({ operation: 'UpdateEndpoint', kind, match: { EndpointConfigName } });
  await stage.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
}

async function untilPutBack(stage: E2eEnvironment, { endpoint }: Running, times: number): Promise<void> {
  for (;;) {
    const timeline = await stage.rollouts.timeline(endpoint);
    const putBack = timeline.filter(({ message }) => message.startsWith('putting back'));
    const seen = await readServed(stage.sagemaker, endpoint, []);
    const isBack = seen.status === 'InService' && seen.variants.every(({ share }) => share === 50);
    // Longer than a look: one that has found all well in between makes the next change another one.
    if (putBack.length >= times && isBack) return delay(6_000);
    await delay(300);
  }
}

const weightsMoved = 'endpoint churn: baseline has 60 % of the traffic, not 90 %';

export const hands: Group = {
  about: 'another hand that',
  scenarios: [
    {
      it: 'changes weights during a bake is found at once, told, and waited for; its windows are compared by nobody',
      async play(stage) {
        const told = await Told.open();
        const comparison = {
          metric: 'errorRate',
          notWorseThanBaselineBy: '100%',
          window: '10s',
          dataDelay: '2s',
        };
        const fields = { ...baked('60s'), guardrails: [comparison], notify: told.notify };
        const { rollout, hand } = await begin(stage, 'weighed', fields);
        await rollout.until(({ verdicts }) => verdicts.some(({ evidence }) => evidence.windowsJudged >= 1));
        const before = Date.now();
        await hand.setWeights(10, 90);
        const { hold } = await rollout.until(isOf('of the traffic'));
        assertRunbookEntry(hold?.message, weightsMoved);
        await delay(12_000);
        await hand.setWeights(50, 50);
        assertRunbookEntry(
          (await rollout.until(isOf('usable data'))).hold?.message,
          'error rate: 2 of 7 windows without usable data',
        );
        await stage.rollouts.abort('weighed', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const held = timeline.find(({ message }) => message.startsWith('holding: '));
        const looks = stage.emulator.calls
          .of('DescribeEndpoint')
          .filter(({ parameters }) => parameters['EndpointName'] === 'weighed')
          .filter(({ at }) => at > before && at < Date.parse(held?.at ?? ''));
        assert.ok(
          looks.length - hand.looks <= 2,
          `${looks.length} looks, ${hand.looks} of them not the rollout's`,
        );
        assert.ok(
          told.of('hold').some((message) => message === hold?.message),
          told.of('hold').join('\n'),
        );
        const last = timeline.flatMap((entry) => (entry.kind === 'verdict' ? entry.verdicts : [])).at(-1);
        assert.ok((last?.evidence.comparison?.exclusions?.counts.drift ?? 0) >= 1, JSON.stringify(last));
        await rollout.assertOriginal();
        await told.close();
      },
    },
    {
      it: 'puts another config in place during a bake is waited for until it has put back config and weights',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'swapped', baked('10s'));
        await rollout.phase('baking');
        await createConfig(stage.sagemaker, 'swapped-other', 'swapped-1');
        await hand.updateTo('swapped-other');
        const { hold } = await rollout.until(isOf('is on config'));
        assertRunbookEntry(hold?.message, 'endpoint churn is on config A, not on B');
        await hand.updateTo(rollout.names.sideBySideConfig);
        await hand.setWeights(50, 50);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'puts another config in place while the candidate is trained is waited for; an abort leaves it there',
      async play(stage) {
        const models = { baseline: 'live', candidate: trained('small') };
        const { rollout, hand } = await begin(stage, 'hotfixed', { models });
        await rollout.phase('training');
        await createConfig(stage.sagemaker, 'hotfixed-other', 'hotfixed-1');
        await hand.updateTo('hotfixed-other');
        const { hold } = await rollout.until(isOf('as the preflight found it'));
        assertRunbookEntry(
          hold?.message,
          'endpoint churn is on config A, not on B as the preflight found it',
        );
        await stage.rollouts.abort('hotfixed', ben);
        await rollout.expectOutcome('aborted');
        assert.equal((await rollout.served()).config, 'hotfixed-other');
        assert.equal(stage.effects('UpdateEndpoint', 'hotfixed'), 1, 'the other hand made the only update');
      },
    },
    {
      it: 'has begun an update that comes to nothing is waited for',
      async play(stage) {
        const { rollout } = await begin(stage, 'held-up', baked('20s'));
        await rollout.phase('baking');
        await breakIt(stage, 'held-up', 'stuck');
        assertRunbookEntry(
          (await rollout.until(isHeld)).hold?.message,
          'endpoint churn is being updated by someone else',
        );
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'puts another config in place during a bake does not keep an abort from the baseline',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'swapped-off', baked('10m'));
        await rollout.phase('baking');
        await createConfig(stage.sagemaker, 'swapped-off-other', 'swapped-off-2');
        await hand.updateTo('swapped-off-other');
        await rollout.until(isOf('is on config'));
        await stage.rollouts.abort('swapped-off', ben);
        const { result, story } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.reason, 'aborted by X: ...');
        const message = story.split('\n').find((line) => line.startsWith('weights cannot be set'));
        assertRunbookEntry(message, 'weights cannot be set (...); updating the endpoint instead');
        const types = await readFailureTypes(stage, 'swapped-off');
        assertRunbookEntry(
          types.find((type) => type === 'Drift'),
          'Drift',
        );
        await rollout.assertOriginal();
      },
    },
    {
      it: 'changes weights between two steps is waited for before the next one',
      async play(stage) {
        const fields = {
          strategy: { canary: { steps: ['25%', '50%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        };
        const { rollout, hand } = await begin(stage, 'between', fields);
        await rollout.phase('gated');
        await hand.setWeights(40, 60);
        assertRunbookEntry((await rollout.until(isOf('of the traffic'))).hold?.message, weightsMoved);
        await stage.rollouts.promote('between', ben);
        await hand.setWeights(75, 25);
        const { shares } = await rollout.expectOutcome('promoted');
        assert.deepEqual(shares, [0, 25, 50, 100]);
        await rollout.assertReplaced();
      },
    },
    {
      it: 'puts another config in place while the weights are to be shifted is waited for, and the shift is made then',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'overtaken', {
          gates: [{ before: 'traffic', manual: true }],
        });
        await rollout.phase('gated');
        stage.emulator.faults.add({
          operation: 'UpdateEndpointWeightsAndCapacities',
          about: '"overtaken"',
          kind: 'error500',
          count: 12,
        });
        await stage.rollouts.promote('overtaken', ben);
        await rollout.phase('shifting');
        await createConfig(stage.sagemaker, 'overtaken-other', 'overtaken-1');
        await hand.updateTo('overtaken-other');
        assertRunbookEntry(
          (await rollout.until(isOf('is on config'))).hold?.message,
          'endpoint churn is on config A, not on B',
        );
        await hand.updateTo(rollout.names.sideBySideConfig);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'changes weights in the rollback window is waited for before the baseline goes',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'late-hand', { rollbackWindow: '20s' });
        const { reason } = await rollout.phase('rollbackWindow');
        assertRunbookEntry(reason, 'the candidate serves all traffic, verified; the baseline is kept warm');
        await hand.setWeights(30, 70);
        assertRunbookEntry((await rollout.until(isOf('of the traffic'))).hold?.message, weightsMoved);
        await hand.setWeights(0, 100);
        await rollout.until(isFree);
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
    {
      it: 'changes weights in the rollback window does not keep an undo from the baseline',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'late-undo', { rollbackWindow: '10m' });
        await rollout.phase('rollbackWindow');
        await hand.setWeights(30, 70);
        await rollout.until(isHeld);
        await stage.rollouts.undo('late-undo', ben);
        const { result } = await rollout.expectOutcome('aborted');
        assertRunbookEntry(result.reason, 'undone by X: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'takes away all weights is found',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'weightless', baked('10m'));
        await rollout.phase('baking');
        await hand.setWeights(0, 0);
        const { hold } = await rollout.until(isOf('any weight'));
        assertRunbookEntry(hold?.message, 'endpoint churn: nobody has any weight');
        await stage.rollouts.abort('weightless', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'scales, as autoscaling does, is left alone; the way back keeps what it has set',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'scaled', {
          strategy: { canary: { steps: ['25%', '50%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        });
        await rollout.phase('gated');
        await hand.scale('AllTraffic', 4);
        await hand.scale(rollout.names.variant.candidate, 3);
        await stage.rollouts.promote('scaled', ben);
        const ended = await rollout.expectOutcome('promoted');
        assert.equal(ended.isHeld, false, ended.story);
        await rollout.assertPromoted({ model: 'scaled-2', count: 3, kept: ['scaled-original'] });
      },
    },
    {
      it: 'is a scaling policy, on both variants and during every step, is lived with',
      async play(stage) {
        const { rollout } = await begin(stage, 'autoscaled', {
          strategy: { canary: { steps: ['25%', '50%'], bake: '10s' } },
          gates: [{ before: '50%', manual: true }],
        });
        await rollout.phase('gated');
        const { candidate } = rollout.names.variant;
        const policy = {
          ...({ event: 'scaling', endpoint: 'autoscaled', everySeconds: 1, cooldownSeconds: 3 } as const),
          ...{ targetInvocationsPerInstance: 150, minCount: 1, maxCount: 4 },
        };
        for (const variant of ['AllTraffic', candidate]) await stage.emulator.cause({ ...policy, variant });
        // A quarter of the users is enough for all that the policy may have.
        await rollout.until(({ variants }) => variants.every(({ count }) => count === 4));
        await stage.rollouts.promote('autoscaled', ben);
        await rollout.expectOutcome('promoted');
        await stage.emulator.cause({ event: 'stopScaling', endpoint: 'autoscaled', variant: candidate });
        await rollout.assertPromoted({ model: 'autoscaled-2', count: 4, kept: ['autoscaled-original'] });
      },
    },
    {
      it: 'deletes the endpoint is found; the abort calls a person, and the steps by hand bring the baseline back',
      async play(stage) {
        const told = await Told.open();
        const { rollout, hand } = await begin(stage, 'deleted', { ...baked('10m'), notify: told.notify });
        await rollout.phase('baking');
        await hand.remove();
        const { hold } = await rollout.until(isOf('no longer exists'));
        assertRunbookEntry(hold?.message, 'endpoint churn no longer exists');
        await stage.rollouts.abort('deleted', ben);
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.outcome, 'rollbackFailed');
        assertRunbookEntry(result.reason, '...; could not be taken back, a person is needed: ...');
        assert.deepEqual(told.of('page'), [result.reason]);
        assertRunbookEntry((await readFailureTypes(stage, 'deleted')).at(-1), 'EndpointNotFound');
        await told.close();
      },
    },
    {
      it: 'breaks the endpoint for good is found; the abort calls a person',
      async play(stage) {
        const serve = { metricsEvery: '10s', limits: { rollBack: '20s' } };
        const { rollout } = await begin(stage, 'broken', { ...baked('10m'), serve });
        await rollout.phase('baking');
        await breakIt(stage, 'broken', 'failForGood');
        const { hold } = await rollout.until(isOf('is Failed'));
        assertRunbookEntry(hold?.message, 'endpoint churn is Failed: ...');
        await stage.rollouts.abort('broken', ben);
        const { result } = await rollout.expectOutcome('rollbackFailed');
        assertRunbookEntry(result.reason, '...; could not be taken back, a person is needed: ...');
      },
    },
    {
      it: 'leaves the endpoint between two configs is found; the abort brings the baseline back',
      async play(stage) {
        const { rollout } = await begin(stage, 'halfway', baked('10m'));
        await rollout.phase('baking');
        await breakIt(stage, 'halfway', 'rollbackFailed');
        const { hold } = await rollout.until(isOf('UpdateRollbackFailed'));
        assertRunbookEntry(hold?.message, 'endpoint churn is UpdateRollbackFailed');
        await stage.rollouts.abort('halfway', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'takes away the tags of the config that serves, or the config itself, is found',
      async play(stage) {
        const { rollout } = await begin(stage, 'untagged', baked('10m'));
        await rollout.phase('baking');
        const EndpointConfigName = rollout.names.sideBySideConfig;
        const config = await stage.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName }));
        const ResourceArn = config.EndpointConfigArn;
        const Tags = [{ Key: 'penstock:rollout', Value: 'rival-00000000' }];
        await stage.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));
        const { hold } = await rollout.until(isHeld);
        assertRunbookEntry(hold?.message, "endpoint config X is tagged as Y, not as this rollout's");
        Tags.splice(0, 1, { Key: 'penstock:rollout', Value: rollout.rolloutId });
        await stage.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags }));
        await rollout.until(isFree);
        await stage.sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName }));
        const gone = await rollout.until(isHeld);
        assertRunbookEntry(gone.hold?.message, 'endpoint config X no longer exists');
        await stage.sagemaker.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName,
            ProductionVariants: config.ProductionVariants,
            MetricsConfig: config.MetricsConfig,
            Tags,
          }),
        );
        await rollout.until(isFree);
        await stage.rollouts.abort('untagged', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'changes weights again and again is put back three times, where the spec says so, and then waited for',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'stubborn', { ...baked('10m'), drift: 'revert' });
        await rollout.phase('baking');
        for (let times = 1; times <= 3; times++) {
          await hand.setWeights(40, 60);
          await untilPutBack(stage, rollout, times);
        }
        await hand.setWeights(40, 60);
        assertRunbookEntry(
          (await rollout.until(isOf('already'))).hold?.message,
          '...; it was put back 3 times already',
        );
        await stage.rollouts.abort('stubborn', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const line = timeline.find(({ message }) => message.startsWith('putting back'));
        assertRunbookEntry(line?.message, 'putting back what someone else changed: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'changes weights that cannot be put back is waited for',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'powerless', { ...baked('10m'), drift: 'revert' });
        await rollout.phase('baking');
        await hand.setWeights(40, 60, () => {
          stage.emulator.faults.add({
            operation: 'UpdateEndpointWeightsAndCapacities',
            kind: 'accessDenied',
            about: '"powerless"',
          });
        });
        const { hold } = await rollout.until(isOf('could not'));
        assertRunbookEntry(hold?.message, '...; it could not be put back: ...');
        await stage.rollouts.abort('powerless', ben);
        await rollout.expectOutcome('aborted');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'changes weights, or the config, is gone on with as far as that can be, where the spec says so',
      async play(stage) {
        const { rollout, hand } = await begin(stage, 'adopted', { ...baked('10m'), drift: 'adopt' });
        await rollout.phase('baking');
        await hand.setWeights(70, 30);
        await rollout.until(({ variants }) => variants.some(({ setWeight }) => setWeight === 30));
        await createConfig(stage.sagemaker, 'adopted-other', 'adopted-1');
        await hand.updateTo('adopted-other');
        const { hold } = await rollout.until(isOf('only weights'));
        assertRunbookEntry(hold?.message, '...; only weights can be adopted');
        await stage.rollouts.abort('adopted', ben);
        const { timeline } = await rollout.expectOutcome('aborted');
        const line = timeline.find(({ message }) => message.startsWith('going on'));
        assertRunbookEntry(line?.message, 'going on with what someone else set: ...');
        await rollout.assertOriginal();
      },
    },
    {
      it: 'puts the endpoint out of service is found, and waited for',
      async play(stage) {
        const { rollout } = await begin(stage, 'resting', baked('20s'));
        await rollout.phase('baking');
        await stage.emulator.cause({ event: 'outOfService', endpoint: 'resting', on: true });
        assertRunbookEntry((await rollout.until(isHeld)).hold?.message, 'endpoint churn is OutOfService');
        await stage.emulator.cause({ event: 'outOfService', endpoint: 'resting', on: false });
        await rollout.expectOutcome('promoted');
        await rollout.assertReplaced();
      },
    },
  ],
};
