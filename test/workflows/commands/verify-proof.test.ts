import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { Step } from '../../../src/plan/compiled/step.js';
import type { CommandEntry, PromoteCommand, TimelineEntry } from '../../../src/workflows/messages.js';
import { ProofReplayGuard } from '../../../src/workflows/commands/used-proofs.js';
import { Actors } from '../../support/actors.js';
import { assertRunbookEntry } from '../../support/runbook.js';
import { workflowBundle } from '../../support/workflow-bundle.js';
import type { RolloutUnderTest } from '../harness.js';
import { countNewRuns, inRuns, watchingWorld } from '../run/real-clock-runs.js';
import { twoPeople } from './signed-approvers.js';
import { FakeActivities } from '../fake-activities.js';

/** A world whose check of proofs waits until it is let go. */
class SlowlyChecked extends FakeActivities {
  letGo: () => void = () => undefined;
  private readonly gone = new Promise<void>((resolve) => (this.letGo = resolve));

  override get activities(): RolloutActivities {
    const all = super.activities;
    return {
      ...all,
      verifyActor: async (question) => {
        this.calls.push('asked who sends it');
        await this.gone;
        return all.verifyActor(question);
      },
    };
  }
}

type Noted = CommandEntry & { message: string };

function commandsIn(timeline: TimelineEntry[]): Noted[] {
  return timeline.filter((entry): entry is TimelineEntry & Noted => entry.kind === 'command');
}

async function untilNoted(running: RolloutUnderTest, what: (commands: Noted[]) => boolean): Promise<Noted[]> {
  for (let tries = 0; tries < 1200; tries++) {
    const commands = commandsIn(await running.timeline());
    if (what(commands)) return commands;
    await running.skipTime('50ms');
  }
  throw new Error(`never noted: ${JSON.stringify(await running.timeline(), null, 1)}`);
}

function refusedBecause(reason: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof WorkflowUpdateFailedError, String(error));
    assert.match(String(error.cause?.message), reason);
    return true;
  };
}

const onlyVerified = 'gate X counts only verified approvals: ...';

async function refusalOf(refused: Promise<unknown>): Promise<string> {
  const error: unknown = await refused.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof WorkflowUpdateFailedError, 'it was accepted');
  return String(error.cause?.message);
}

