/** Messages of a rollout at its end, in a rollback that fails and while it waits, compared with the runbook. */
import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { RolloutEndedAbnormally, type RolloutClient } from '../../../src/client.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import { workflowIdOf } from '../../../src/workflows/messages.js';
import { bakingWorld, isBaking, until } from '../../client/dev-world.js';
import { devServer } from '../../support/dev-server.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { conversionGoal, trainingModel, verdict, FakeActivities } from '../../workflows/fake-activities.js';
import { isWhole } from '../seed.js';
import { ben, describeIfDrawn, Latch, withRollout } from './fake-rollouts.js';

const undecided = verdict('inconclusive', 'error rate: no data for window 1 of 6');

async function handleOf(endpoint: string) {
  return (await devServer()).client.workflow.getHandle(workflowIdOf(endpoint));
}

function lineOf(timeline: { message: string }[], words: string): string | undefined {
  return timeline.map(({ message }) => message).find((message) => message.includes(words));
}

describeIfDrawn('endings', 'messages at the end of a rollout', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);

  it('workflow: cancelled in Temporal -> aborted, with that reason', () =>
    withRollout(bakingWorld(), 'end-cancelled', async (rollouts) => {
      await until(rollouts, 'end-cancelled', isBaking);
      await (await handleOf('end-cancelled')).cancel();
      const { outcome, reason } = await rollouts.wait('end-cancelled');
      assert.equal(outcome, 'aborted');
      assertRunbookEntry(reason, 'the workflow was cancelled through Temporal');
    }));

  it('workflow: terminated in Temporal -> RolloutEndedAbnormally', () =>
    withRollout(bakingWorld(), 'end-terminated', async (rollouts) => {
      await until(rollouts, 'end-terminated', isBaking);
      await (await handleOf('end-terminated')).terminate('a test');
      await assert.rejects(rollouts.wait('end-terminated'), (error) => {
        assert.ok(error instanceof RolloutEndedAbnormally);
        assertRunbookEntry(error.message, 'The rollout of churn ended abnormally ...');
        return true;
      });
    }));

  /** A candidate's own endpoint stays for a while: requests in flight need it. */
  const deniedDeletes: [Plan['topology'], ('deleteConfig' | 'deleteEndpoint')[]][] = [
    ['variants', ['deleteConfig']],
    ...(isWhole ? [['endpoints', ['deleteEndpoint']] as (typeof deniedDeletes)[number]] : []),
  ];
  for (const [topology, denied] of deniedDeletes) {
    it(`cleanup with topology ${topology}: delete is denied -> leftovers and a timeline entry`, async () => {
      const world = new FakeActivities({ topology });
      for (const activity of denied)
        world.failures.push({
          activity,
          type: 'AccessDenied',
          message: 'AccessDeniedException: not authorized',
        });
      const endpoint = `end-undeleted-${topology}`;
      await withRollout(world, endpoint, async (rollouts) => {
        assert.equal((await rollouts.wait(endpoint)).leftovers.length, 1);
        const line = lineOf(await rollouts.timeline(endpoint), 'could not delete');
        if (topology === 'variants') assertRunbookEntry(line, 'could not delete endpoint config X: ...');
        else assertRunbookEntry(line, 'could not delete endpoint X: ...');
      });
    });
  }

  it('notification: receiver fails -> a timeline entry', async () => {
    const notify: Plan['notify'] = [
      {
        notificationEvents: ['hold'],
        kind: 'webhook',
        address: { url: 'https://example.com' },
        secretEnv: null,
      },
    ];
    const world = new FakeActivities({ notify });
    world.reports.push(
      () => ({}),
      () => ({ kind: 'undecided', message: undecided.message, verdicts: [undecided] }),
      () => ({}),
    );
    await withRollout(
      world,
      'end-untold',
      async (rollouts) => {
        await rollouts.wait('end-untold');
        const timeline = await rollouts.timeline('end-untold');
        assertRunbookEntry(
          lineOf(timeline, 'could not deliver'),
          'could not deliver the hold notification by webhook: ...',
        );
      },
      {
        sendNotification: () =>
          Promise.reject(ApplicationFailure.nonRetryable('pager.invalid answers 404', 'Rejected')),
      },
    );
  });

  it('rollback window with a scaled-in baseline: scale-out fails -> undo continues', async () => {
    const world = new FakeActivities({ rollbackWindow: { seconds: 600, baseline: 'scaledIn' } });
    world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
    await withRollout(world, 'end-small', async (rollouts) => {
      const { reason } = await until(
        rollouts,
        'end-small',
        ({ phase, waitingFor, pending }) =>
          phase === 'rollbackWindow' &&
          waitingFor !== null &&
          pending.some(({ activity }) => activity === 'watchTraffic'),
      );
      assertRunbookEntry(reason, 'the baseline is kept on one instance');
      world.failures.push({
        activity: 'setCounts',
        type: 'QuotaExceeded',
        message: 'ResourceLimitExceeded: none left',
      });
      await rollouts.undo('end-small', ben);
      assert.equal((await rollouts.wait('end-small')).outcome, 'aborted');
      const line = lineOf(await rollouts.timeline('end-small'), 'could not scale out');
      assertRunbookEntry(line, 'could not scale out the baseline before restoring its traffic: ...');
    });
  });

  it('experiment: goals undecided at its maximum duration -> holds', async () => {
    const goal = {
      ...verdict('inconclusive', 'conversion: undecided'),
      guardrail: conversionGoal.id,
      reason: 'undecided' as const,
    };
    const world = new FakeActivities({
      goals: [conversionGoal],
      steps: [
        { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
        { kind: 'setWeights', stage: 1, weights: { baseline: 50, candidate: 50 } },
        { kind: 'experiment', stage: 1, minimumSeconds: 1, maximumSeconds: 1, adapt: null },
      ],
    });
    world.reports.push(({ goals }) =>
      goals.length === 0 ? {} : { kind: 'undecided', message: goal.message, verdicts: [goal] },
    );
    await withRollout(world, 'end-draw', async (rollouts) => {
      const { hold } = await until(rollouts, 'end-draw', ({ hold }) => hold !== null);
      assertRunbookEntry(
        hold?.message,
        'the experiment reached its maximum duration without a decision: ...',
      );
      await rollouts.abort('end-draw', ben);
      await rollouts.wait('end-draw');
    });
  });

  it('registration with manual approval: waits, and a pause -> waits for resume', async () => {
    const world = new FakeActivities({
      models: { baseline: { kind: 'live' }, candidate: trainingModel('b') },
      registration: { group: 'digits', approval: 'manual' },
    });
    const approved = new Latch();
    await withRollout(
      world,
      'end-registry',
      async (rollouts) => {
        const waiting = await until(rollouts, 'end-registry', ({ waitingFor }) => waitingFor !== null);
        assertRunbookEntry(waiting.waitingFor?.what, 'approval of the candidate in model package group G');
        await rollouts.pause('end-registry', ben);
        approved.open();
        const paused = await until(
          rollouts,
          'end-registry',
          ({ waitingFor }) => waitingFor?.what === 'resume',
        );
        assertRunbookEntry(paused.waitingFor?.what, 'resume');
        await rollouts.abort('end-registry', ben);
        assertRunbookEntry((await rollouts.wait('end-registry')).outcome, 'aborted');
      },
      {
        registerModel: async (asked) => {
          await approved.pass();
          return world.activities.registerModel(asked);
        },
      },
    );
  });

  it('deploy: failures that are retried until its time limit -> rollbackFailed', async () => {
    const world = new FakeActivities({
      limits: { ...new FakeActivities().plan.limits, deploySeconds: 60, rollbackSeconds: 20 },
    });
    world.inProgress.add('deploy');
    const messages = {
      Throttled: 'ThrottlingException: Rate exceeded',
      Unavailable: 'TimeoutError: no answer',
    };
    const types = Object.keys(messages) as (keyof typeof messages)[];
    // A failure is repeated until the status has shown it: on a busy machine the next attempt may come before the poll.
    const deploy: RolloutActivities['deploy'] = (asked) => {
      const [type] = types;
      if (type === undefined) return world.activities.deploy(asked);
      throw ApplicationFailure.retryable(messages[type], type);
    };
    const test = async (rollouts: RolloutClient) => {
      for (let type = types[0]; type !== undefined; types.shift(), type = types[0]) {
        const isIn = (failureType: string | null) => failureType === type;
        const { pending } = await until(rollouts, 'end-stuck', ({ pending }) =>
          pending.some(({ failureType }) => isIn(failureType)),
        );
        assertRunbookEntry(
          pending.map(({ failureType }) => failureType).find(isIn),
          type === 'Throttled' ? 'Throttled' : 'Unavailable',
        );
      }
      const { outcome, reason } = await rollouts.wait('end-stuck');
      assertRunbookEntry(outcome, 'rollbackFailed');
      assertRunbookEntry(reason, 'deploy timed out; last status: ...');
    };
    await withRollout(world, 'end-stuck', test, { deploy });
  });

  it('deploy: ValidationException -> Rejected', async () => {
    const world = new FakeActivities();
    world.failures.push({
      activity: 'deploy',
      type: 'Rejected',
      message: 'ValidationException: One or more limits',
    });
    await withRollout(world, 'end-rejected', async (rollouts) => {
      const { reason } = await rollouts.wait('end-rejected');
      assertRunbookEntry(reason, 'ValidationException: ...');
      const { events } = await (await handleOf('end-rejected')).fetchHistory();
      const types = events?.map(
        (event) => event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type,
      );
      assertRunbookEntry(types?.find(Boolean), 'Rejected');
    });
  });
});
