import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Step } from '../../../src/plan/compiled/step.js';
import type { RolloutResult, TimelineEntry } from '../../../src/workflows/messages.js';
import { twoPeople } from '../../workflows/commands/signed-approvers.js';
import { names, FakeActivities } from '../../workflows/fake-activities.js';
import { withRollout, type SimulatedRollout } from '../../workflows/harness.js';
import { isWhole, seed } from '../seed.js';
import { alarm, command, type Action } from './actions.js';

/** Milliseconds. Actions are sent at multiples of it. */
const tickMs = 400;
const ticks = 50;
/** After the last tick. A rollout without commands has ended by then. */
const restMs = 60_000;

interface TimedAction {
  /** In ticks since the start. */
  at: number;
  action: Action;
  /** A rejected signal is recorded in the timeline. An update is answered. */
  how: 'signal' | 'update';
}

const timedAction: fc.Arbitrary<TimedAction> = fc.record({
  at: fc.integer({ min: 0, max: ticks - 1 }),
  action: fc.oneof({ weight: 7, arbitrary: command }, { weight: 1, arbitrary: alarm }),
  how: fc.constantFrom('signal' as const, 'update' as const),
});

const script = fc.array(timedAction, { minLength: 1, maxLength: 12, size: 'max' });

/** Two shares with bakes of seconds, an approval gate between them, and a rollback window of seconds. */
function shortRollout(isGated = true): FakeActivities {
  const gate = { ...twoPeople, people: 1, allowStarter: true };
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
    { kind: 'bake', stage: 1, seconds: 2 },
    ...(isGated ? [{ kind: 'gate', stage: 2, gate } as const] : []),
    { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
    { kind: 'bake', stage: 2, seconds: 2 },
  ];
  const fake = new FakeActivities({ steps, rollbackWindow: { seconds: 3, baseline: 'warm' } });
  fake.pollInterval = '500ms';
  fake.reports.push(({ mode, since, bakeSeconds, roundEnds }, now) => {
    if (mode === 'final') return {};
    if (mode === 'bake' && now >= Date.parse(since) + bakeSeconds * 1000) return {};
    return now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' };
  });
  return fake;
}

interface Run {
  fake: FakeActivities;
  actions: TimedAction[];
  /** Responses of updates, by the command's reason. */
  answers: Map<string, 'accepted' | 'rejected'>;
  result: RolloutResult;
  timeline: TimelineEntry[];
}

const reasonOf = (n: number) => `action ${n}`;

async function send(
  { handle }: SimulatedRollout,
  { action, how }: TimedAction,
  { answers, n }: { answers: Run['answers']; n: number },
): Promise<void> {
  if (action.kind === 'alarm') {
    const { name, state } = action;
    return swallowEnded(handle.signal('alarm', { name, state, reason: reasonOf(n) }));
  }
  const payload = {
    ...{ actor: action.actor, reason: reasonOf(n) },
    ...(action.name === 'promote' && action.full ? { full: true } : {}),
  };
  if (how === 'signal') return swallowEnded(handle.signal(action.name, payload));
  await handle.executeUpdate(action.name, { args: [payload] }).then(
    () => answers.set(reasonOf(n), 'accepted'),
    () => answers.set(reasonOf(n), 'rejected'),
  );
}

/** A rollout that has ended takes no signals. */
async function swallowEnded(signalled: Promise<void>): Promise<void> {
  await signalled.catch((error: unknown) =>
    assert.match(String(error), /not found|completed workflow|already completed/i),
  );
}

/** Aborts the rollout if it waits for a command at the end. */
function run(fake: FakeActivities, actions: TimedAction[]): Promise<Run> {
  return withRollout(fake, async (running) => {
    const answers: Run['answers'] = new Map();
    for (let at = 0; at < ticks; at++) {
      const due = actions.map((timed, n) => ({ timed, n })).filter(({ timed }) => timed.at === at);
      await Promise.all(due.map(({ timed, n }) => send(running, timed, { answers, n })));
      await running.skipTime(tickMs);
    }
    await running.skipTime(restMs);
    const enough = { actor: 'ana', reason: 'the end of the test' };
    await swallowEnded(running.handle.signal('abort', enough));
    return { fake, actions, answers, result: await running.result(), timeline: await running.timeline() };
  });
}

function assertInvariants({ actions, answers, fake, result, timeline }: Run): void {
  const commands = timeline.filter((entry) => entry.kind === 'command');
  const reasons = commands.map(({ reason }) => reason);
  assert.equal(new Set(reasons).size, reasons.length, 'a command is recorded twice');
  for (const [reason, answer] of answers)
    assert.equal(
      commands.find((entry) => entry.reason === reason)?.accepted ?? false,
      answer === 'accepted',
      reason,
    );
  for (const [n, { action, how }] of actions.entries()) {
    if (action.kind === 'command' && how === 'update')
      assert.ok(answers.has(reasonOf(n)), `action ${n} got no answer`);
  }
  const stopped = timeline.findIndex(
    (entry) => entry.kind === 'command' && entry.accepted && ['abort', 'undo'].includes(entry.command),
  );
  if (stopped < 0) assert.notEqual(result.outcome, 'aborted');
  else assertRollback(result, timeline.slice(stopped + 1));
  assertTraffic(fake, result);
}

function assertRollback({ outcome, reason }: RolloutResult, after: TimelineEntry[]): void {
  assert.ok(['aborted', 'rolledBack', 'inconclusive', 'failed'].includes(outcome), `${outcome}: ${reason}`);
  for (const entry of after) {
    if (entry.kind === 'weights')
      assert.equal(entry.weights['candidate'], 0, 'the candidate still got traffic');
    if (entry.kind === 'phase')
      assert.ok(['rollingBack', 'cleaningUp', 'ended'].includes(entry.phase), `continued to ${entry.phase}`);
  }
}

function assertTraffic(fake: FakeActivities, { outcome }: RolloutResult): void {
  const weights = fake.calls.filter((call) => call.startsWith('setWeights'));
  if (outcome === 'promoted') {
    assert.equal(fake.config, names.singleConfig.candidate);
    assert.equal(weights.at(-1), 'setWeights 0/100');
    return;
  }
  assert.equal(fake.config, 'digits-original', `${outcome} on ${fake.config}`);
  if (weights.length > 0) assert.equal(weights.at(-1), 'setWeights 100/0');
}

describe('random orders of commands and alarms', function () {
  // Thousands of rollouts are many minutes of computing.
  this.timeout(3_600_000);
  const scripts = isWhole ? 5_000 : 200;

  it('rollout without commands: played -> promoted', async () => {
    const undisturbed = await run(shortRollout(false), []);
    assertInvariants(undisturbed);
    assert.equal(undisturbed.result.outcome, 'promoted');
  });

  it(`commands and alarms: ${scripts} random scripts -> every command answered and recorded once (PENSTOCK_SEED=${seed})`, async () => {
    const outcomes = new Set<string>();
    for (const [i, actions] of fc.sample(script, { seed, numRuns: scripts }).entries()) {
      const played = await run(shortRollout(), actions);
      try {
        assertInvariants(played);
      } catch (error) {
        const { result, timeline } = played;
        const messages = timeline.map(({ at, message }) => `${at} ${message}`);
        const evidence = JSON.stringify({ actions, result, messages }, null, 1);
        throw new Error(`script ${i}: ${evidence}`, { cause: error });
      }
      outcomes.add(played.result.outcome);
    }
    assert.ok(outcomes.has('promoted') && outcomes.has('aborted'), [...outcomes].join(', '));
  });
});
