import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import type { Phase } from '../../../src/plan/outcome.js';
import { withRollout, type RolloutUnderTest } from '../harness.js';
import { names, trainingModel, FakeActivities } from '../fake-activities.js';

const ana = { actor: 'ana', reason: 'looks wrong' };

/** A world in which everything can be under way: both models trained, registered by hand, validated. */
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
  const phases: { phase: Phase; underWay: keyof RolloutActivities; deployed: boolean }[] = [
    { phase: 'preflight', underWay: 'preflight', deployed: false },
    { phase: 'training', underWay: 'trainModel', deployed: false },
    { phase: 'registering', underWay: 'registerModel', deployed: false },
    { phase: 'deploying', underWay: 'deploy', deployed: true },
    { phase: 'validating', underWay: 'validate', deployed: true },
    { phase: 'shifting', underWay: 'setWeights', deployed: true },
    { phase: 'baking', underWay: 'watchTraffic', deployed: true },
  ];
  for (const { phase, underWay, deployed } of phases) {
    it(`wins while the rollout is ${phase}`, async () => {
      const world = longWorld();
      if (underWay !== 'watchTraffic') world.underWay.add(underWay);
      const { result, timeline } = await withRollout(world, async (running) => {
        await running.phase(phase);
        await running.send('abort', ana);
        world.underWay.clear();
        return { result: await running.result(), timeline: await running.timeline() };
      });
      assert.equal(result.outcome, 'aborted');
      assert.match(result.reason, /ana: looks wrong/);
      assert.equal(world.config, 'digits-original');
      assert.equal(world.calls.includes(`deploy digits-original`), deployed);
      assert.ok(timeline.some((e) => e.kind === 'command' && e.actor === 'ana' && e.accepted));
    });
  }

  it('stops the training jobs that still run', async () => {
    const world = longWorld();
    world.underWay.add('trainModel');
    await withRollout(world, async (running) => {
      await running.waitForCall('trainModel');
      await running.send('abort', ana);
      await running.result();
    });
    assert.ok(world.calls.includes('stopTraining'));
  });

  it('wins even while the candidate is being left alone on the endpoint', async () => {
    const world = longWorld();
    const result = await withRollout(world, async (running) => {
      await running.phase('baking');
      world.underWay.add('deploy');
      await running.send('promote', { ...ana, full: true });
      await running.phase('promoting');
      await running.send('abort', ana);
      world.underWay.clear();
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(world.config, 'digits-original');
    assert.ok(world.calls.includes(`deleteConfig ${names.singleConfig.candidate}`));
  });

  it('is what cancelling the workflow through Temporal means', async () => {
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
  it('ends the bake and takes the next step', async () => {
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

  it('full skips the remaining steps', async () => {
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

  it('is refused, with the reason, before there is anything to promote', async () => {
    const world = longWorld();
    world.underWay.add('trainModel');
    await withRollout(world, async (running) => {
      await running.phase('training');
      await assert.rejects(
        running.send('promote', ana),
        refusedBecause(/nothing to promote in phase training/),
      );
      await running.send('abort', ana);
      await running.result();
    });
  });

  it('as a signal is refused too, and the refusal is kept in the timeline', async () => {
    const world = longWorld();
    world.underWay.add('trainModel');
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
  it('keeps a finished bake from going on, with the guardrails on, until resume', async () => {
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

  it('does not keep a guardrail from rolling back', async () => {
    const world = new BakingWorld();
    const result = await withRollout(world, async (running) => {
      await world.pauseAtTheEndOfTheBake(running);
      world.whileGuarded = () => ({ kind: 'fail', verdicts: [{ ...failing }] });
      return running.result();
    });
    assert.equal(result.outcome, 'rolledBack');
  });

  it('twice, resume without pause, and malformed commands are refused with a sentence', async () => {
    const world = longWorld();
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await assert.rejects(running.send('resume', ana), refusedBecause(/not paused/));
      await running.send('pause', ana);
      await assert.rejects(running.send('pause', ana), refusedBecause(/already paused/));
      await assert.rejects(running.send('promote', ana), refusedBecause(/resume it first/));
      await assert.rejects(
        running.send('resume', { actor: '', reason: 'x' }),
        refusedBecause(/expected "actor" to be/),
      );
      await assert.rejects(running.handle.executeUpdate('abort'), refusedBecause(/expected one object/));
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

/** Every bake lasts until it is ended, and every wait under guard until something ends it. */
class BakingWorld extends FakeActivities {
  whileGuarded: () => Partial<WatchReport> | 'watching' = () => 'watching';
  lookingOnce: () => Partial<WatchReport> | 'watching' = () => ({});
  private isOver = false;

  constructor() {
    super();
    this.reports.push(({ mode }) => {
      if (mode === 'guard') return this.whileGuarded();
      if (mode === 'final') return this.lookingOnce();
      return this.isOver ? {} : 'watching';
    });
  }

  async pauseAtTheEndOfTheBake(running: RolloutUnderTest): Promise<void> {
    await running.phase('baking');
    await running.send('pause', { actor: 'ana', reason: 'lunch' });
    this.isOver = true;
    await running.skipTime('11m');
    await running.waitForCall('watch guard');
  }
}

function refusedBecause(reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof WorkflowUpdateFailedError);
    assert.match(String(error.cause?.message), reason);
    return true;
  };
}

describe('retry', () => {
  it('looks again at once at what is held', async () => {
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

  it('sets the weights again at once where someone else was in the way', async () => {
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

  it('is refused where nothing is held', async () => {
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
