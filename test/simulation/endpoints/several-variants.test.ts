/** A rollout replaces one of an endpoint's variants, and leaves the others as they are. */
import assert from 'node:assert/strict';
import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import {
  CreateEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { splitMemoKey } from '../../../src/plan/split/split.js';
import type { Simulation, SimulationOptions } from '../../../src/simulation/simulation.js';
import { abortSignal, type RolloutStatus } from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { scalingsOf } from '../../support/scalings.js';
import { openWithEndpoint } from '../simulated-account.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from '../waits/ranker-rollout.js';

const spec = (fields: object = {}) =>
  specOf(endpoint, {
    models: { baseline: { variant: 'large' }, candidate: { model: `${endpoint}-2` } },
    serve: {},
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

/** Weights 5, 3 and 2; the owner has since given `small` 4 instead of 2. */
async function open(options: Partial<SimulationOptions> = {}): Promise<Simulation> {
  const simulation = await openWithEndpoint(endpoint, options);
  const { aws, temporal } = simulation;
  const variant = (VariantName: string, InitialVariantWeight: number) => ({
    ...{ VariantName, ModelName: `${endpoint}-1`, InstanceType: 'ml.m5.large' as const },
    ...{ InitialInstanceCount: 2, InitialVariantWeight },
  });
  await aws.sagemaker.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'three',
      ProductionVariants: [variant('medium', 5), variant('large', 3), variant('small', 2)],
    }),
  );
  await aws.sagemaker.send(
    new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: 'three' }),
  );
  await temporal.skip(20 * minuteMs);
  await aws.sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: endpoint,
      DesiredWeightsAndCapacities: [{ VariantName: 'small', DesiredWeight: 4, DesiredInstanceCount: 3 }],
    }),
  );
  await temporal.skip(20 * minuteMs);
  return simulation;
}

async function observed({ emulator }: Simulation): Promise<Record<string, [weight: number, count: number]>> {
  const variants = (await emulator.observe(endpoint))?.variants ?? [];
  return Object.fromEntries(variants.map(({ name, weight, count }) => [name, [weight, count]]));
}

const others = { medium: [5, 2], small: [4, 3] };
const isBaking = (share: number) => (now: RolloutStatus) =>
  now.phase === 'baking' &&
  now.variants.some(({ role, actualWeight }) => role === 'candidate' && actualWeight === share);

