/** A rollout on an autoscaled endpoint: it ends with exactly the scaling that it began with. */
import assert from 'node:assert/strict';
import {
  DeregisterScalableTargetCommand,
  DescribeScheduledActionsCommand,
  PutScheduledActionCommand,
  PutScalingPolicyCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { UpdateEndpointWeightsAndCapacitiesCommand } from '@aws-sdk/client-sagemaker';
import {
  abortSignal,
  pauseSignal,
  resumeSignal,
  timelineQuery,
  type RolloutStatus,
} from '../../../src/workflows/messages.js';
import { specOf } from '../../e2e/specs.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { endpoint, minuteMs, resultOf, status, until, workflowId } from '../waits/ranker-rollout.js';
import {
  baseline,
  customized,
  openScaled,
  predefined,
  renamed,
  scalings,
  step,
  targetOf,
  type Policy,
} from './scaled-endpoint.js';

/** Each name has its own scaling. With stable names, the baseline's target stays registered: see stable-names.test.ts. */
const spec = (fields: object = {}, serve: object = {}) =>
  specOf(endpoint, {
    serve: { variantNames: 'perRollout', ...serve },
    strategy: { canary: { steps: ['50%', '100%'], bake: '5m' } },
    guardrails: [{ metric: 'errorRate', below: '5%', minimumRequests: 50 }],
    ...fields,
  });

const policies: [name: string, policy: Policy][] = [
  ['target tracking on a predefined metric', predefined],
  ['target tracking on a customized metric', customized],
  ['step scaling', step],
];

describe('autoscaling', () => {
  for (const [name, policy] of policies) {
    it(`${name}: promoted -> the candidate alone has exactly the scaling of the baseline`, async () => {
      const simulation = await openScaled([policy]);
      const before = await scalings(simulation);
      simulation.startRollout(spec());
      const { variants } = await until(simulation, ({ phase }) => phase === 'baking');
      const candidate = variants.find(({ role }) => role === 'candidate')?.name ?? '';
      const both = await scalings(simulation);
      const expected = renamed(before[baseline], candidate);
      assert.deepEqual(both[`${endpoint}/${candidate}`], expected);
      assert.match(JSON.stringify(both[baseline]), /"DynamicScalingInSuspended":true/);
      assert.equal((await resultOf(simulation)).outcome, 'promoted');
      assert.deepEqual(await scalings(simulation), { [`${endpoint}/${candidate}`]: expected });
      await simulation.close();
    });

    it(`${name}: aborted at 50 % -> the baseline alone has exactly the scaling that it had`, async () => {
      const simulation = await openScaled([policy]);
      const before = await scalings(simulation);
      simulation.startRollout(spec());
      await until(simulation, ({ phase }) => phase === 'baking');
      await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
      assert.equal((await resultOf(simulation)).outcome, 'aborted');
      assert.deepEqual(await scalings(simulation), before);
      await simulation.close();
    });
  }

  it('policy that its owner adds to the baseline during the rollout: aborted -> kept', async () => {
    const simulation = await openScaled([predefined]);
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    const command = new PutScalingPolicyCommand({ ...targetOf('AllTraffic'), ...step });
    await simulation.aws.autoscaling.send(command);
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    const after = JSON.stringify(await scalings(simulation));
    assert.match(after, /"load"/);
    assert.match(after, /"DynamicScalingInSuspended":false/);
    await simulation.close();
  });

  it('rollback: Application Auto Scaling is away while the weights cannot be set -> the update moves the users', async () => {
    const simulation = await openScaled([predefined]);
    const { emulator, temporal } = simulation;
    simulation.startRollout(spec());
    await until(simulation, ({ phase }) => phase === 'baking');
    // SageMaker accepts the update, because the candidate is no target any more.
    const candidate = Object.keys(await scalings(simulation)).find((name) => name !== baseline) ?? '';
    const target = targetOf(candidate.split('/')[1] ?? '');
    await simulation.aws.autoscaling.send(new DeregisterScalableTargetCommand(target));
    for (const operation of ['UpdateEndpointWeightsAndCapacities', 'DescribeScalableTargets'])
      emulator.faults.add({ operation, kind: 'accessDenied', count: 1_000 });
    await temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
    await temporal.skip(15 * minuteMs);
    assert.deepEqual(
      (await emulator.observe(endpoint))?.variants.map(({ name }) => name),
      ['AllTraffic'],
    );
    emulator.faults.clear();
    assert.equal((await resultOf(simulation)).outcome, 'aborted');
    await simulation.close();
  });

  it('two endpoints: promoted -> the winner has the scaling under the name of the endpoint', async () => {
    const simulation = await openScaled([predefined]);
    const before = await scalings(simulation);
    simulation.startRollout(spec({ guardrails: [] }, { topology: 'endpoints' }));
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const after = await scalings(simulation);
    const [[name = '', scaling] = []] = Object.entries(after);
    assert.match(name, /^ranker\/b-/);
    assert.deepEqual(scaling, before[baseline]);
    assert.equal(Object.keys(after).length, 1);
    await simulation.close();
  });

  it('instances: traffic moves away from the baseline -> its autoscaler keeps them for a rollback', async () => {
    const simulation = await openScaled([predefined]);
    const { aws, emulator, temporal } = simulation;
    await aws.sagemaker.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: 4 }],
      }),
    );
    // The preflight waits for the end of this change, as for one of the autoscaler.
    simulation.startRollout(spec({ strategy: { canary: { steps: ['50%', '100%'], bake: '60m' } } }));
    await until(simulation, shareIs(100));
    await temporal.skip(30 * minuteMs);
    const live = (await emulator.observe(endpoint))?.variants.find(({ name }) => name === 'AllTraffic');
    assert.equal(live?.count, 4);
    await simulation.close();
  });

  it('rollback window with the baseline scaled in: autoscaled -> the baseline keeps its instances', async () => {
    const simulation = await openScaled([predefined]);
    const { emulator, temporal } = simulation;
    const started = (await emulator.observe(endpoint))?.variants[0]?.count;
    simulation.startRollout(spec({ rollbackWindow: { for: '2h', baseline: 'scaledIn' } }));
    const { reason } = await until(simulation, ({ phase }) => phase === 'rollbackWindow');
    assert.match(reason, /the baseline is kept warm$/);
    await temporal.skip(30 * minuteMs);
    const live = (await emulator.observe(endpoint))?.variants.find(({ name }) => name === 'AllTraffic');
    assert.equal(live?.count, started);
    await simulation.close();
  });

  it('scheduled action: its time passes while the rollout is paused -> the candidate is registered without it', async () => {
    const simulation = await openScaled([predefined]);
    const { aws, temporal } = simulation;
    const handle = temporal.handle(workflowId);
    // The simulation begins on 2026-01-01, and the endpoint has traffic for 20 minutes.
    const action = { ScheduledActionName: 'launch', Schedule: 'at(2026-01-01T00:50:00)' };
    await aws.autoscaling.send(
      new PutScheduledActionCommand({
        ...targetOf('AllTraffic'),
        ...action,
        ScalableTargetAction: { MinCapacity: 3 },
      }),
    );
    simulation.startRollout(spec());
    await handle.signal(pauseSignal, { actor: 'ada', reason: 'test' });
    await temporal.skip(60 * minuteMs);
    await handle.signal(resumeSignal, { actor: 'ada', reason: 'test' });
    const { outcome, reason } = await resultOf(simulation);
    assert.equal(outcome, 'promoted', reason);
    const { ScheduledActions = [] } = await aws.autoscaling.send(
      new DescribeScheduledActionsCommand({ ServiceNamespace: 'sagemaker' }),
    );
    assert.deepEqual(
      ScheduledActions.map(({ ScheduledActionName }) => ScheduledActionName),
      ['mornings'],
    );
    await simulation.close();
  });

  it('step scaling: its alarm belongs to its owner -> the timeline says what to do after the promotion', async () => {
    const simulation = await openScaled([step]);
    simulation.startRollout(spec());
    assert.equal((await resultOf(simulation)).outcome, 'promoted');
    const timeline = await simulation.temporal.handle(workflowId).query(timelineQuery);
    const warnings = timeline.flatMap((entry) => (entry.kind === 'warning' ? [entry.message] : []));
    assertRunbookEntry(warnings[0], 'scaling policy P is copied, but its alarm is not: ...');
    assert.match(warnings[0] ?? '', /after the promotion, let the alarm invoke/);
    await simulation.close();
  });

  const ends: [name: string, isDue: ((now: RolloutStatus) => boolean) | null, outcome: string][] = [
    ['promotion', null, 'promoted'],
    ['abort while the candidate is deployed', ({ phase }) => phase === 'deploying', 'aborted'],
    ['abort at 50 %', shareIs(50), 'aborted'],
    ['abort at 100 %', shareIs(100), 'aborted'],
  ];
  for (const [name, isDue, outcome] of ends)
    it(`worker killed before or after each changing call: ${name} -> the scaling at the end is that of the beginning`, async () => {
      const { calls } = await playWithKill(isDue, null);
      assert.ok(calls >= 4, `${calls} calls`);
      for (let number = 1; number <= calls; number += 1)
        for (const stage of ['before', 'after'] as const) {
          const { result, before, after } = await playWithKill(isDue, { number, stage });
          const where = `killed ${stage} call ${number}: ${result.reason}`;
          assert.equal(result.outcome, outcome, where);
          const [[variant = '', scaling] = [], ...more] = Object.entries(after);
          assert.deepEqual(scaling, renamed(before[baseline], variant.split('/')[1] ?? ''), where);
          assert.deepEqual([more, variant === baseline], [[], outcome === 'aborted'], where);
        }
    });
});

