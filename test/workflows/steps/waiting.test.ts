/** Verdicts, drift and commands can change during a long wait, so the rollout checks them again after it. */
import assert from 'node:assert/strict';
import type { WatchReport } from '../../../src/activities/interface/watch.js';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { names, verdict, FakeActivities } from '../fake-activities.js';

const ana = { actor: 'ana', reason: 'a test' };
const unknown = { kind: 'undecided' as const, message: 'alarm digits-5xx does not exist' };
const manual: Gate = { id: 'go', withinSeconds: null, kind: 'manual' };
const webhook: Gate = {
  id: 'ci',
  withinSeconds: null,
  kind: 'webhook',
  address: { url: 'https://ci.example.com' },
  secretEnv: null,
  everySeconds: 60,
};

type Report = (isRoundOver: boolean, now: number) => Partial<WatchReport> | 'watching';

/** Reports once per round, as the activity does: the same verdict is not reported again before the round ends. */
function oncePerRound(report: Partial<WatchReport>): Report {
  let isReported = false;
  return (isRoundOver) => {
    if (isReported && !isRoundOver) return 'watching';
    isReported = true;
    return report;
  };
}

/** Bakes and waits last until a test changes them. Checks between them are clear. */
class Watched extends FakeActivities {
  baking: Report = () => 'watching';
  waiting: Report = () => 'watching';
  checking: Report = () => ({});

  constructor(change: Partial<Plan> = {}) {
    super(change);
    this.reports.push(({ mode, roundEnds }, now) => {
      const isRoundOver = now >= Date.parse(roundEnds);
      const report = { bake: this.baking, guard: this.waiting, final: this.checking }[mode](isRoundOver, now);
      return report === 'watching' && isRoundOver ? { kind: 'round' } : report;
    });
  }

  shifts(): string[] {
    return this.calls.filter((call) => call.startsWith('setWeights'));
  }
}

/** At 10 %, before half of the traffic. */
function gated(gate: Gate): Watched {
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
    { kind: 'gate', stage: 2, gate },
    { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
  ];
  return new Watched({ steps });
}

function inThreeDays(now: number): string {
  return new Date(now + 3 * 86_400_000).toISOString();
}

async function untilHeld(running: SimulatedRollout, message: RegExp): Promise<void> {
  await running.until(({ hold }) => message.test(hold?.message ?? ''));
}

