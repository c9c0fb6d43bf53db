import assert from 'node:assert/strict';
import type { WavesResult } from '../../../src/workflows/waves/messages.js';
import { Fleet } from './fleet.js';
import { inWaves } from './waves-harness.js';
import { names, verdict, FakeActivities } from '../fake-activities.js';

const bea = { actor: 'bea', reason: 'wrong model' };
const sixDays = { seconds: 6 * 86_400, baseline: 'warm' as const };
const rollBack = { onFailure: 'rollBack', rollbackWindow: '6d' };
const hour = 3_600_000;

/** Is promoted, and its rollback window lasts to its end. */
function windowed(): FakeActivities {
  const world = new FakeActivities({ rollbackWindow: sixDays });
  world.pollInterval = '12h';
  world.reports.push(({ mode, roundEnds }, now) =>
    mode !== 'guard' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return world;
}

/** A guardrail fails in its first bake. */
function failing(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) =>
    mode === 'bake' ? { kind: 'fail', verdicts: [verdict('fail', 'error rate 7 % is not < 1 %')] } : {},
  );
  return world;
}

/** Its first bake lasts until a command ends it. */
function baking(): FakeActivities {
  const world = new FakeActivities();
  world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
  return world;
}

function outcomesOf({ rollouts }: WavesResult): (string | null)[] {
  return rollouts.map(({ outcome, state }) => outcome ?? state);
}

describe('waves', () => {
  it('waves: every rollout succeeds -> one wave after another, parallel in a wave, promoted', async () => {
    const fleet = new Fleet({ eu: new FakeActivities(), us: new FakeActivities(), ap: new FakeActivities() });
    await inWaves(fleet, [['eu'], ['us', 'ap']], { pauseBetween: '2h' }, async (running) => {
      const result = await running.result();
      assert.equal(result.outcome, 'promoted');
      assert.equal(result.reason, '3 promoted');
      assert.deepEqual(
        result.rollouts.map((each) => each.wave),
        [1, 2, 2],
      );
      for (const world of fleet.worlds.values()) assert.equal(world.config, names.singleConfig.candidate);
      const [eu, us, ap] = await Promise.all(['eu', 'us', 'ap'].map((short) => running.resultOf(short)));
      assert.ok(eu && us && ap);
      assert.ok(Date.parse(us.startedAt) - Date.parse(eu.endedAt) >= 2 * hour);
      assert.ok(Date.parse(ap.startedAt) < Date.parse(us.endedAt));
    });
  });

  it('waves: rollback windows -> the next wave starts when they open, the waves end when they close', async () => {
    const fleet = new Fleet({ eu: windowed(), us: windowed() });
    await inWaves(fleet, [['eu'], ['us']], {}, async (running) => {
      assert.equal((await running.result()).outcome, 'promoted');
      const [eu, us] = [await running.resultOf('eu'), await running.resultOf('us')];
      assert.ok(Date.parse(us.startedAt) < Date.parse(eu.startedAt) + 12 * hour, us.startedAt);
      assert.ok(Date.parse(us.endedAt) > Date.parse(us.startedAt) + 6 * 24 * hour);
      const phases = (await running.timeline()).flatMap((entry) =>
        entry.kind === 'phase' ? [entry.phase] : [],
      );
      assert.deepEqual(phases, ['releasing', 'releasing', 'finishing', 'ended']);
    });
  });

  it('waves: abort of one rollout -> accepted, and its starter is the starter of the waves', async () => {
    const fleet = new Fleet({ eu: baking() });
    await inWaves(fleet, [['eu']], {}, async (running) => {
      await running.baking('eu');
      const status = await running.sendTo('eu', 'abort', bea);
      assert.equal(status.startedBy, 'ana');
      const result = await running.result();
      assert.equal(result.outcome, 'aborted');
      assert.match(result.rollouts[0]?.reason ?? '', /aborted by bea: wrong model/);
    });
  });

  it('waves: spec invalid for an endpoint -> failed before any rollout starts', async () => {
    const fleet = new Fleet({ eu: new FakeActivities() });
    const fields = { guardrails: [{ metric: 'errorRate' }] };
    const result = await inWaves(fleet, [['eu']], fields, (running) => running.result());
    assert.equal(result.outcome, 'failed');
    assert.match(result.reason, /guardrails\[0\]/);
    assert.deepEqual(result.rollouts, []);
  });
});

