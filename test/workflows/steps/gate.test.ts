import assert from 'node:assert/strict';
import { defaultStartMs } from '../../../src/simulation/temporal/simulated-temporal.js';
import type { Gate } from '../../../src/plan/compiled/gate.js';
import type { Plan } from '../../../src/plan/compiled/plan.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import { withRollout } from '../harness.js';
import { twoPeople } from '../commands/signed-approvers.js';
import { verdict, FakeActivities } from '../fake-activities.js';

const ana = { actor: 'ana', reason: 'numbers look good' };
const ben = { actor: 'ben', reason: 'checked' };
const cem = { actor: 'cem', reason: 'checked too' };

/** One share, then the gate, then all traffic. */
function gated(gate: Gate, change: Partial<Plan> = {}): FakeActivities {
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
    { kind: 'gate', stage: 2, gate },
    { kind: 'setWeights', stage: 2, weights: { baseline: 0, candidate: 100 } },
  ];
  const world = new FakeActivities({ steps, ...change });
  // Checks are clear. A watch during a wait lasts as long as the wait.
  world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
  return world;
}

const manual: Gate = { id: 'go', withinSeconds: null, kind: 'manual' };
const webhook: Gate = {
  id: 'ci',
  withinSeconds: null,
  kind: 'webhook',
  address: { url: 'https://ci.example.com' },
  secretEnv: null,
  everySeconds: 60,
};

describe('manual gate', () => {
  it('manual gate: promote after two days -> waits guarded and says for what, then opens', async () => {
    const world = gated(manual);
    const result = await withRollout(world, async (running) => {
      const status = await running.phase('gated');
      assert.equal(status.gate?.id, 'go');
      assert.match(status.waitingFor?.what ?? '', /waits for promote/);
      await running.waitForCall('watch guard');
      await running.skipTime('2 days');
      assert.equal((await running.status()).phase, 'gated');
      await running.send('promote', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
    assert.ok(world.calls.includes('setWeights 0/100'));
  });

  it('manual gate: an alarm fires -> rolls back', async () => {
    const world = gated(manual);
    world.reports.splice(
      0,
      1,
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')] }),
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
  });

  it('manual gate: not opened within its limit -> inconclusive, on the baseline', async () => {
    const world = gated({ ...manual, withinSeconds: 3_600 });
    world.reports.splice(0, 1, ({ mode, roundEnds }, now) =>
      mode === 'guard' && now < Date.parse(roundEnds)
        ? 'watching'
        : { kind: mode === 'guard' ? 'round' : 'clear' },
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'inconclusive');
    assert.match(result.reason, /gate go did not open/);
    assert.equal(world.config, 'digits-original');
  });
});

describe('approval gate', () => {
  it('approval gate: pause together with the last approval -> stays closed until resume', async () => {
    const world = gated({ ...twoPeople, people: 1 });
    const result = await withRollout(world, async (running) => {
      await running.phase('gated');
      await running.waitForCall('watch guard');
      await Promise.all([running.handle.signal('approve', ben), running.handle.signal('pause', ben)]);
      await running.until(({ paused }) => paused);
      await running.skipTime('1 day');
      assert.equal((await running.status()).phase, 'gated');
      await running.send('resume', ben);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('approval gate: two people required -> counts different people, not the starter', async () => {
    const world = gated(twoPeople);
    const result = await withRollout(world, async (running) => {
      await running.phase('gated');
      await assert.rejects(running.send('approve', ana), rejectedWith(/ana started the rollout/));
      const once = await running.send('approve', ben);
      assert.deepEqual(once.gate?.approvals, ['ben']);
      await assert.rejects(running.send('approve', ben), rejectedWith(/ben has already approved/));
      await assert.rejects(running.send('promote', cem), rejectedWith(/waits for approvals/));
      await running.send('approve', cem);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
  });

  it('approval gate: promote --full -> not skipped', async () => {
    const world = gated(twoPeople);
    await withRollout(world, async (running) => {
      await running.phase('gated');
      await running.send('promote', { ...ana, full: true });
      await running.skipTime('1 hour');
      assert.equal((await running.status()).phase, 'gated');
      await running.send('abort', ana);
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});

describe('webhook gate', () => {
  it('webhook gate: yes -> opens', async () => {
    const world = gated(webhook);
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.equal(world.calls.filter((call) => call === 'pollGateWebhook').length, 1);
  });

  it("webhook gate: no -> rolls back with the webhook's message", async () => {
    const world = gated(webhook);
    world.gateAnswer = { answer: 'no', message: 'load test failed' };
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
    assert.match(result.reason, /gate ci said no: load test failed/);
  });

  it('webhook gate: abort during a poll -> aborted', async () => {
    const world = gated(webhook);
    world.inProgress.add('pollGateWebhook');
    const result = await withRollout(world, async (running) => {
      await running.waitForCall('pollGateWebhook');
      await running.send('abort', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
  });
});

describe('hours gate', () => {
  it('hours gate: closed -> waits until its hours', async () => {
    const world = gated({ id: 'office', withinSeconds: null, kind: 'hours', open: [] });
    const opens = new Date(defaultStartMs + 3_600_000).toISOString();
    world.calendar.push(
      { holds: false, until: opens, message: 'opens later' },
      { holds: true, until: null, message: 'open' },
    );
    world.reports.splice(0, 1, ({ mode, roundEnds }, now) =>
      mode === 'guard' && now < Date.parse(roundEnds)
        ? 'watching'
        : { kind: mode === 'guard' ? 'round' : 'clear' },
    );
    const result = await withRollout(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
  });
});

describe('freeze', () => {
  const frozen = { holds: true, until: null, message: 'frozen until Monday' };

  it('freeze: abort during it -> no weight change before, then aborted', async () => {
    const world = gated(manual, {
      freeze: [{ zone: 'Europe/Berlin', kind: 'weekly', days: [5], from: '16:00', to: '08:00' }],
    });
    world.calendar.push(
      { ...frozen, holds: false },
      { ...frozen, holds: false },
      { ...frozen, holds: false },
      frozen,
    );
    const result = await withRollout(world, async (running) => {
      const { reason } = await running.until((status) => status.reason.startsWith('frozen'));
      assert.match(reason, /frozen until Monday/);
      await running.skipTime('1 hour');
      assert.ok(!world.calls.includes('setWeights 0/100'));
      await running.send('abort', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(world.config, 'digits-original');
  });
});

function rejectedWith(message: RegExp) {
  return (error: unknown) => {
    const { cause } = error as { cause?: { message?: string } };
    assert.match(cause?.message ?? String(error), message);
    return true;
  };
}
