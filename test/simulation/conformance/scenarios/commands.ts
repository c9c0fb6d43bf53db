/** Commands of operators to a rollout: accepted, rejected, repeated, and when they have ended it. */
import { FakeActivities, trainingModel } from '../../../workflows/fake-activities.js';
import { twoPeople } from '../../../workflows/commands/signed-approvers.js';
import { Actors } from '../../../support/actors.js';
import type { Scenario } from '../side.js';
import { baking, windowed } from './worlds.js';

function gatedForTwo(isVerified: boolean): FakeActivities {
  return new FakeActivities({
    steps: [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'gate', stage: 1, gate: { ...twoPeople, verified: isVerified } },
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    ],
  });
}

/** Sets weights during the second shift that someone else has changed. */
function driftingOnce(): FakeActivities {
  const world = new FakeActivities();
  world.failures.push({
    activity: 'setWeights',
    type: 'Drift',
    message: 'someone set 60 %',
    after: 'watch bake',
  });
  return world;
}

/** The first try of a rollback is denied. */
function deniedOnce(): FakeActivities {
  const world = baking();
  world.failures.push({
    activity: 'deploy',
    type: 'Rejected',
    message: 'access denied',
    after: 'watch bake',
  });
  return world;
}

function trainingForever(): FakeActivities {
  const world = new FakeActivities({ models: { baseline: { kind: 'live' }, candidate: trainingModel('b') } });
  world.inProgress.add('trainModel');
  return world;
}