function shareIs(share: number) {
  return ({ phase, variants }: RolloutStatus) =>
    phase === 'baking' &&
    variants.some(({ role, actualWeight }) => role === 'candidate' && actualWeight === share);
}

interface Kill {
  /** The position among the changing calls of the rollout, from 1. */
  number: number;
  stage: 'before' | 'after';
}

/** `isDue`: aborts once the status is so. */
async function playWithKill(isDue: ((now: RolloutStatus) => boolean) | null, kill: Kill | null) {
  let calls = 0;
  const count = (stage: Kill['stage']) => (call: { operation: string }) => {
    if (!/^(Create|Update|Delete|Register|Deregister|Put|Tag|Untag)/.test(call.operation)) return;
    if (stage === 'before') calls += 1;
    if (calls === kill?.number && stage === kill.stage) simulation.temporal.worker.restartAfter(2 * minuteMs);
  };
  const simulation = await openScaled([predefined, customized, step], {
    network: { latencyMs: 50, before: count('before'), after: count('after') },
    leaveOutIdlePolls: true,
  });
  const before = await scalings(simulation);
  simulation.startRollout(
    spec({ guardrails: [], strategy: { canary: { steps: ['50%', '100%'], bake: '1m' } } }),
  );
  if (isDue !== null) {
    const { temporal } = simulation;
    while (!temporal.worker.isUp || !isDue(await status(simulation))) await temporal.skip(5_000);
    await simulation.temporal.handle(workflowId).signal(abortSignal, { actor: 'ada', reason: 'test' });
  }
  const result = await resultOf(simulation);
  const after = await scalings(simulation);
  await simulation.close();
  return { calls, result, before, after };
}