describe('unknown after a wait', () => {
  it('gate: an alarm is unknown after it opens -> holds before the next step', async () => {
    const world = gated(manual);
    const result = await withRollout(world, async (running) => {
      await running.waitForCall('watch guard');
      world.checking = oncePerRound(unknown);
      await running.send('promote', ana);
      await untilHeld(running, /does not exist/);
      assert.deepEqual(world.shifts(), ['setWeights 90/10']);
      world.checking = () => ({});
      await running.send('retry', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
  });

  it('bake: an alarm is unknown after a pause -> holds before the next step', async () => {
    const world = new Watched();
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.send('pause', ana);
      world.baking = () => ({});
      await running.skipTime('11m');
      await running.waitForCall('watch guard');
      world.checking = oncePerRound(unknown);
      await running.send('resume', ana);
      await untilHeld(running, /does not exist/);
      assert.deepEqual(world.shifts(), ['setWeights 90/10']);
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('promotion: an alarm is unknown after a freeze -> holds and keeps the baseline', async () => {
    const world = new Watched();
    world.plan.freeze = [{ zone: 'UTC', kind: 'weekly', days: [6], from: '00:00', to: '24:00' }];
    world.baking = () => ({});
    world.pollInterval = '12h';
    const stays = oncePerRound(unknown);
    const free = { holds: false, until: null, message: 'nothing is frozen' };
    world.checking = (isRoundOver, now) => {
      if (world.shifts().at(-1) !== 'setWeights 0/100') return {};
      if (world.calendar.length === 0 && !world.calls.includes('watch guard'))
        world.calendar.push({ holds: true, until: inThreeDays(now), message: 'the weekend' }, free);
      return world.calls.includes('watch guard') ? stays(isRoundOver, now) : {};
    };
    await withRollout(world, async (running) => {
      await running.waitForCall('watch guard');
      await running.skipTime('4 days');
      await untilHeld(running, /does not exist/);
      assert.ok(!world.calls.includes(`deploy ${names.singleConfig.candidate}`));
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});

describe('external change', () => {
  it('external weight change after the last check: next step -> holds and does not overwrite it', async () => {
    const world = new Watched();
    const result = await withRollout(world, async (running) => {
      await running.phase('baking');
      world.setShares({ baseline: 100, candidate: 0 });
      world.baking = () => ({});
      await running.skipTime('11m');
      await untilHeld(running, /candidate has 0 % of the traffic, not 10 %/);
      assert.equal(world.endpoint('digits').weights[names.variant.candidate], 0);
      world.setShares({ baseline: 90, candidate: 10 });
      await running.send('retry', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
  });

  it('external config since preflight: first deployment -> holds and does not deploy', async () => {
    const world = new FakeActivities();
    world.config = 'hotfix';
    await withRollout(world, async (running) => {
      await untilHeld(running, /is on config hotfix, not on digits-original as the preflight found it/);
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
    assert.equal(world.config, 'hotfix');
    assert.ok(!world.calls.some((call) => call.startsWith('deploy')));
  });

  it('external update before the first deployment: in progress -> waits without a hold', async () => {
    const world = new FakeActivities();
    world.endpointStatus = 'Updating';
    const result = await withRollout(world, async (running) => {
      await running.until(({ waitingFor }) => /is Updating/.test(waitingFor?.what ?? ''));
      assert.equal((await running.status()).hold, null);
      world.endpointStatus = 'InService';
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
  });

  it('external weight change in the rollback window: end of the window -> stays open', async () => {
    const world = new Watched({ rollbackWindow: { seconds: 3_600, baseline: 'warm' } });
    const message = 'endpoint digits: baseline has 100 % of the traffic, not 0 %';
    const drift = { kind: 'weights' as const, message, weights: { baseline: 100, candidate: 0 } };
    world.baking = () => ({});
    await withRollout(world, async (running) => {
      await running.phase('rollbackWindow');
      world.waiting = world.baking = oncePerRound({ kind: 'drift', message, drift });
      world.checking = oncePerRound({ kind: 'drift', message, drift });
      await running.skipTime('2 hours');
      await untilHeld(running, /baseline has 100 %/);
      await running.send('promote', ana);
      await running.waitForCall('watch final');
      await running.skipTime('1 hour');
      assert.ok(!world.calls.includes(`deploy ${names.singleConfig.candidate}`));
      await running.send('undo', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});

describe('before the first user traffic', () => {
  it('before the first user traffic: an alarm fires -> fails without moving traffic', async () => {
    const steps: Step[] = [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    ];
    const world = new Watched({ steps });
    world.checking = () => ({ kind: 'fail', verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')] });
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'failed');
    assert.ok(!world.shifts().includes('setWeights 0/100'));
  });

  it('before the first user traffic: an alarm without data -> no hold', async () => {
    const world = new Watched();
    world.baking = () => ({});
    let checks = 0;
    world.checking = () => (checks++ === 0 ? unknown : {});
    const said = await withRollout(world, async (running) => {
      assert.equal((await running.result()).outcome, 'promoted');
      return (await running.timeline()).map(({ message }) => message);
    });
    assert.deepEqual(
      said.filter((message) => message.startsWith('holding')),
      [],
    );
  });

  it('before the first user traffic: pause during a hold -> weights are not set', async () => {
    const world = new Watched();
    const message = 'endpoint digits is being updated by someone else';
    const drift = { kind: 'inProgress' as const, message, weights: null };
    world.checking = oncePerRound({ kind: 'drift', message, drift });
    await withRollout(world, async (running) => {
      await untilHeld(running, /being updated/);
      await running.send('pause', ana);
      world.checking = () => ({});
      await running.send('retry', ana);
      await running.until(({ waitingFor, hold }) => waitingFor?.what === 'resume' && hold === null);
      assert.deepEqual(world.shifts(), []);
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});

describe('pause', () => {
  it('pause at a webhook gate: the webhook answers no -> rolls back', async () => {
    const world = gated(webhook);
    world.inProgress.add('pollGateWebhook');
    world.gateAnswer = { answer: 'no', message: 'tests are red' };
    await withRollout(world, async (running) => {
      await running.waitForCall('pollGateWebhook');
      await running.send('pause', ana);
      world.inProgress.clear();
      const result = await running.result();
      assert.equal(result.outcome, 'rolledBack');
      assert.match(result.reason, /tests are red/);
    });
  });
});

describe('adaptive split', () => {
  it('adaptive split: a guardrail is unknown -> the split does not change', async () => {
    const day = 86_400;
    const steps: Step[] = [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 50, candidate: 50 } },
      {
        kind: 'experiment',
        stage: 1,
        minimumSeconds: 14 * day,
        maximumSeconds: 28 * day,
        adapt: { everySeconds: day, floor: 10, cap: 90, maxStep: 10 },
      },
    ];
    const world = new FakeActivities({ steps });
    world.shares.push(60);
    world.pollInterval = '12h';
    let isUnreadable = true;
    const unreadable = {
      ...verdict('error', 'alarm digits-5xx cannot be read'),
      reason: 'readError' as const,
    };
    world.reports.push(({ mode, roundEnds }, now) => {
      if (mode !== 'bake') return {};
      if (now < Date.parse(roundEnds)) return 'watching';
      return { kind: 'round', verdicts: isUnreadable ? [unreadable] : [] };
    });
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.skipTime('3 days');
      await untilHeld(running, /cannot be read/);
      assert.ok(!world.calls.includes('chooseSplit'));
      isUnreadable = false;
      await running.skipTime('2 days');
      await running.waitForCall('setWeights 40/60');
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});
