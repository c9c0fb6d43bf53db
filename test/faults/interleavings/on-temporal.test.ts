import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Step } from '../../../src/plan/compiled/step.js';
import { timelineQuery, type RolloutResult, type TimelineEntry } from '../../../src/workflows/messages.js';
import { twoPeople } from '../../workflows/commands/signed-approvers.js';
import { names, FakeActivities } from '../../workflows/fake-activities.js';
import { isWhole, seed } from '../seed.js';
import { alarm, command, type Action } from './actions.js';
import { withRollouts, type Member } from './command-storm.js';

/** Milliseconds. Actions are sent at multiples of it. */
const tickMs = 400;
const ticks = 50;

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

interface Run extends Member {
  actions: TimedAction[];
  /** Responses of updates, by the command's reason. */
  answers: Map<string, 'accepted' | 'rejected'>;
  result?: RolloutResult;
  timeline?: TimelineEntry[];
}

const reasonOf = (n: number) => `action ${n}`;

async function send({ handle, answers }: Run, { action, how }: TimedAction, n: number): Promise<void> {
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

/** Runs all scripts at once. The last rollout gets no commands: when it has ended, all others are aborted. */
async function runAll(runs: Run[]): Promise<void> {
  for (let at = 0; at < ticks; at++) {
    const due = runs.flatMap((run) =>
      run.actions.map((timed, n) => ({ run, timed, n })).filter(({ timed }) => timed.at === at),
    );
    await Promise.all(due.map(({ run, timed, n }) => send(run, timed, n)));
    await delay(tickMs);
  }
  await runs.at(-1)?.handle.result();
  const enough = { actor: 'ana', reason: 'the end of the test' };
  await Promise.all(runs.map(({ handle }) => swallowEnded(handle.signal('abort', enough))));
  for (const run of runs) {
    run.result = (await run.handle.result()) as RolloutResult;
    run.timeline = await run.handle.query(timelineQuery);
  }
}

function assertInvariants({ actions, answers, fake, result, timeline = [] }: Run): void {
  assert.ok(result);
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

describe('random orders of commands and alarms on Temporal', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(3_000_000);
  const [batches, size] = isWhole ? [10, 50] : [1, 50];

  it(`commands and alarms: ${batches * size} random scripts -> every command answered and recorded once (PENSTOCK_SEED=${seed})`, async () => {
    const scripts = fc.sample(script, { seed, numRuns: batches * size });
    const outcomes = new Set<string>();
    for (let batch = 0; batch < batches; batch++) {
      const mine = scripts.slice(batch * size, (batch + 1) * size);
      const fakes = [...mine.map(() => shortRollout()), shortRollout(false)];
      const runs = await withRollouts(fakes, async (members) => {
        const runs: Run[] = members.map((member, i) => ({
          ...member,
          actions: mine[i] ?? [],
          answers: new Map(),
        }));
        await runAll(runs);
        return runs;
      });
      for (const [i, run] of runs.entries()) {
        try {
          assertInvariants(run);
        } catch (error) {
          const { actions, result, timeline } = run;
          const messages = timeline?.map(({ at, message }) => `${at} ${message}`);
          const evidence = JSON.stringify({ actions, result, messages }, null, 1);
          throw new Error(`script ${batch * size + i}: ${evidence}`, { cause: error });
        }
        outcomes.add(run.result?.outcome ?? '');
      }
    }
    assert.ok(outcomes.has('promoted') && outcomes.has('aborted'), [...outcomes].join(', '));
  });
});
