import assert from 'node:assert/strict';
import { sleep } from '@temporalio/activity';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import type { CommandEntry, PromoteCommand, TimelineEntry } from '../../../src/workflows/messages.js';
import { ProofReplayGuard } from '../../../src/workflows/commands/used-proofs.js';
import { Actors } from '../../support/actors.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { withRollout, type SimulatedRollout } from '../harness.js';
import { inShortRuns } from '../run/in-short-runs.js';
import { countNewRuns, watchingWorld } from '../run/watching-world.js';
import { twoPeople } from './signed-approvers.js';
import { FakeActivities } from '../fake-activities.js';

/** Verifies no proof until a test releases the check. */
class SlowVerification extends FakeActivities {
  private isReleased = false;

  release(): void {
    this.isReleased = true;
  }

  override get activities(): RolloutActivities {
    const all = super.activities;
    return {
      ...all,
      verifyActor: async (question) => {
        this.calls.push('verifyActor began');
        while (!this.isReleased) await sleep('100ms');
        return all.verifyActor(question);
      },
    };
  }
}

type RecordedEntry = CommandEntry & { message: string };

function commandsIn(timeline: TimelineEntry[]): RecordedEntry[] {
  return timeline.filter((entry): entry is TimelineEntry & RecordedEntry => entry.kind === 'command');
}

async function untilRecorded(
  running: SimulatedRollout,
  isReached: (commands: RecordedEntry[]) => boolean,
): Promise<RecordedEntry[]> {
  const timeline = await running.untilTimeline((entries) => isReached(commandsIn(entries)), 'the commands');
  return commandsIn(timeline);
}

function rejectedBecause(reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    assert.match(String(error.cause?.message), reason);
    return true;
  };
}

const onlyVerified = 'gate X counts only verified approvals: ...';

async function rejectionOf(rejected: Promise<unknown>): Promise<string> {
  const error: unknown = await rejected.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof WorkflowUpdateFailedError, 'it was accepted');
  return String(error.cause?.message);
}