describe('endpoint with several variants', () => {
  it('promoted -> the candidate has the weight of the replaced variant, and the others are as before', async () => {
    const simulation = await open();
    const { aws } = simulation;
    simulation.startRollout(spec());
    const { variants } = await until(simulation, isBaking(50));
    const candidate = variants.find(({ role }) => role === 'candidate')?.name ?? '';
    assert.deepEqual(
      variants.map(({ actualWeight }) => actualWeight),
      [50, 50],
    );
    const { [candidate]: half, large, ...rest } = await observed(simulation);
    assert.deepEqual([half?.[0], large?.[0], rest], [1.5, 1.5, others]);
    const { outcome, reason, rolloutId } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    assert.deepEqual(await observed(simulation), { ...others, [candidate]: [3, 2] });
    // An endpoint that is made again from the config gets the same weights and counts.
    const { ProductionVariants } = await aws.sagemaker.send(
      new DescribeEndpointConfigCommand({ EndpointConfigName: `${rolloutId}-b` }),
    );
    const initial = ProductionVariants?.map((each) => [
      ...[each.VariantName, each.InitialVariantWeight, each.InitialInstanceCount],
    ]);
    assert.deepEqual(initial, [
      [candidate, 3, 2],
      ['medium', 5, 2],
      ['small', 4, 3],
    ]);
    await simulation.close();
  });

  it('aborted -> the endpoint is on its config again, with the weights that its owner has set', async () => {
    const simulation = await open();
    const before = await observed(simulation);
    simulation.startRollout(spec());
    await until(simulation, isBaking(50));
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'aborted', reason);
    assert.deepEqual(await observed(simulation), before);
    await simulation.close();
  });

  it('standard strategy -> one update replaces the variant, and the others keep their weights', async () => {
    const simulation = await open();
    simulation.startRollout(spec({ strategy: 'standard', guardrails: [] }));
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const [, candidate] = (await status(simulation)).variants;
    assert.deepEqual(await observed(simulation), { ...others, [candidate?.name ?? '']: [3, 2] });
    await simulation.close();
  });

  it('candidate fails while the weights cannot be set -> the update moves its users to the baseline, with its whole weight', async () => {
    const simulation = await open();
    const { emulator, temporal } = simulation;
    simulation.startRollout(spec());
    await until(simulation, isBaking(50));
    emulator.faults.add({
      ...{ operation: 'UpdateEndpointWeightsAndCapacities', kind: 'accessDenied', count: 1_000 },
    });
    await temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'aborted', reason);
    // SageMaker retains all weights or none, so `small` has the weight of the config again.
    assert.deepEqual(await observed(simulation), { medium: [5, 2], small: [2, 3], large: [3, 2] });
    await simulation.close();
  });

  it("owner changes another variant's weight and instances during the rollout -> no drift, and kept", async () => {
    const simulation = await open();
    const { aws, temporal } = simulation;
    simulation.startRollout(spec());
    await until(simulation, isBaking(50));
    await aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [{ VariantName: 'medium', DesiredWeight: 8, DesiredInstanceCount: 4 }],
      }),
    );
    await temporal.skip(2 * minuteMs);
    assert.equal((await status(simulation)).hold, null);
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const { medium, small } = await observed(simulation);
    assert.deepEqual({ medium, small }, { ...others, medium: [8, 4] });
    await simulation.close();
  });

  it('all variants autoscaled -> the others stay registered, and the candidate scales as the replaced variant did', async () => {
    const simulation = await open();
    const { autoscaling } = simulation.aws;
    for (const [variant, MaxCapacity] of Object.entries({ large: 6, medium: 7, small: 8 }))
      await autoscaling.send(
        new RegisterScalableTargetCommand({
          ServiceNamespace: 'sagemaker',
          ResourceId: `endpoint/${endpoint}/variant/${variant}`,
          ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
          ...{ MinCapacity: 2, MaxCapacity },
        }),
      );
    const before = await scalingsOf(autoscaling);
    simulation.startRollout(spec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const [, candidate] = (await status(simulation)).variants;
    const { [`${endpoint}/large`]: replaced, ...kept } = before;
    assert.deepEqual(await scalingsOf(autoscaling), {
      ...kept,
      [`${endpoint}/${candidate?.name}`]: replaced,
    });
    await simulation.close();
  });

  it('switch -> no split is published, because it would send all users to the two arms', async () => {
    const simulation = await open();
    simulation.startRollout(spec());
    await until(simulation, isBaking(50));
    const { memo } = await simulation.temporal.handle(workflowId).describe();
    assert.equal(memo?.[splitMemoKey], undefined);
    await simulation.close();
  });

  for (const isAborted of [false, true])
    it(`worker killed before or after each changing call: ${isAborted ? 'aborted' : 'promoted'} -> the others are as before`, async () => {
      const { calls } = await playWithKill(isAborted, null);
      assert.ok(calls >= 4, `${calls} calls`);
      for (let number = 1; number <= calls; number += 1)
        for (const stage of ['before', 'after'] as const) {
          const { result, variants } = await playWithKill(isAborted, { number, stage });
          const where = `killed ${stage} call ${number}: ${result.reason}`;
          assert.equal(result.outcome, isAborted ? 'aborted' : 'promoted', where);
          const { medium, small, ...only } = variants;
          assert.deepEqual({ medium, small }, others, where);
          assert.deepEqual(Object.values(only), [[3, 2]], where);
          assert.equal('large' in only, isAborted, where);
        }
    });

  const refusals: [name: string, fields: object, message: string, entry: string][] = [
    [
      'baseline is live',
      { models: { baseline: 'live', candidate: { model: `${endpoint}-2` } } },
      'endpoint ranker has 3 production variants; set models.baseline to { variant: NAME } with one of medium, large, small',
      'endpoint churn has 2 production variants; set models.baseline to { variant: NAME } with one of A, B',
    ],
    [
      'unknown variant',
      { models: { baseline: { variant: 'huge' }, candidate: { model: `${endpoint}-2` } } },
      'endpoint ranker has no variant huge; set models.baseline.variant to one of medium, large, small',
      'endpoint churn has no variant X; ...',
    ],
    [
      'two endpoints',
      { serve: { topology: 'endpoints' } },
      'endpoint ranker has several production variants; set serve.topology to variants',
      'endpoint churn has several production variants; ...',
    ],
    [
      'stable names',
      { serve: { variantNames: 'stable' } },
      'set serve.variantNames to alternate or perRollout',
      'endpoint churn has several production variants; ...',
    ],
    [
      'shadow',
      { strategy: [{ shadow: { mirror: '20%', bake: '5m' } }, { canary: { steps: ['50%'], bake: '5m' } }] },
      'SageMaker allows a shadow beside one only',
      'endpoint churn has several production variants; ...',
    ],
    [
      "name of another variant as the candidate's",
      { serve: { variantNames: { alternate: ['large', 'small'] } } },
      "endpoint ranker already has a variant small, the candidate's name; set serve.variantNames to other names",
      "endpoint churn already has a variant X, the candidate's name; ...",
    ],
  ];
  for (const [name, fields, message, entry] of refusals)
    it(`preflight: ${name} -> refused, and nothing is changed`, async () => {
      const simulation = await open();
      const before = await observed(simulation);
      simulation.startRollout(spec(fields));
      const { outcome, reason } = await resultOf(simulation);
      assert.equal(outcome, 'failed');
      assert.ok(reason.includes(message), reason);
      assertRunbookEntry(reason, entry);
      assert.deepEqual(await observed(simulation), before);
      await simulation.close();
    });

  it('preflight: the variant to replace gets no traffic -> refused', async () => {
    const simulation = await open();
    const { aws, temporal } = simulation;
    await aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [{ VariantName: 'large', DesiredWeight: 0 }],
      }),
    );
    await temporal.skip(20 * minuteMs);
    simulation.startRollout(spec());
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'failed');
    assertRunbookEntry(reason, 'variant X of endpoint churn gets no traffic; ...');
    await simulation.close();
  });
});

interface Kill {
  /** The position among the changing calls of the rollout, from 1. */
  number: number;
  stage: 'before' | 'after';
}

async function playWithKill(isAborted: boolean, kill: Kill | null) {
  let calls = 0;
  let isStarted = false;
  const count = (stage: Kill['stage']) => (call: { operation: string }) => {
    if (!isStarted || !/^(Create|Update|Delete)/.test(call.operation)) return;
    if (stage === 'before') calls += 1;
    if (calls === kill?.number && stage === kill.stage) simulation.temporal.worker.restartAfter(2 * minuteMs);
  };
  const simulation = await open({
    network: { latencyMs: 50, before: count('before'), after: count('after') },
    leaveOutIdlePolls: true,
  });
  const { temporal } = simulation;
  isStarted = true;
  simulation.startRollout(
    spec({ guardrails: [], strategy: { canary: { steps: ['50%', '100%'], bake: '1m' } } }),
  );
  if (isAborted) {
    while (!temporal.worker.isUp || !isBaking(50)(await status(simulation))) await temporal.skip(5_000);
    await temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
  }
  const result = await resultOf(simulation);
  const variants = await observed(simulation);
  await simulation.close();
  return { calls, result, variants };
}