export const commandScenarios: Scenario[] = [
  {
    name: 'abort during a bake',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.query('status');
      await rollout.command('abort');
      await rollout.result();
      await rollout.query('status');
      await rollout.query('timeline');
    },
  },
  {
    name: 'pause, resume and promote full',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.command('pause');
      await side.rest();
      await rollout.command('resume');
      await side.rest();
      await rollout.command('promote', { full: true });
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'promote of one bake',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.command('promote', {}, 'first');
      await rollout.until(({ step, phase }) => step.n === 2 && phase === 'baking');
      await rollout.command('promote', {}, 'second');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'approvals by two people, one of them twice, and by the starter',
    worlds: { 'rollout:digits': () => gatedForTwo(false) },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('gated');
      await rollout.command('approve', { actor: 'ana' }, 'starter');
      await rollout.command('approve', { actor: 'ben' }, 'ben');
      await rollout.command('approve', { actor: 'ben' }, 'ben again');
      await rollout.command('promote');
      await rollout.query('status');
      await rollout.command('approve', { actor: 'cem' }, 'cem');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'signed approvals, one of them with a wrong key',
    worlds: { 'rollout:digits': () => gatedForTwo(true) },
    async play(side) {
      const actors = new Actors(['ben', 'cem'], ['eva']);
      try {
        side.world().actorKeys = actors.keys;
        const rollout = await side.rollout();
        await rollout.phase('gated');
        const firstRunId = await side.firstRunId('rollout:digits');
        const signed = async (signer: string, actor: string) => {
          const reason = 'for the record';
          const statement = {
            workflowId: rollout.id,
            firstRunId,
            command: 'approve',
            actor,
            reason,
            full: false,
          };
          return { actor, proof: await actors.sign(signer, statement, new Date(side.nowMs)) };
        };
        await rollout.command('approve', { actor: 'ben' }, 'unsigned');
        await rollout.command('approve', await signed('ben', 'ben'), 'ben');
        await side.rest();
        await rollout.command('approve', await signed('eva', 'cem'), 'wrong key');
        await side.rest();
        await rollout.command('approve', await signed('cem', 'cem'), 'cem');
        await rollout.result();
        await rollout.query('timeline');
      } finally {
        actors.close();
      }
    },
  },
  {
    name: 'undo in the rollback window',
    worlds: {
      'rollout:digits': () => windowed({ rollbackWindow: { seconds: 86_400, baseline: 'scaledIn' } }),
    },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('rollbackWindow');
      await rollout.command('undo');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'promote ends the rollback window',
    worlds: { 'rollout:digits': windowed },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('rollbackWindow');
      await rollout.command('promote');
      await rollout.result();
    },
  },
  {
    name: 'retry during a hold on drift',
    worlds: { 'rollout:digits': driftingOnce },
    async play(side) {
      const rollout = await side.rollout();
      await side.called('setWeights 50/50');
      await rollout.until(({ hold }) => hold !== null);
      await rollout.query('status');
      await rollout.command('retry');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'retry of a rollback that was denied',
    worlds: { 'rollout:digits': deniedOnce },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.command('abort');
      await rollout.until(({ hold }) => hold?.reason === 'rollbackUnverified');
      await rollout.command('retry');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'abort during training',
    worlds: { 'rollout:digits': trainingForever },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('training');
      await rollout.command('abort');
      await rollout.result();
    },
  },
  {
    name: 'rejected updates leave no trace',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.command('resume');
      await rollout.command('approve');
      await rollout.command('undo');
      await rollout.command('abort', { actor: '' });
      await rollout.update('abort', [], 'without arguments');
      await rollout.update('abort', ['text'], 'text');
      await rollout.update('unknown', [{}]);
      await rollout.query('unknown');
      await rollout.command('abort');
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'an update sent twice with the same id',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.command('pause', {}, 'one');
      await rollout.command('pause', {}, 'one');
      await rollout.command('pause', {}, 'another');
      await side.rest();
      // A rejected update is forgotten: the same id may be sent again.
      await rollout.command('promote', {}, 'early');
      await rollout.command('resume');
      await side.rest();
      await rollout.command('promote', {}, 'early');
      await rollout.until(({ step, phase }) => step.n === 2 && phase === 'baking');
      await rollout.command('pause', {}, 'one');
      await rollout.command('abort', {}, 'last');
      await rollout.result();
      await rollout.command('abort', {}, 'last');
    },
  },
  {
    name: 'signals: accepted, rejected, unreadable, unknown',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      for (const [name, ...args] of [
        ['resume', { actor: 'ben', reason: 'not paused' }],
        ['pause', { actor: 'ben', reason: 'a check' }],
        ['pause'],
        ['alarm', { name: 'another', state: 'ALARM', reason: 'no guardrail of this rollout' }],
        ['unheard', 1, 2],
        ['alarm', { name: 'digits-5xx', state: 'ALARM', reason: 'too many errors' }],
      ] as [string, ...unknown[]][]) {
        await rollout.signal(name, ...args);
        await side.rest();
      }
      await rollout.result();
      await rollout.query('timeline');
    },
  },
  {
    name: 'cancellation by the client during a bake, twice',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.cancel();
      await rollout.result();
      await rollout.cancel();
      await rollout.query('timeline');
    },
  },
  {
    name: 'cancellation by the client during training',
    worlds: { 'rollout:digits': trainingForever },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('training');
      await rollout.cancel();
      await rollout.result();
    },
  },
  {
    name: 'termination, and requests after it',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await rollout.terminate('gone wrong');
      await rollout.result();
      await rollout.query('status');
      await rollout.signal('pause', { actor: 'ben', reason: 'late' });
      await rollout.command('pause');
      await rollout.cancel();
      await rollout.terminate('again');
    },
  },
  {
    name: 'requests after the end, and to a workflow that does not exist',
    worlds: { 'rollout:digits': () => new FakeActivities() },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.result();
      await rollout.query('status');
      await rollout.query('unknown');
      await rollout.signal('pause', { actor: 'ben', reason: 'late' });
      await rollout.command('abort');
      await rollout.cancel();
      await rollout.terminate('late');
      const absent = side.workflow('rollout:absent');
      await absent.query('status');
      await absent.signal('pause', {});
      await absent.command('abort');
      await absent.cancel();
      await absent.terminate('late');
      await absent.result();
    },
  },
  {
    name: 'a second start while the first is running, and after its end',
    worlds: { 'rollout:digits': baking },
    async play(side) {
      const rollout = await side.rollout();
      await rollout.phase('baking');
      await side.record('start again', side.rollout());
      await rollout.command('abort');
      await rollout.result();
    },
  },
];
