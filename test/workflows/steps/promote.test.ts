import assert from 'node:assert/strict';
import { activityInfo } from '@temporalio/activity';
import type { Guardrail } from '../../../src/plan/compiled/guardrail.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Split } from '../../../src/plan/split/split.js';
import { splitMemoKey } from '../../../src/plan/split/split.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { conversionGoal, names, verdict, FakeActivities } from '../fake-activities.js';

const ana = { actor: 'ana', reason: 'conversion fell' };
const sixDays = { seconds: 6 * 86_400, baseline: 'warm' as const };

function withWindow(): FakeActivities {
  const world = new FakeActivities({ rollbackWindow: sixDays });
  world.reports.push(({ mode, roundEnds }, now) =>
    mode !== 'guard' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return world;
}

async function splitOf(running: SimulatedRollout): Promise<Split> {
  const { memo } = await running.handle.describe();
  return memo?.[splitMemoKey] as Split;
}

/** Waits for a timeline entry that begins so. Returns all messages of the timeline. */
async function waitForMessage(running: SimulatedRollout, opening: string): Promise<string[]> {
  const timeline = await running.untilTimeline(
    (entries) => entries.some(({ message }) => message.startsWith(opening)),
    `timeline: ${opening}`,
  );
  return timeline.map(({ message }) => message);
}

describe('rollback window', () => {
  it('rollback window: no failure until its end -> keeps both models, then only the candidate', async () => {
    const world = withWindow();
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.ok(world.calls.indexOf('watch guard') > world.calls.indexOf('setWeights 0/100'));
    assert.equal(world.config, names.singleConfig.candidate);
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted >= sixDays.seconds * 1000, `${lasted}`);
  });

  it('rollback window: undo -> weights first, then the config that served before', async () => {
    const world = withWindow();
    const result = await withRollout(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.send('undo', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(result.reason, 'undone by ana: conversion fell');
    assert.equal(world.config, 'digits-original');
    assert.ok(world.calls.indexOf('setWeights 100/0') < world.calls.indexOf('deploy digits-original'));
  });

  it('rollback window: promote -> ends early', async () => {
    const world = withWindow();
    const result = await withRollout(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.send('promote', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted < sixDays.seconds * 1000, `${lasted}`);
  });

  it('rollback window: an alarm fires -> rolls back', async () => {
    const world = withWindow();
    const guard = world.reports.splice(0, 1)[0];
    world.reports.push(...Array.from({ length: 4 }, () => guard ?? (() => ({}))), () => ({
      kind: 'fail',
      verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')],
    }));
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
  });

  it('undo: scaled-in baseline -> weights move at once, then its instances come back', async () => {
    const world = new FakeActivities({ rollbackWindow: { ...sixDays, baseline: 'scaledIn' } });
    world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.waitForCall('setCounts 1/-');
      await running.waitForCall('watch guard');
      await running.send('undo', ana);
      await running.result();
    });
    const calls = world.calls.slice(world.calls.indexOf('setCounts 1/-') + 1);
    const moved = calls.indexOf('setWeights 100/0');
    assert.ok(moved >= 0 && moved < calls.indexOf('setCounts 2/-'), calls.join());
  });

  it('undo: scale-in of the baseline in progress -> weights move at once, then its instances come back', async () => {
    const world = new FakeActivities({ rollbackWindow: { ...sixDays, baseline: 'scaledIn' } });
    world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
    world.inProgress.add('setCounts');
    await withRollout(world, async (running) => {
      await running.waitForCall('setCounts 1/-');
      // SageMaker completes the scale-in, although the activity was cancelled.
      world.endpoint('digits').counts['AllTraffic'] = 1;
      await running.send('undo', ana);
      world.inProgress.clear();
      assert.equal((await running.result()).outcome, 'aborted');
    });
    assert.equal(world.endpoint('digits').counts['AllTraffic'], 2);
    const moved = world.calls.indexOf('setWeights 100/0');
    assert.ok(moved >= 0 && moved < world.calls.indexOf('setCounts 2/-'), world.calls.join());
  });

  it('undo: an autoscaler has scaled in the baseline -> scales out to the initial count', async () => {
    const world = withWindow();
    await withRollout(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.waitForCall('watch guard');
      world.endpoint('digits').counts['AllTraffic'] = 1;
      await running.send('undo', ana);
      await running.result();
    });
    assert.equal(world.endpoint('digits').counts['AllTraffic'], 2);
  });

  describe('unknown guardrail at the end', () => {
    /** `data`: whether the guardrail has data at the end of the window. Tests change it. */
    function withGap(data: { isThere: boolean }, change: Partial<Plan> = {}): FakeActivities {
      const notify: Plan['notify'] = [
        { kind: 'sns', topicArn: 'arn', notificationEvents: ['hold', 'promoted'] },
      ];
      const world = new FakeActivities({
        rollbackWindow: { seconds: 3_600, baseline: 'warm' },
        notify,
        ...change,
      });
      const missing = verdict('inconclusive', 'error rate: no data');
      world.reports.push(({ mode, weights, roundEnds, continued }, now) => {
        if (weights.candidate < 100 || mode === 'final') return {};
        const known = { verdicts: [verdict('pass', 'error rate 0.2 % < 1 %')] };
        const unknown = { kind: 'undecided' as const, message: missing.message, verdicts: [missing] };
        if (mode === 'guard' && now < Date.parse(roundEnds)) return 'watching';
        if (mode === 'guard') return data.isThere ? { kind: 'round', ...known } : unknown;
        if (data.isThere) return { kind: 'clear', ...known };
        return continued === null || now >= Date.parse(roundEnds) ? unknown : 'watching';
      });
      return world;
    }
    const stays = 'the rollback window stays open until every guardrail is known';

    it('rollback window: unknown guardrail at the end -> stays open and notifies, closes when it passes', async () => {
      const data = { isThere: false };
      const world = withGap(data);
      await withRollout(world, async (running) => {
        const timeline = await waitForMessage(running, stays);
        assert.ok(timeline.includes('holding: error rate: no data'), timeline.join('\n'));
        assert.notEqual(world.config, names.singleConfig.candidate);
        data.isThere = true;
        const { outcome, startedAt, endedAt } = await running.result();
        assert.equal(outcome, 'promoted');
        assert.ok(Date.parse(endedAt) - Date.parse(startedAt) > 3_600_000);
      });
      const messages = world.notifications.map(({ notification }) => notification.message);
      assert.ok(messages.includes(`${stays}: error rate: no data`), messages.join('\n'));
    });

    it('rollback window: the unknown guardrail fails after the end -> rolls back', async () => {
      const world = withGap({ isThere: false });
      const script = world.reports[0];
      const failed = verdict('fail', 'error rate 7 % is not < 1 %');
      world.reports[0] = (request, now) => {
        const isLate = request.weights.candidate === 100 && request.mode === 'bake';
        return isLate ? { kind: 'fail', verdicts: [failed] } : (script?.(request, now) ?? {});
      };
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, 'rolledBack');
      assert.equal(world.config, 'digits-original');
    });

    for (const [command, outcome] of [
      ['undo', 'aborted'],
      ['abort', 'aborted'],
      ['promote', 'promoted'],
    ] as const) {
      it(`rollback window: stays open, then ${command} -> ${outcome}`, async () => {
        const world = withGap({ isThere: false });
        await withRollout(world, async (running) => {
          await waitForMessage(running, stays);
          await running.send(command, ana);
          assert.equal((await running.result()).outcome, outcome);
        });
      });
    }

    it('rollback window: unknown until the maximum hold time, onInconclusive rollBack -> inconclusive', async () => {
      const world = withGap({ isThere: false }, { onInconclusive: 'rollBack' });
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, 'inconclusive');
      assert.equal(result.reason, 'still unknown after the maximum hold time: error rate: no data');
    });

    it('rollback window: unknown after a freeze that outlasts it -> opens again', async () => {
      const data = { isThere: true };
      const zone = 'Europe/Berlin';
      const freeze: Plan['freeze'] = [{ zone, kind: 'weekly', days: [5], from: '16:00', to: '08:00' }];
      const world = withGap(data, { freeze });
      world.calendar.shift = () => {
        const isAfterWindow = world.calls.includes('watch guard') && data.isThere;
        if (!isAfterWindow) return { holds: false, until: null, message: 'nothing is frozen' };
        data.isThere = false;
        const until = activityInfo().currentAttemptScheduledTimestampMs + 3_600_000;
        return { holds: true, until: new Date(until).toISOString(), message: 'the weekend' };
      };
      await withRollout(world, async (running) => {
        await waitForMessage(running, stays);
        assert.equal((await running.status()).phase, 'rollbackWindow');
        await running.send('promote', ana);
        assert.equal((await running.result()).outcome, 'promoted');
      });
    });

    it('rollback window: shorter than the first metric window -> waits without a hold', async () => {
      const world = withGap({ isThere: true });
      const early = { ...verdict('inconclusive', 'error rate: no window yet') };
      const awaited = { ...early, reason: 'awaitingFirstWindow' as const };
      const script = world.reports[0];
      world.reports[0] = (request, now) => {
        const report = script?.(request, now) ?? {};
        if (report === 'watching' || report.kind !== 'round') return report;
        return { kind: 'undecided', message: awaited.message, verdicts: [awaited] };
      };
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, 'promoted');
      const later = world.calls.slice(world.calls.lastIndexOf('watch guard'));
      assert.ok(later.includes('watch bake'), later.join());
      assert.ok(!world.calls.includes('notify hold'), world.calls.join());
    });

    it('rollback window: a comparison without baseline traffic -> ignored', async () => {
      const world = new FakeActivities({ rollbackWindow: { seconds: 3_600, baseline: 'warm' } });
      const comparison: Guardrail = {
        id: 'errorRate:baseline',
        label: 'error rate',
        kind: 'comparison',
        events: conversionGoal.total,
        trials: conversionGoal.trials,
        marginPercent: 10,
        dispersion: 1,
        windowSeconds: 60,
        dataDelaySeconds: 60,
      };
      world.plan.guardrails.push(comparison);
      world.reports.push(({ mode, weights, guardrails, roundEnds }, now) => {
        if (mode !== 'guard') return {};
        if (now < Date.parse(roundEnds)) return 'watching';
        assert.equal(weights.baseline, 0);
        return guardrails.some(({ kind }) => kind === 'comparison')
          ? { kind: 'undecided', verdicts: [verdict('inconclusive', 'no usable data from both models')] }
          : { kind: 'round' };
      });
      const result = await withRollout(world, (running) => running.result());
      assert.equal(result.outcome, 'promoted');
    });
  });

  it('undo: before the rollback window -> rejected, the reason names abort', async () => {
    const world = new FakeActivities();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await assert.rejects(running.send('undo', ana), (error: Error) =>
        /use abort to roll back/.test((error.cause as Error).message),
      );
      await running.send('abort', ana);
      await running.result();
    });
  });
});