describe('a command with a proof', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(900_000);
  let actors: Actors;
  before(() => (actors = new Actors(['ben', 'cem'], ['eve'])));
  after(() => actors.close());

  /** Signed with the key of `signer`, for this rollout. */
  async function signed(
    { handle }: RolloutUnderTest,
    name: string,
    command: PromoteCommand,
    { signer = command.actor, now = new Date() } = {},
  ): Promise<PromoteCommand> {
    const { workflowId, raw, runId } = await handle.describe();
    const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? runId;
    const statement = { workflowId, firstRunId, command: name, full: false, ...command };
    return { ...command, proof: await actors.sign(signer, statement, now) };
  }

  function inGate<T>(
    test: (running: RolloutUnderTest) => Promise<T>,
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
    return inRuns(
      world,
      async (running) => {
        await running.phase('gated');
        return test(running);
      },
      workflowBundle(),
    );
  }

  const ben = { actor: 'ben', reason: 'numbers look good' };
  const cem = { actor: 'cem', reason: 'checked too' };
  const eve = { actor: 'eve', reason: 'why not' };

  it('is marked as verified, and counts for the person once, signed or not', async () => {
    const { result, commands } = await inGate(async (running) => {
      const { gate } = await running.send('approve', await signed(running, 'approve', ben));
      assert.deepEqual(gate?.approvals, ['ben']);
      await assert.rejects(running.send('approve', ben), refusedBecause(/ben has already approved/));
      await assert.rejects(
        running.send('approve', await signed(running, 'approve', ben)),
        refusedBecause(/ben has already approved/),
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

  it('that is wrong is refused, and the refusal noted, whatever is wrong with it', async () => {
    const commands = await inGate(async (running) => {
      const old = { now: new Date(Date.now() - 600_000) };
      const otherRun = await actors.sign('ben', {
        ...{ workflowId: running.handle.workflowId, firstRunId: 'another', command: 'approve', full: false },
        ...ben,
      });
      const wrong: [PromoteCommand, RegExp][] = [
        [await signed(running, 'approve', ben, { signer: 'eve' }), /it is not signed with a key of ben/],
        [{ ...(await signed(running, 'approve', cem)), actor: 'ben' }, /it is not signed with a key of ben/],
        [
          { ...(await signed(running, 'approve', ben)), reason: 'altered' },
          /the reason is not the one that was signed/,
        ],
        [await signed(running, 'promote', ben), /it was made for another command/],
        [{ ...ben, proof: otherRun }, /it was made for another rollout/],
        [await signed(running, 'approve', ben, old), /it has expired/],
        [{ ...ben, proof: 'x' }, /it is no JWS/],
      ];
      for (const [command, why] of wrong)
        await assert.rejects(running.send('approve', command), refusedBecause(why));
      const [[forged]] = wrong as [[PromoteCommand, RegExp]];
      await running.handle.signal('approve', forged);
      await untilNoted(running, (noted) => noted.length > wrong.length);
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

  it('that is used twice is refused the second time', async () => {
    await inGate(async (running) => {
      const pause = await signed(running, 'pause', ben);
      const resume = await signed(running, 'resume', ben);
      await running.send('pause', pause);
      await running.send('resume', resume);
      await running.send('pause', cem);
      await assert.rejects(running.send('resume', resume), refusedBecause(/it was used before/));
      await running.send('resume', ben);
      // Pausing is obeyed, and says so.
      await running.send('pause', pause);
      const last = commandsIn(await running.timeline()).at(-1);
      assert.deepEqual([last?.identity, last?.accepted], ['unverified', true]);
      assert.match(last?.message ?? '', /\(unverified, invalid signature: it was used before\)/);
      await running.send('abort', ben);
      await running.result();
    });
  });

  it('of somebody whom the worker does not know is as one without, and says so', async () => {
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

  it('aborts at once, right or wrong, and is marked afterwards', async () => {
    for (const [signer, identity, why] of [
      ['ben', 'verified', /^abort by ben \(verified\): /],
      [
        'eve',
        'unverified',
        /^abort by ben \(unverified, invalid signature: it is not signed with a key of ben\)/,
      ],
    ] as const) {
      const world = new SlowlyChecked();
      const { result, commands } = await inGate(async (running) => {
        const abort = await signed(running, 'abort', ben, { signer });
        await running.handle.signal('abort', abort);
        // Nothing has been checked yet.
        const { phase } = await running.until(({ phase }) => phase !== 'gated');
        assert.ok(['rollingBack', 'cleaningUp', 'ended'].includes(phase));
        const [noted] = commandsIn(await running.timeline());
        assert.equal(noted?.message, 'abort by ben (unverified): numbers look good');
        world.letGo();
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

  it('is looked at again after the check: the rollout may have come further', async () => {
    const world = new SlowlyChecked();
    await inGate(async (running) => {
      await running.handle.signal('approve', await signed(running, 'approve', ben));
      await running.waitForCall('asked who sends it');
      await running.send('approve', ben);
      world.letGo();
      const commands = await untilNoted(running, ({ length }) => length === 2);
      assert.match(
        commands[1]?.message ?? '',
        /^approve by ben \(verified\).*\(rejected: ben has already approved/,
      );
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

  it('does not open the gate behind the bake that a promote was meant to end', async () => {
    const world = new SlowlyChecked();
    world.actorKeys = actors.keys;
    const manual: Step = {
      ...{ kind: 'gate', stage: 2 },
      gate: { id: 'go', kind: 'manual', withinSeconds: null },
    };
    const bake: Step = { kind: 'bake', stage: 1, seconds: 1_800 };
    world.plan.steps = [...onTheWay, bake, manual, { ...bake, stage: 2 }];
    let isClear = false;
    world.nextLook = '500ms';
    world.reports.push(({ mode }) => (mode === 'final' || (mode === 'bake' && isClear) ? {} : 'watching'));
    await inRuns(
      world,
      async (running) => {
        await running.phase('baking');
        await running.handle.signal('promote', await signed(running, 'promote', ben));
        await running.waitForCall('asked who sends it');
        isClear = true;
        await running.phase('gated');
        isClear = false;
        world.letGo();
        const [promote] = await untilNoted(running, ({ length }) => length === 1);
        assertRunbookEntry(promote?.message, missed);
        assert.equal((await running.status()).phase, 'gated');
        await running.send('promote', await signed(running, 'promote', ben));
        await running.until(({ phase, step }) => phase === 'baking' && step.n === 2);
        await running.send('abort', ben);
        await running.result();
      },
      workflowBundle(),
    );
  });

  it('does not count at the gate behind the one that was approved', async () => {
    const world = new SlowlyChecked();
    world.actorKeys = actors.keys;
    const [first, second] = ['first', 'second'].map((id): Step => ({
      kind: 'gate',
      stage: 1,
      gate: { ...twoPeople, id, people: 1 },
    })) as [Step, Step];
    world.plan.steps = [...onTheWay.slice(0, 1), first, second, ...onTheWay.slice(1)];
    await inRuns(
      world,
      async (running) => {
        await running.phase('gated');
        await running.handle.signal('approve', await signed(running, 'approve', cem));
        await running.waitForCall('asked who sends it');
        await running.send('approve', ben);
        await running.until(({ gate }) => gate?.id === 'second');
        world.letGo();
        const [, approval] = await untilNoted(running, ({ length }) => length === 2);
        assertRunbookEntry(approval?.message, missed);
        assert.deepEqual((await running.status()).gate?.approvals, []);
        await running.send('abort', ben);
        await running.result();
      },
      workflowBundle(),
    );
  });

  it('that nobody can check is as one without', async () => {
    const world = new SlowlyChecked();
    const command = await inGate(async (running) => {
      const { gate } = await running.send('approve', await signed(running, 'approve', ben));
      assert.deepEqual(gate?.approvals, ['ben']);
      const [noted] = commandsIn(await running.timeline());
      // The worker does not end before its activities.
      world.letGo();
      await running.send('abort', cem);
      await running.result();
      return noted;
    }, world);
    assert.equal(command?.identity, 'unverified');
    assert.match(command?.message ?? '', /could not verify the signature: verifyActor timed out/);
  });

  it('is what a gate for verified approvals wants, and nothing less', async () => {
    const gate = { ...twoPeople, verified: true };
    const result = await inGate(
      async (running) => {
        assertRunbookEntry(await refusalOf(running.send('approve', ben)), onlyVerified);
        const unknown = await signed(running, 'approve', eve);
        assertRunbookEntry(await refusalOf(running.send('approve', unknown)), onlyVerified);
        const forged = await signed(running, 'approve', ben, { signer: 'eve' });
        await assert.rejects(running.send('approve', forged), refusedBecause(/not signed with a key of ben/));
        await running.send('approve', await signed(running, 'approve', ben));
        const { gate } = await running.status();
        assert.deepEqual(gate?.approvals, ['ben']);
        assert.match(gate?.message ?? '', /, not of the starter, verified$/);
        await running.send('approve', await signed(running, 'approve', cem));
        return running.result();
      },
      new FakeActivities(),
      gate,
    );
    assert.equal(result.outcome, 'promoted', result.reason);
  });

  it('is not needed: without one nothing is checked', async () => {
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

  it('is good in a later run of the rollout, and one that was used is not', async () => {
    const world = watchingWorld();
    world.actorKeys = actors.keys;
    const { timeline, newRuns } = await inRuns(world, async (running) => {
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
      await assert.rejects(running.send('resume', used), refusedBecause(/it was used before/));
      await running.send('resume', await signed(running, 'resume', cem));
      await running.send('abort', await signed(running, 'abort', cem));
      const timeline = await running.timeline();
      await running.result();
      return { timeline, newRuns };
    });
    assert.ok(newRuns > 0, 'it was one run only');
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

  it('is remembered for as long as it would be good', () => {
    const until = '2026-11-23T12:00:00.000Z';
    const used = new ProofReplayGuard();
    used.use('ben', { kind: 'verified', proofId: 'one', expiresAt: until });
    assert.equal(used.use('cem', { kind: 'verified', proofId: 'one', expiresAt: until }).kind, 'verified');
    assert.equal(used.use('ben', { kind: 'verified', proofId: 'one', expiresAt: until }).kind, 'wrong');
    assert.equal(used.unexpiredAt(Date.parse(until) - 1).length, 2);
    assert.deepEqual(used.unexpiredAt(Date.parse(until)), []);
  });
});