describe('signed commands', () => {
  let actors: Actors;
  before(() => (actors = new Actors(['ben', 'cem'], ['eve'])));
  after(() => actors.close());

  /** Signed with the key of `signer`, for this rollout. */
  async function signed(
    running: SimulatedRollout,
    name: string,
    command: PromoteCommand,
    { signer = command.actor, now = new Date(running.nowMs), firstRunId = running.firstRunId } = {},
  ): Promise<PromoteCommand> {
    const { workflowId } = running.handle;
    const statement = { workflowId, firstRunId, command: name, full: false, ...command };
    return { ...command, proof: await actors.sign(signer, statement, now) };
  }

  function inGate<T>(
    test: (running: SimulatedRollout) => Promise<T>,
    world = new FakeActivities(),
    gate = twoPeople,
  ): Promise<T> {
    const steps: Step[] = [
      { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
      { kind: 'gate', stage: 1, gate },
      { kind: 'setWeights', stage: 1, weights: { baseline: 0, candidate: 100 } },
    ];
    world.plan.steps = steps;
    world.actorKeys ??= actors.keys;
    return withRollout(world, async (running) => {
      await running.phase('gated');
      return test(running);
    });
  }

  const ben = { actor: 'ben', reason: 'numbers look good' };
  const cem = { actor: 'cem', reason: 'checked too' };
  const eve = { actor: 'eve', reason: 'why not' };

  it('signed commands: signed and unsigned approvals -> marked, and each person counts once', async () => {
    const { result, commands } = await inGate(async (running) => {
      const { gate } = await running.send('approve', await signed(running, 'approve', ben));
      assert.deepEqual(gate?.approvals, ['ben']);
      await assert.rejects(running.send('approve', ben), rejectedBecause(/ben has already approved/));
      await assert.rejects(
        running.send('approve', await signed(running, 'approve', ben)),
        rejectedBecause(/ben has already approved/),
      );
      await running.send('approve', cem);
      const result = await running.result();
      return { result, commands: commandsIn(await running.timeline()) };
    });
    assert.equal(result.outcome, 'promoted', result.reason);
    assert.deepEqual(
      commands.map(({ identity, accepted, message }) => [identity, accepted, message]),
      [
        ['verified', true, 'approve by ben (verified): numbers look good'],
        ['unverified', true, 'approve by cem (unverified): checked too'],
      ],
    );
  });

  it('signed commands: invalid signature -> rejected, and recorded in the timeline', async () => {
    const commands = await inGate(async (running) => {
      const old = { now: new Date(running.nowMs - 600_000) };
      const otherRun = await signed(running, 'approve', ben, { firstRunId: 'another' });
      const wrong: [PromoteCommand, RegExp][] = [
        [await signed(running, 'approve', ben, { signer: 'eve' }), /it is not signed with a key of ben/],
        [{ ...(await signed(running, 'approve', cem)), actor: 'ben' }, /it is not signed with a key of ben/],
        [
          { ...(await signed(running, 'approve', ben)), reason: 'altered' },
          /the reason or `full` is not the one that was signed/,
        ],
        [await signed(running, 'promote', ben), /it was made for another command/],
        [otherRun, /it was made for another rollout/],
        [await signed(running, 'approve', ben, old), /it has expired/],
        [{ ...ben, proof: 'x' }, /it is not a JWS/],
      ];
      for (const [command, why] of wrong)
        await assert.rejects(running.send('approve', command), rejectedBecause(why));
      const [[forged]] = wrong as [[PromoteCommand, RegExp]];
      await running.handle.signal('approve', forged);
      await untilRecorded(running, (recorded) => recorded.length > wrong.length);
      assert.deepEqual((await running.status()).gate?.approvals, []);
      await running.send('abort', ben);
      await running.result();
      return commandsIn(await running.timeline()).slice(0, -1);
    });
    assert.equal(commands.length, 8);
    for (const { identity, accepted, message } of commands) {
      assert.deepEqual([identity, accepted], ['unverified', false], message);
      assert.match(message, /\(rejected: the signature is invalid: /);
    }
  });

  it('signed commands: a proof used twice -> rejected the second time', async () => {
    await inGate(async (running) => {
      const pause = await signed(running, 'pause', ben);
      const resume = await signed(running, 'resume', ben);
      await running.send('pause', pause);
      await running.send('resume', resume);
      await running.send('pause', cem);
      await assert.rejects(running.send('resume', resume), rejectedBecause(/it was used before/));
      await running.send('resume', ben);
      // A pause is applied anyway, and the timeline says so.
      await running.send('pause', pause);
      const last = commandsIn(await running.timeline()).at(-1);
      assert.deepEqual([last?.identity, last?.accepted], ['unverified', true]);
      assert.match(last?.message ?? '', /\(unverified, invalid signature: it was used before\)/);
      await running.send('abort', ben);
      await running.result();
    });
  });

  it('signed commands: signature by an unknown actor -> accepted as unverified, with the reason in the timeline', async () => {
    const commands = await inGate(async (running) => {
      await running.send('approve', await signed(running, 'approve', eve));
      await running.send('approve', await signed(running, 'approve', ben));
      await running.result();
      return commandsIn(await running.timeline());
    });
    assert.deepEqual(
      commands.map(({ message }) => message),
      [
        'approve by eve (unverified, the worker has no public key of eve): why not',
        'approve by ben (verified): numbers look good',
      ],
    );
  });

  it('signed commands: abort -> applied at once, its signature is checked afterwards', async () => {
    for (const [signer, identity, why] of [
      ['ben', 'verified', /^abort by ben \(verified\): /],
      [
        'eve',
        'unverified',
        /^abort by ben \(unverified, invalid signature: it is not signed with a key of ben\)/,
      ],
    ] as const) {
      const world = new SlowVerification();
      const { result, commands } = await inGate(async (running) => {
        const abort = await signed(running, 'abort', ben, { signer });
        await running.handle.signal('abort', abort);
        // Nothing has been checked yet.
        const { phase } = await running.until(({ phase }) => phase !== 'gated');
        assert.ok(['rollingBack', 'cleaningUp', 'ended'].includes(phase));
        const [recorded] = commandsIn(await running.timeline());
        assert.equal(recorded?.message, 'abort by ben (unverified): numbers look good');
        world.release();
        const result = await running.result();
        return { result, commands: commandsIn(await running.timeline()) };
      }, world);
      assert.equal(result.outcome, 'aborted');
      assert.equal(world.config, 'digits-original');
      assert.deepEqual(
        commands.map((command) => [command.identity, command.accepted]),
        [[identity, true]],
      );
      assert.match(commands[0]?.message ?? '', why);
    }
  });

  it('signed commands: the state changes during the check -> validated again after it', async () => {
    const world = new SlowVerification();
    await inGate(async (running) => {
      await running.handle.signal('approve', await signed(running, 'approve', ben));
      await running.waitForCall('verifyActor began');
      await running.send('approve', ben);
      world.release();
      const commands = await untilRecorded(running, ({ length }) => length === 2);
      assert.match(
        commands[1]?.message ?? '',
        /^approve by ben \(verified\).*\(rejected: ben has already approved/,
      );
      await running.send('abort', ben);
      await running.result();
    }, world);
  });

  it('signed commands: the approval expires during the check -> rejected after it', async () => {
    const world = new SlowVerification();
    await inGate(async (running) => {
      const expires = new Date(running.nowMs + 2_000).toISOString();
      await running.handle.signal('approve', await signed(running, 'approve', { ...ben, expires }));
      await running.waitForCall('verifyActor began');
      await running.skipTime('5s');
      world.release();
      const [approval] = await untilRecorded(running, ({ length }) => length === 1);
      assert.match(approval?.message ?? '', /^approve by ben \(verified\).*\(rejected: the command expired/);
      assert.deepEqual((await running.status()).gate?.approvals, []);
      await running.send('abort', ben);
      await running.result();
    }, world);
  });

  const missed =
    'the rollout has moved on since this command was signed; check its status and send the command again';
  const onTheWay: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
  ];

  it('signed commands: a gate opens during the check of a promote -> the promote does not apply to the gate', async () => {
    const world = new SlowVerification();
    world.actorKeys = actors.keys;
    const manual: Step = {
      ...{ kind: 'gate', stage: 2 },
      gate: { id: 'go', kind: 'manual', withinSeconds: null },
    };
    const bake: Step = { kind: 'bake', stage: 1, seconds: 1_800 };
    world.plan.steps = [...onTheWay, bake, manual, { ...bake, stage: 2 }];
    let isClear = false;
    world.pollInterval = '500ms';
    world.reports.push(({ mode }) => (mode === 'final' || (mode === 'bake' && isClear) ? {} : 'watching'));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      await running.handle.signal('promote', await signed(running, 'promote', ben));
      await running.waitForCall('verifyActor began');
      isClear = true;
      await running.phase('gated');
      isClear = false;
      world.release();
      const [promote] = await untilRecorded(running, ({ length }) => length === 1);
      assertRunbookEntry(promote?.message, missed);
      assert.equal((await running.status()).phase, 'gated');
      await running.send('promote', await signed(running, 'promote', ben));
      await running.until(({ phase, step }) => phase === 'baking' && step.n === 2);
      await running.send('abort', ben);
      await running.result();
    });
  });

  it('signed commands: the next gate begins during the check of an approval -> the approval does not count there', async () => {
    const world = new SlowVerification();
    world.actorKeys = actors.keys;
    const [first, second] = ['first', 'second'].map((id): Step => ({
      kind: 'gate',
      stage: 1,
      gate: { ...twoPeople, id, people: 1 },
    })) as [Step, Step];
    world.plan.steps = [first, second, ...onTheWay];
    await withRollout(world, async (running) => {
      await running.phase('gated');
      await running.handle.signal('approve', await signed(running, 'approve', cem));
      await running.waitForCall('verifyActor began');
      await running.send('approve', ben);
      await running.until(({ gate }) => gate?.id === 'second');
      world.release();
      const [, approval] = await untilRecorded(running, ({ length }) => length === 2);
      assertRunbookEntry(approval?.message, missed);
      assert.deepEqual((await running.status()).gate?.approvals, []);
      await running.send('abort', ben);
      await running.result();
    });
  });

  it('signed commands: no worker can verify the signature in time -> accepted as unverified', async () => {
    const world = new SlowVerification();
    const command = await inGate(async (running) => {
      const { gate } = await running.send('approve', await signed(running, 'approve', ben));
      assert.deepEqual(gate?.approvals, ['ben']);
      const [recorded] = commandsIn(await running.timeline());
      // The worker does not end before its activities.
      world.release();
      await running.send('abort', cem);
      await running.result();
      return recorded;
    }, world);
    assert.equal(command?.identity, 'unverified');
    assert.match(command?.message ?? '', /could not verify the signature: verifyActor timed out/);
  });

  it('signed commands: a gate for verified approvals -> rejects unsigned and unknown signatures', async () => {
    const gate = { ...twoPeople, verified: true };
    const result = await inGate(
      async (running) => {
        assertRunbookEntry(await rejectionOf(running.send('approve', ben)), onlyVerified);
        const unknown = await signed(running, 'approve', eve);
        assertRunbookEntry(await rejectionOf(running.send('approve', unknown)), onlyVerified);
        const forged = await signed(running, 'approve', ben, { signer: 'eve' });
        await assert.rejects(
          running.send('approve', forged),
          rejectedBecause(/not signed with a key of ben/),
        );
        await running.send('approve', await signed(running, 'approve', ben));
        const { gate } = await running.status();
        assert.deepEqual(gate?.approvals, ['ben']);
        assert.match(gate?.message ?? '', /, not the starter \(verified approvals only\)$/);
        await running.send('approve', await signed(running, 'approve', cem));
        return running.result();
      },
      new FakeActivities(),
      gate,
    );
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('signed commands: no signature -> no check', async () => {
    const world = new FakeActivities();
    await inGate(async (running) => {
      await running.send('approve', ben);
      await running.send('approve', cem);
      await running.result();
      const commands = commandsIn(await running.timeline());
      assert.deepEqual(
        commands.map(({ identity }) => identity),
        ['unverified', 'unverified'],
      );
    }, world);
    assert.ok(!world.calls.includes('verifyActor'));
  });

  it('signed commands: after continue-as-new -> new proofs count, used ones are rejected', async () => {
    const world = watchingWorld();
    world.actorKeys = actors.keys;
    const { timeline, newRuns } = await inShortRuns(world, async (running) => {
      await running.phase('baking');
      await running.send('pause', ben);
      const used = await signed(running, 'resume', ben);
      await running.send('resume', used);
      for (let i = 0; i < 10; i++) {
        await running.send('pause', ben);
        await running.send('resume', ben);
      }
      await running.send('pause', ben);
      const newRuns = countNewRuns(await running.timeline());
      await assert.rejects(running.send('resume', used), rejectedBecause(/it was used before/));
      await running.send('resume', await signed(running, 'resume', cem));
      await running.send('abort', await signed(running, 'abort', cem));
      const timeline = await running.timeline();
      await running.result();
      return { timeline, newRuns };
    });
    assert.ok(newRuns > 0, 'only one run');
    assert.deepEqual(
      commandsIn(timeline)
        .filter(({ identity }) => identity === 'verified')
        .map(({ message }) => message),
      [
        'resume by ben (verified): numbers look good',
        'resume by cem (verified): checked too',
        'abort by cem (verified): checked too',
      ],
    );
  });

  it('used proofs: until their expiry -> remembered, then dropped', () => {
    const until = '2026-11-23T12:00:00.000Z';
    const used = new ProofReplayGuard();
    used.use('ben', { kind: 'verified', proofId: 'one', expiresAt: until });
    assert.equal(used.use('cem', { kind: 'verified', proofId: 'one', expiresAt: until }).kind, 'verified');
    assert.equal(used.use('ben', { kind: 'verified', proofId: 'one', expiresAt: until }).kind, 'invalid');
    assert.equal(used.unexpiredAt(Date.parse(until) - 1).length, 2);
    assert.deepEqual(used.unexpiredAt(Date.parse(until)), []);
  });
});