describe('capacity', () => {
  it('capacity: scaleCandidate -> scales out before each higher weight', async () => {
    const world = new FakeActivities();
    world.plan.serve = { ...world.plan.serve, count: 4, capacity: 'scaleCandidate' };
    await withRollout(world, (running) => running.result());
    const moves = world.calls.filter((call) => call.startsWith('set'));
    assert.deepEqual(moves, [
      'setWeights 90/10',
      'setCounts -/2',
      'setWeights 50/50',
      'setCounts -/4',
      'setWeights 0/100',
    ]);
  });
});

describe('the split for the switches', () => {
  it('published split: weights change -> follows with a higher sequence, names only the candidate at the end', async () => {
    const world = new FakeActivities();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      const first = await splitOf(running);
      assert.equal(first.candidateShare, 10);
      assert.deepEqual(first.targets.candidate, { endpoint: 'digits', variant: names.variant.candidate });
      world.reports.splice(0, 1);
      await running.send('promote', { ...ana, full: true });
      await running.result();
      const last = await splitOf(running);
      assert.ok(last.sequence > first.sequence);
      assert.equal(last.seed, first.seed);
      assert.deepEqual(last.targets, { baseline: null, candidate: { endpoint: 'digits', variant: null } });
    });
  });

  it('published split: rollback -> names only the baseline', async () => {
    const world = new FakeActivities();
    world.reports.push(
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'too many errors')] }),
    );
    await withRollout(world, async (running) => {
      await running.result();
      const last = await splitOf(running);
      assert.equal(last.candidateShare, 0);
      assert.deepEqual(last.targets, { baseline: { endpoint: 'digits', variant: null }, candidate: null });
    });
  });
});