describe('failure in a wave', () => {
  it('failure in a wave: default policy -> no further wave, promoted rollouts stay', async () => {
    const fleet = new Fleet({ eu: new FakeActivities(), us: failing(), ap: new FakeActivities() });
    const result = await inWaves(fleet, [['eu'], ['us'], ['ap']], {}, (running) => running.result());
    assert.equal(result.outcome, 'inconclusive');
    assert.deepEqual(outcomesOf(result), ['promoted', 'rolledBack', 'waiting']);
    const [us, ap] = [fleet.endpoint('us'), fleet.endpoint('ap')];
    assert.equal(
      result.reason,
      `not promoted: ${us}; the waves stop; 1 promoted, 1 rolledBack (${us}), 1 waiting (${ap})`,
    );
    assert.deepEqual(result.notUndone, []);
    assert.deepEqual(fleet.world('ap').calls, []);
  });

  it('failure in a wave: other rollouts of the wave -> continue to their end', async () => {
    const fleet = new Fleet({ eu: failing(), us: new FakeActivities() });
    const result = await inWaves(fleet, [['eu', 'us']], {}, (running) => running.result());
    assert.deepEqual(outcomesOf(result), ['rolledBack', 'promoted']);
  });

  it('failure in a wave: fewer failures than stopAfter -> the next wave starts', async () => {
    const fleet = new Fleet({
      eu: failing(),
      us: new FakeActivities(),
      ap: failing(),
      sa: new FakeActivities(),
    });
    const waves = [['eu'], ['us'], ['ap'], ['sa']];
    const result = await inWaves(fleet, waves, { stopAfter: 2 }, (running) => running.result());
    assert.deepEqual(outcomesOf(result), ['rolledBack', 'promoted', 'rolledBack', 'waiting']);
    assert.equal(result.outcome, 'inconclusive');
  });

  it('failure in a wave: every rollout rolled back -> rolledBack', async () => {
    const fleet = new Fleet({ eu: failing(), us: failing() });
    const result = await inWaves(fleet, [['eu', 'us']], {}, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
  });

  it('failure in a wave: another rollout of the endpoint runs -> notStarted, the other one continues', async () => {
    const fleet = new Fleet({ eu: baking() });
    await inWaves(fleet, [['eu']], {}, async (running) => {
      await running.baking('eu');
      const name = `other-${fleet.id}`;
      const handle = running.temporal.start('rolloutWaves', {
        workflowId: `waves:${name}`,
        args: [{ ...running.spec, name }],
      });
      const result = (await handle.result()) as WavesResult;
      assert.equal(result.outcome, 'failed');
      assert.deepEqual(outcomesOf(result), ['notStarted']);
      assert.match(result.rollouts[0]?.reason ?? '', /another rollout of .* is running/);
      assert.equal((await running.status()).rollouts[0]?.state, 'running');
    });
  });
});

describe('onFailure: rollBack', () => {
  it('onFailure rollBack: a failure -> undoes rollouts in their rollback window, aborts running ones', async () => {
    const fleet = new Fleet({ eu: windowed(), us: failing(), ap: baking(), sa: new FakeActivities() });
    await inWaves(fleet, [['eu'], ['us', 'ap'], ['sa']], rollBack, async (running) => {
      const result = await running.result();
      assert.deepEqual(outcomesOf(result), ['aborted', 'rolledBack', 'aborted', 'waiting']);
      assert.equal(result.outcome, 'rolledBack');
      assert.deepEqual(result.notUndone, []);
      for (const world of fleet.worlds.values()) assert.equal(world.config, 'digits-original');
      assert.match((await running.resultOf('eu')).reason, /undone by waves:.*: not promoted: us-/);
    });
  });

  it('onFailure rollBack: rollback window over -> the result names the endpoint', async () => {
    const fleet = new Fleet({ eu: new FakeActivities(), us: failing() });
    const result = await inWaves(fleet, [['eu'], ['us']], rollBack, (running) => running.result());
    assert.equal(result.outcome, 'inconclusive');
    assert.deepEqual(result.notUndone, [fleet.endpoint('eu')]);
    assert.match(result.reason, /could not be undone, rollback window over: eu-/);
  });

  it('onFailure rollBack: a failure in a rollback window -> undoes the other rollouts', async () => {
    const late = windowed();
    const [calm = () => ({})] = late.reports;
    late.reports.unshift(...Array.from({ length: 8 }, () => calm));
    late.reports.splice(8, 1, () => ({
      kind: 'fail',
      verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')],
    }));
    const fleet = new Fleet({ eu: windowed(), us: late });
    const result = await inWaves(fleet, [['eu'], ['us']], rollBack, (running) => running.result());
    assert.deepEqual(outcomesOf(result), ['aborted', 'rolledBack']);
  });
});

describe('commands to waves', () => {
  it('abort of waves: default policy -> running rollouts are aborted by the same actor, promoted ones stay', async () => {
    const fleet = new Fleet({ eu: windowed(), us: baking() });
    await inWaves(fleet, [['eu'], ['us']], {}, async (running) => {
      await running.baking('us');
      const status = await running.send('abort', bea);
      assert.equal(status.name, `all-${fleet.id}`);
      const result = await running.result();
      assert.deepEqual(outcomesOf(result), ['promoted', 'aborted']);
      assert.equal(result.outcome, 'inconclusive');
      assert.match(result.reason, /^aborted by bea: wrong model; 1 promoted, 1 aborted/);
      assert.match((await running.resultOf('us')).reason, /aborted by bea: wrong model \(waves:/);
    });
  });

  it('abort of waves: onFailure rollBack -> no rollout stays promoted', async () => {
    const fleet = new Fleet({ eu: windowed(), us: baking() });
    await inWaves(fleet, [['eu'], ['us']], rollBack, async (running) => {
      await running.baking('us');
      await running.send('abort', bea);
      const result = await running.result();
      assert.deepEqual(outcomesOf(result), ['aborted', 'aborted']);
      assert.equal(result.outcome, 'aborted');
    });
  });

  it('cancellation of waves through Temporal -> aborted', async () => {
    const fleet = new Fleet({ eu: baking() });
    await inWaves(fleet, [['eu']], {}, async (running) => {
      await running.baking('eu');
      await running.handle.cancel();
      const result = await running.result();
      assert.equal(result.outcome, 'aborted');
      assert.match(result.reason, /cancelled through Temporal/);
      assert.equal(fleet.world('eu').config, 'digits-original');
    });
  });

  it('pause of waves: between two waves -> waits until resume', async () => {
    const fleet = new Fleet({ eu: baking(), us: new FakeActivities() });
    await inWaves(fleet, [['eu'], ['us']], {}, async (running) => {
      await running.state('eu', 'running');
      await assert.rejects(running.send('resume', bea), refusal(/not paused/));
      assert.equal((await running.send('pause', bea)).paused, true);
      await assert.rejects(running.send('pause', bea), refusal(/already paused/));
      await assert.rejects(running.send('pause', { ...bea, actor: '' }), refusal(/"actor"/));
      fleet.world('eu').reports.splice(0);
      await running.skipTime('2h');
      const { rollouts, waitingFor } = await running.state('eu', 'ended');
      assert.equal(rollouts[1]?.state, 'waiting');
      assert.equal(waitingFor?.what, 'resume');
      await running.send('resume', bea);
      assert.equal((await running.result()).outcome, 'promoted');
    });
  });

  it('pause of waves: no further wave -> rejected', async () => {
    const fleet = new Fleet({ eu: baking() });
    await inWaves(fleet, [['eu']], {}, async (running) => {
      await running.baking('eu');
      await assert.rejects(running.send('pause', bea), refusal(/no further wave/));
    });
  });
});

function refusal(wanted: RegExp): (error: Error) => boolean {
  return (error) => wanted.test((error.cause as Error).message);
}
