import assert from 'node:assert/strict';
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { timelineQuery } from '../../../src/workflows/messages.js';
import { withRollout } from '../harness.js';
import { names, trainingModel, verdict, FakeActivities } from '../fake-activities.js';

const firing = verdict('fail', 'alarm digits-5xx is in ALARM');

/** A canary whose first bake fails. */
function failingWorld(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(
    () => ({ kind: 'clear' }),
    () => ({ kind: 'fail', message: firing.message, verdicts: [firing] }),
  );
  return world;
}

describe('failure before user traffic', () => {
  it('training: one job fails -> failed with its reason, the other job is stopped', async () => {
    const world = new FakeActivities({
      models: { baseline: trainingModel('a'), candidate: trainingModel('b') },
      serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    });
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
    world.failures.push({
      activity: 'trainModel',
      type: 'TrainingFailed',
      message: 'AlgorithmError: loss is NaN',
    });
    world.inProgress.add('trainModel');
    const { result, status } = await withRollout(world, async (running) => {
      const result = await running.result();
      return { result, status: await running.status() };
    });
    assert.equal(result.outcome, 'failed');
    assert.equal(result.reason, 'AlgorithmError: loss is NaN');
    assert.deepEqual(status.jobs.map((job) => job.state).sort(), ['failed', 'stopped']);
    assert.ok(world.calls.includes('stopTraining'));
    assert.ok(!world.calls.some((call) => call.startsWith('deploy')));
  });

  it('validation: fails -> failed, the endpoint is back on its config', async () => {
    const world = new FakeActivities({
      validation: {
        smoke: null,
        golden: null,
        load: null,
        latency: { percentile: 99, belowMs: 250, requests: 10 },
      },
    });
    world.failures.push({
      activity: 'validate',
      type: 'ValidationFailed',
      message: '3 of 20 golden answers differ',
    });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'failed');
    assert.equal(world.config, 'digits-original');
    assert.ok(!world.calls.includes('setWeights 90/10'));
  });

  it('planning: invalid spec -> failed, nothing changed', async () => {
    const world = new FakeActivities();
    world.failures.push({
      activity: 'compileRollout',
      type: 'InvalidSpec',
      message: 'endpoint: found nothing',
    });
    const result = await withRollout(world, (running) => running.result());
    assert.deepEqual([result.outcome, result.reason], ['failed', 'endpoint: found nothing']);
    assert.deepEqual(world.calls, ['compileRollout']);
  });

  it('deployment: a new endpoint fails -> failed, the endpoint is deleted', async () => {
    const world = new FakeActivities({
      serve: { instanceType: 'ml.m5.large', count: 1, metricPeriodSeconds: 60, capacity: 'full' },
    });
    world.plan.models.baseline = { kind: 'model', modelName: 'digits-old' };
    world.starting = { kind: 'absent' };
    world.failures.push({ activity: 'deploy', type: 'EndpointFailed', message: 'no capacity' });
    world.endpointStatus = 'Failed';
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'failed');
    assert.ok(world.calls.includes('deleteEndpoint digits'));
    assert.equal(result.serving, null);
  });
});