describe('notifications', () => {
  it('notifications: promoted rollout -> one each for start, promotion and end', async () => {
    const world = new FakeActivities({
      notify: [
        {
          kind: 'slack',
          address: { env: 'SLACK_URL' },
          notificationEvents: ['started', 'gate', 'hold', 'rollback', 'promoted', 'page', 'ended'],
        },
      ],
    });
    await withRollout(world, (running) => running.result());
    const sent = world.notifications.map(({ notification }) => notification);
    assert.deepEqual(
      sent.map(({ event }) => event),
      ['started', 'promoted', 'ended'],
    );
    assert.equal(new Set(sent.map(({ id }) => id)).size, 3);
  });

  it('notifications: delivery fails -> the rollout continues, the timeline says so', async () => {
    const world = new FakeActivities({
      notify: [{ kind: 'sns', topicArn: 'arn', notificationEvents: ['started'] }],
    });
    world.failures.push({
      activity: 'sendNotification',
      type: 'AccessDenied',
      message: 'not allowed to publish',
    });
    await withRollout(world, async (running) => {
      assert.equal((await running.result()).outcome, 'promoted');
      const entries = await running.timeline();
      assert.ok(
        entries.some(({ message }) => /could not deliver the started notification by sns/.test(message)),
      );
    });
  });

  it('notifications: the rollback cannot be verified -> pages once', async () => {
    const world = new FakeActivities({
      notify: [{ kind: 'sns', topicArn: 'arn', notificationEvents: ['page'] }],
    });
    world.plan.limits.rollbackSeconds = 60;
    world.reports.push(
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'too many errors')] }),
    );
    for (let n = 0; n < 20; n++)
      world.failures.push({
        activity: 'observeEndpoint',
        type: 'AccessDenied',
        message: 'no',
        after: 'setWeights 100/0',
      });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rollbackFailed');
    assert.equal(world.notifications.length, 1);
  });
});
