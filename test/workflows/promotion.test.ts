import assert from 'node:assert/strict';
import type { Split } from '../../src/plan/split.js';
import { splitMemoKey } from '../../src/plan/split.js';
import { inWorld, type Running } from './harness.js';
import { names, verdict, World } from './world.js';

const ana = { actor: 'ana', reason: 'conversion fell' };
const sixDays = { seconds: 6 * 86_400, baseline: 'warm' as const };

function withWindow(): World {
  const world = new World({ rollbackWindow: sixDays });
  world.reports.push(({ mode, roundEnds }, now) =>
    mode !== 'guard' ? {} : now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' },
  );
  return world;
}

async function splitOf(running: Running): Promise<Split> {
  const { memo } = await running.handle.describe();
  return memo?.[splitMemoKey] as Split;
}

describe('the rollback window', () => {
  it('keeps both models, watched, and leaves the winner alone when it is over', async () => {
    const world = withWindow();
    const result = await inWorld(world, (running) => running.result());
    assert.equal(result.outcome, 'promoted');
    assert.ok(world.calls.indexOf('watch guard') > world.calls.indexOf('setWeights 0/100'));
    assert.equal(world.config, names.onlyConfig.candidate);
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted >= sixDays.seconds * 1000, `${lasted}`);
  });

  it('is when undo goes back at once, by weights, to the very config that served before', async () => {
    const world = withWindow();
    const result = await inWorld(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.send('undo', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'aborted');
    assert.equal(result.reason, 'undone by ana: conversion fell');
    assert.equal(world.config, 'digits-original');
    assert.ok(world.calls.indexOf('setWeights 100/0') < world.calls.indexOf('deploy digits-original'));
  });

  it('ends early on promote', async () => {
    const world = withWindow();
    const result = await inWorld(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.send('promote', ana);
      return running.result();
    });
    assert.equal(result.outcome, 'promoted');
    const lasted = Date.parse(result.endedAt) - Date.parse(result.startedAt);
    assert.ok(lasted < sixDays.seconds * 1000, `${lasted}`);
  });

  it('is when an alarm still rolls back', async () => {
    const world = withWindow();
    const guard = world.reports.splice(0, 1)[0];
    world.reports.push(...Array.from({ length: 4 }, () => guard ?? (() => ({}))), () => ({
      kind: 'fail',
      verdicts: [verdict('fail', 'alarm digits-5xx is in ALARM')],
    }));
    const result = await inWorld(world, (running) => running.result());
    assert.equal(result.outcome, 'rolledBack');
  });

  it('scaled in, goes back to full strength before the traffic comes back', async () => {
    const world = new World({ rollbackWindow: { ...sixDays, baseline: 'scaledIn' } });
    world.reports.push(({ mode }) => (mode === 'guard' ? 'watching' : {}));
    await inWorld(world, async (running) => {
      await running.phase('rollbackWindow');
      await running.called('setCounts 1/-');
      await running.called('watch guard');
      await running.send('undo', ana);
      await running.result();
    });
    const calls = world.calls.slice(world.calls.indexOf('setCounts 1/-') + 1);
    assert.ok(calls.includes('setCounts 2/-'), calls.join());
    assert.ok(calls.indexOf('setCounts 2/-') < calls.indexOf('setWeights 100/0'));
  });

  it('undo before it is refused, and says that abort is meant', async () => {
    const world = new World();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await inWorld(world, async (running) => {
      await running.phase('baking');
      await assert.rejects(running.send('undo', ana), (error: Error) =>
        /abort takes it back/.test((error.cause as Error).message),
      );
      await running.send('abort', ana);
      await running.result();
    });
  });
});

describe('capacity', () => {
  it('comes before weight on the way up', async () => {
    const world = new World();
    world.plan.serve = { ...world.plan.serve, count: 4, capacity: 'candidateFollows' };
    await inWorld(world, (running) => running.result());
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
  it('follows every weight, rises in sequence, and names the winner alone at the end', async () => {
    const world = new World();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await inWorld(world, async (running) => {
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

  it('goes back to the baseline before the weights do', async () => {
    const world = new World();
    world.reports.push(
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'too many errors')] }),
    );
    await inWorld(world, async (running) => {
      world.underWay.add('deploy');
      world.underWay.delete('deploy');
      await running.result();
      const last = await splitOf(running);
      assert.equal(last.candidateShare, 0);
      assert.deepEqual(last.targets, { baseline: { endpoint: 'digits', variant: null }, candidate: null });
    });
  });
});

describe('notices', () => {
  it('are sent once each, and tell of start, promotion and end', async () => {
    const world = new World({
      notify: [
        {
          kind: 'slack',
          address: { env: 'SLACK_URL' },
          occasions: ['started', 'gate', 'hold', 'rollback', 'promoted', 'page', 'ended'],
        },
      ],
    });
    await inWorld(world, (running) => running.result());
    const told = world.notices.map(({ notice }) => notice);
    assert.deepEqual(
      told.map(({ occasion }) => occasion),
      ['started', 'promoted', 'ended'],
    );
    assert.equal(new Set(told.map(({ id }) => id)).size, 3);
  });

  it('that cannot be sent stop nothing', async () => {
    const world = new World({ notify: [{ kind: 'sns', topicArn: 'arn', occasions: ['started'] }] });
    world.failures.push({ activity: 'notify', type: 'AccessDenied', message: 'not allowed to publish' });
    await inWorld(world, async (running) => {
      assert.equal((await running.result()).outcome, 'promoted');
      const entries = await running.timeline();
      assert.ok(entries.some(({ sentence }) => /not told of started by sns/.test(sentence)));
    });
  });

  it('page a person where the way back cannot be verified', async () => {
    const world = new World({ notify: [{ kind: 'sns', topicArn: 'arn', occasions: ['page'] }] });
    world.plan.limits.rollbackSeconds = 60;
    world.reports.push(
      () => ({}),
      () => ({ kind: 'fail', verdicts: [verdict('fail', 'too many errors')] }),
    );
    for (let n = 0; n < 20; n++)
      world.failures.push({ activity: 'observeEndpoint', type: 'AccessDenied', message: 'no' });
    const result = await inWorld(world, (running) => running.result());
    assert.equal(result.outcome, 'rollbackFailed');
    assert.equal(world.notices.length, 1);
  });
});