describe('rollback', () => {
  const denied = {
    activity: 'observeEndpoint' as const,
    type: 'AccessDenied' as const,
    message: 'not authorized',
    after: 'setWeights 100/0',
  };

  it('rollback: verification fails once -> retried until verified', async () => {
    const world = failingWorld();
    world.failures.push(denied);
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.equal(world.calls.filter((call) => call === 'setWeights 100/0').length, 2);
    assert.equal(world.config, 'digits-original');
  });

  it('rollback: not verified within its limit -> rollbackFailed', async () => {
    const world = failingWorld();
    for (let n = 0; n < 200; n++) {
      world.failures.push(denied);
    }
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rollbackFailed');
    assert.match(result.reason, /manual action required.*not authorized/);
    assert.deepEqual(result.leftovers, [`endpoint config ${names.sideBySideConfig}`]);
  });

  it('rollback: not verified -> the workflow fails, and the failure has the result', async () => {
    const world = failingWorld();
    for (let n = 0; n < 200; n++) world.failures.push(denied);
    await withRollout(world, async (running) => {
      const result = await running.result();
      await assert.rejects(running.handle.result(), ({ cause }: WorkflowFailedError) => {
        assert.ok(cause instanceof ApplicationFailure && cause.type === 'RollbackFailed');
        assert.equal(cause.message, result.reason);
        return result.outcome === 'rollbackFailed';
      });
    });
  });

  it('rollback: not verified within a limit of one minute -> attempts until the end of the minute', async () => {
    const world = failingWorld();
    world.plan.limits = { ...world.plan.limits, rollbackSeconds: 60 };
    for (let n = 0; n < 200; n++) world.failures.push(denied);
    const result = await withRollout(world, async (running) => {
      const ended = await running.result();
      const timeline = await running.handle.query(timelineQuery);
      const began = timeline.find((entry) => entry.kind === 'phase' && entry.phase === 'rollingBack');
      return { ...ended, seconds: (Date.parse(ended.endedAt) - Date.parse(began?.at ?? '')) / 1000 };
    });
    assert.equal(result.outcome, 'rollbackFailed');
    assert.ok(result.seconds >= 60 && result.seconds < 70, `${result.seconds} s`);
  });

  it('rollback: fails on a new endpoint -> leftovers name every object of the rollout', async () => {
    const world = failingWorld();
    world.plan.topology = 'endpoints';
    world.plan.serve = { ...world.plan.serve, instanceType: 'ml.m5.large', count: 1 };
    world.plan.models.baseline = { kind: 'model', modelName: 'digits-old' };
    world.starting = { kind: 'absent' };
    world.endpoints.clear();
    for (let n = 0; n < 200; n++)
      world.failures.push({ activity: 'observeEndpoint', type: 'AccessDenied', message: 'not authorized' });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rollbackFailed');
    assert.deepEqual(result.leftovers, [
      'endpoint digits',
      `endpoint config ${names.singleConfig.baseline}`,
      `endpoint ${names.candidateEndpoint}`,
      `endpoint config ${names.candidateConfig}`,
    ]);
  });

  for (const [times, outcome] of [
    [3, 'rolledBack'],
    [200, 'rollbackFailed'],
  ] as const)
    it(`rollback: the endpoint is not found ${times} times -> ${outcome}`, async () => {
      const world = failingWorld();
      const type = 'EndpointNotFound';
      for (let n = 0; n < times; n++)
        world.failures.push({ ...denied, type, message: 'there is no endpoint digits' });
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, outcome);
    });

  it('rollback: not verified for an hour -> pages after two minutes and every half hour', async () => {
    const notify: Plan['notify'] = [{ kind: 'sns', topicArn: 'arn', notificationEvents: ['page'] }];
    const world = failingWorld();
    world.plan.notify = notify;
    for (let n = 0; n < 80; n++) world.failures.push(denied);
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    const minutes = world.notifications.map(({ notification }) => Date.parse(notification.at) / 60_000);
    const [first = 0] = minutes;
    assert.deepEqual(
      minutes.map((minute) => Math.round(minute - first)),
      [0, 30],
    );
  });

  it('rollback: weights cannot be set -> updates the endpoint', async () => {
    const world = failingWorld();
    world.reports.splice(1, 1, () => {
      world.config = 'someone-elses';
      return { kind: 'fail', message: firing.message, verdicts: [firing] };
    });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.equal(world.config, 'digits-original');
  });

  it('rollback: an object cannot be deleted -> rolledBack with leftovers', async () => {
    const world = failingWorld();
    world.failures.push({ activity: 'deleteConfig', type: 'NotOwned', message: 'tagged by someone else' });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.deepEqual(result.leftovers, [`endpoint config ${names.sideBySideConfig}`]);
  });
});

describe('external change', () => {
  it('external config change: next step -> holds and does not overwrite it', async () => {
    const world = new FakeActivities();
    let foreign = true;
    world.reports.push(
      () => ({}),
      ({ mode }) => {
        if (mode === 'bake' && foreign) world.config = 'someone-elses';
        if (mode !== 'final' || !foreign) return {};
        foreign = false;
        world.config = names.sideBySideConfig;
        return { kind: 'drift', message: 'the endpoint is on config someone-elses' };
      },
    );
    const { result, timeline } = await withRollout(world, async (running) => ({
      result: await running.result(),
      timeline: await running.timeline(),
    }));
    assert.equal(result.outcome, 'promoted');
    assert.ok(timeline.some((e) => e.message === 'holding: the endpoint is on config someone-elses'));
  });
});
