import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import type { Phase } from '../../../src/plan/outcome.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { names, trainingModel, FakeActivities } from '../fake-activities.js';

const ana = { actor: 'ana', reason: 'looks wrong' };

/** A rollout with every phase: trained, manual approval in the registry, validated. */
function longWorld(): FakeActivities {
  const world = new FakeActivities({
    models: { baseline: { kind: 'live' }, candidate: trainingModel('b') },
    registration: { group: 'digits', approval: 'manual' },
    validation: {
      smoke: null,
      golden: null,
      load: null,
      latency: { percentile: 99, belowMs: 250, requests: 10 },
    },
  });
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

describe('abort', () => {
  const phases: { phase: Phase; inProgress: keyof RolloutActivities; deployed: boolean }[] = [
    { phase: 'preflight', inProgress: 'preflight', deployed: false },
    { phase: 'training', inProgress: 'trainModel', deployed: false },
    { phase: 'registering', inProgress: 'registerModel', deployed: false },
    { phase: 'deploying', inProgress: 'deploy', deployed: true },
    { phase: 'validating', inProgress: 'validate', deployed: true },
    { phase: 'shifting', inProgress: 'setWeights', deployed: true },
    { phase: 'baking', inProgress: 'watchTraffic', deployed: true },
  ];
  for (const { phase, inProgress, deployed } of phases) {
    it(`abort: while ${phase} -> aborted, on the baseline`, async () => {
      const world = longWorld();
      if (inProgress !== 'watchTraffic') world.inProgress.add(inProgress);
      const { result, timeline } = await withRollout(world, async (running) => {
        await running.phase(phase);
        await running.send('abort', ana);
        world.inProgress.clear();
        return { result: await running.result(), timeline: await running.timeline() };
      });
      assert.equal(result.outcome, 'aborted');
      assert.match(result.reason, /ana: looks wrong/);
      assert.equal(world.config, 'digits-original');
      assert.equal(world.calls.includes(`deploy digits-original`), deployed);
      assert.ok(timeline.some((e) => e.kind === 'command' && e.actor === 'ana' && e.accepted));
    });
  }

  it('abort: training runs -> stops the jobs', async () => {
    const world = longWorld();
    world.inProgress.add('trainModel');
    await withRollout(world, async (running) => {
      await running.waitForCall('trainModel');
      await running.send('abort', ana);
      await running.result();
    });
    assert.ok(world.calls.includes('stopTraining'));
  });

  it('abort: while promoting -> aborted, on the baseline', async () => {
    const world = longWorld();
    const result = await withRollout(world, async (running) => {
      await running.phase('baking');
      world.inProgress.add('deploy');
      await running.send('promote', { ...ana, full: true });
      await running.phase('promoting');
      await running.send('abort', ana);
      world.inProgress.clear();
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(world.config, 'digits-original');
    assert.ok(world.calls.includes(`deleteConfig ${names.singleConfig.candidate}`));
  });

  it('cancellation through Temporal: while baking -> aborted, on the baseline', async () => {
    const world = longWorld();
    const result = await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.handle.cancel();
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(world.config, 'digits-original');
  });
});

describe('promote', () => {
  it('promote: while baking -> ends the bake and continues with the next step', async () => {
    const world = longWorld();
    const result = await withRollout(world, async (running) => {
      await running.until((s) => s.phase === 'baking' && s.step.n === 1);
      const { phase } = await running.send('promote', ana);
      assert.equal(phase, 'baking');
      await running.until((s) => s.phase === 'baking' && s.step.n === 2);
      await running.send('promote', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
    assert.ok(world.calls.includes('setWeights 50/50'));
  });

  it('promote --full: while baking -> skips the remaining steps', async () => {
    const world = longWorld();
    const result = await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.send('promote', { ...ana, full: true });
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
    assert.ok(!world.calls.includes('setWeights 50/50'));
    assert.equal(world.config, names.singleConfig.candidate);
  });

  it('promote: while training -> rejected with the reason', async () => {
    const world = longWorld();
    world.inProgress.add('trainModel');
    await withRollout(world, async (running) => {
      await running.phase('training');
      await assert.rejects(
        running.send('promote', ana),
        rejectedBecause(/nothing to promote in phase training/),
      );
      await running.send('abort', ana);
      await running.result();
    });
  });

  it('promote as a signal: while training -> rejected, and recorded in the timeline', async () => {
    const world = longWorld();
    world.inProgress.add('trainModel');
    const timeline = await withRollout(world, async (running) => {
      await running.phase('training');
      await running.handle.signal('promote', ana);
      await running.handle.signal('abort', ana);
      await running.result();
      return running.timeline();
    });
    const commands = timeline.filter((e) => e.kind === 'command');
    assert.deepEqual(
      commands.map((c) => [c.command, c.accepted]),
      [
        ['promote', false],
        ['abort', true],
      ],
    );
  });
});

describe('pause', () => {
  it('pause: at the end of a bake -> waits guarded until resume', async () => {
    const world = new BakingWorld();
    const result = await withRollout(world, async (running) => {
      await world.pauseAtTheEndOfTheBake(running);
      assert.ok(!world.calls.includes('setWeights 50/50'));
      assert.equal((await running.status()).paused, true);
      await running.send('resume', { actor: 'ben', reason: 'fine' });
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
  });

  it('pause: a guardrail fails -> rolls back', async () => {
    const world = new BakingWorld();
    const result = await withRollout(world, async (running) => {
      await world.pauseAtTheEndOfTheBake(running);
      world.whileGuarded = () => ({ kind: 'fail', verdicts: [{ ...failing }] });
      return running.result();
    });
    assert.equal(result.outcome, 'rolledBack');
  });

  it('commands that do not apply, and malformed ones -> rejected with the reason', async () => {
    const world = longWorld();
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await assert.rejects(running.send('resume', ana), rejectedBecause(/not paused/));
      await running.send('pause', ana);
      await assert.rejects(running.send('pause', ana), rejectedBecause(/already paused/));
      await assert.rejects(running.send('promote', ana), rejectedBecause(/resume it first/));
      await assert.rejects(
        running.send('resume', { actor: '', reason: 'x' }),
        rejectedBecause(/expected "actor" to be/),
      );
      await assert.rejects(running.handle.executeUpdate('abort'), rejectedBecause(/expected one object/));
      await running.send('abort', ana);
      await running.result();
    });
  });
});

const failing = {
  guardrail: 'alarm:digits-5xx',
  result: 'fail',
  reason: 'alarmFiring',
  message: 'alarm digits-5xx is in ALARM',
  evidence: {
    from: null,
    to: null,
    requests: null,
    value: null,
    bound: null,
    unit: null,
    windowsJudged: 0,
    windowsPlanned: 0,
  },
  algorithm: 'alarm/1',
} as const;

/** Every bake and every guarded wait lasts until a test ends it. */
class BakingWorld extends FakeActivities {
  whileGuarded: () => Partial<WatchReport> | 'watching' = () => 'watching';
  checkingOnce: () => Partial<WatchReport> | 'watching' = () => ({});
  private isOver = false;

  constructor() {
    super();
    this.reports.push(({ mode }) => {
      if (mode === 'guard') return this.whileGuarded();
      if (mode === 'final') return this.checkingOnce();
      return this.isOver ? {} : 'watching';
    });
  }

  async pauseAtTheEndOfTheBake(running: SimulatedRollout): Promise<void> {
    await running.phase('baking');
    await running.send('pause', { actor: 'ana', reason: 'lunch' });
    this.isOver = true;
    await running.skipTime('11m');
    await running.waitForCall('watch guard');
  }
}

function rejectedBecause(reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof WorkflowUpdateFailedError);
    assert.match(String(error.cause?.message), reason);
    return true;
  };
}

describe('retry', () => {
  it('retry: while holding -> checks again at once', async () => {
    const world = longWorld();
    world.reports.splice(0);
    world.reports.push(
      () => ({}),
      () => ({ kind: 'undecided', message: 'error rate: no data' }),
      () => 'watching',
      () => ({ kind: 'clear' }),
    );
    await withRollout(world, async (running) => {
      await running.until((status) => status.hold !== null);
      await running.until(() => world.calls.filter((call) => call === 'watch bake').length === 2);
      await running.send('retry', ana);
      await running.until((status) => status.hold === null);
      assert.ok(world.calls.filter((call) => call === 'watch bake').length >= 3);
      await running.result();
    });
  });

  it('retry: while holding for an external change -> sets the weights again at once', async () => {
    const world = new FakeActivities();
    world.failures.push({ activity: 'setWeights', type: 'Drift', message: 'on config other' });
    await withRollout(world, async (running) => {
      const { hold } = await running.until((status) => status.hold !== null);
      assert.equal(hold?.reason, 'drift');
      assert.match(hold.message, /on config other/);
      await running.send('retry', ana);
      await running.until(() => world.calls.filter((call) => call === 'setWeights 90/10').length === 2);
      await running.result();
    });
  });

  it('retry: not holding -> rejected', async () => {
    const world = longWorld();
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await assert.rejects(running.send('retry', ana), (error: Error) =>
        /not holding; nothing to retry/.test((error.cause as Error).message),
      );
      await running.send('abort', ana);
      await running.result();
    });
  });
});
