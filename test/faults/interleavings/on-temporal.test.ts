import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Step } from '../../../src/plan/compiled/step.js';
import { timelineQuery, type RolloutResult, type TimelineEntry } from '../../../src/workflows/messages.js';
import { twoPeople } from '../../workflows/commands/signed-approvers.js';
import { names, FakeActivities } from '../../workflows/fake-activities.js';
import { isWhole, seed } from '../seed.js';
import { alarm, command, type Act } from './actions.js';
import { inWorlds, type Member } from './command-storm.js';

/** Milliseconds between two moments at which somebody may act. */
const beat = 400;
const beats = 50;

interface Deed {
  /** In beats since the start. */
  at: number;
  act: Act;
  /** A signal is recorded when it is refused; an update is answered. */
  how: 'signal' | 'update';
}

const deed: fc.Arbitrary<Deed> = fc.record({
  at: fc.integer({ min: 0, max: beats - 1 }),
  act: fc.oneof({ weight: 7, arbitrary: command }, { weight: 1, arbitrary: alarm }),
  how: fc.constantFrom('signal' as const, 'update' as const),
});

const script = fc.array(deed, { minLength: 1, maxLength: 12, size: 'max' });

/** Two shares with seconds each, a gate of approvals between them, and seconds for the way back. */
function world(isGated = true): FakeActivities {
  const gate = { ...twoPeople, people: 1, allowStarter: true };
  const steps: Step[] = [
    { kind: 'deploy', stage: 0, arrangement: { kind: 'sideBySide' } },
    { kind: 'setWeights', stage: 1, weights: { baseline: 90, candidate: 10 } },
    { kind: 'bake', stage: 1, seconds: 2 },
    ...(isGated ? [{ kind: 'gate', stage: 2, gate } as const] : []),
    { kind: 'setWeights', stage: 2, weights: { baseline: 50, candidate: 50 } },
    { kind: 'bake', stage: 2, seconds: 2 },
  ];
  const made = new FakeActivities({ steps, rollbackWindow: { seconds: 3, baseline: 'warm' } });
  made.nextLook = '500ms';
  made.reports.push(({ mode, since, bakeSeconds, roundEnds }, now) => {
    if (mode === 'final') return {};
    if (mode === 'bake' && now >= Date.parse(since) + bakeSeconds * 1000) return {};
    return now < Date.parse(roundEnds) ? 'watching' : { kind: 'round' };
  });
  return made;
}

interface Play extends Member {
  deeds: Deed[];
  /** What updates answered, by the command's reason. */
  answers: Map<string, 'accepted' | 'refused'>;
  result?: RolloutResult;
  timeline?: TimelineEntry[];
}

const reasonOf = (n: number) => `deed ${n}`;

async function carryOut({ handle, answers }: Play, { act, how }: Deed, n: number): Promise<void> {
  if (act.kind === 'alarm') {
    const { name, state } = act;
    return swallowEnded(handle.signal('alarm', { name, state, reason: reasonOf(n) }));
  }
  const payload = {
    ...{ actor: act.actor, reason: reasonOf(n) },
    ...(act.name === 'promote' && act.full ? { full: true } : {}),
  };
  if (how === 'signal') return swallowEnded(handle.signal(act.name, payload));
  await handle.executeUpdate(act.name, { args: [payload] }).then(
    () => answers.set(reasonOf(n), 'accepted'),
    () => answers.set(reasonOf(n), 'refused'),
  );
}

/** Nobody takes a signal once the rollout is over. */
async function swallowEnded(signalled: Promise<void>): Promise<void> {
  await signalled.catch((error: unknown) =>
    assert.match(String(error), /not found|completed workflow|already completed/i),
  );
}

/** All scripts at once. Whoever still waits when the last one, which nobody disturbs, has ended is aborted. */
async function playAll(plays: Play[]): Promise<void> {
  for (let at = 0; at < beats; at++) {
    const due = plays.flatMap((play) =>
      play.deeds.map((deed, n) => ({ play, deed, n })).filter(({ deed }) => deed.at === at),
    );
    await Promise.all(due.map(({ play, deed, n }) => carryOut(play, deed, n)));
    await delay(beat);
  }
  await plays.at(-1)?.handle.result();
  const enough = { actor: 'ana', reason: 'the end of the test' };
  await Promise.all(plays.map(({ handle }) => swallowEnded(handle.signal('abort', enough))));
  for (const play of plays) {
    play.result = (await play.handle.result()) as RolloutResult;
    play.timeline = await play.handle.query(timelineQuery);
  }
}

function judge({ deeds, answers, world, result, timeline = [] }: Play): void {
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
  for (const [n, { act, how }] of deeds.entries()) {
    if (act.kind === 'command' && how === 'update')
      assert.ok(answers.has(reasonOf(n)), `deed ${n} got no answer`);
  }
  const turned = timeline.findIndex(
    (entry) => entry.kind === 'command' && entry.accepted && ['abort', 'undo'].includes(entry.command),
  );
  if (turned < 0) assert.notEqual(result.outcome, 'aborted');
  else judgeWayBack(result, timeline.slice(turned + 1));
  judgeTraffic(world, result);
}

function judgeWayBack({ outcome, reason }: RolloutResult, after: TimelineEntry[]): void {
  assert.ok(['aborted', 'rolledBack', 'inconclusive', 'failed'].includes(outcome), `${outcome}: ${reason}`);
  for (const entry of after) {
    if (entry.kind === 'weights')
      assert.equal(entry.weights['candidate'], 0, 'traffic went on to the candidate');
    if (entry.kind === 'phase')
      assert.ok(['rollingBack', 'cleaningUp', 'ended'].includes(entry.phase), `went on to ${entry.phase}`);
  }
}

function judgeTraffic(world: FakeActivities, { outcome }: RolloutResult): void {
  const weights = world.calls.filter((call) => call.startsWith('setWeights'));
  if (outcome === 'promoted') {
    assert.equal(world.config, names.singleConfig.candidate);
    assert.equal(weights.at(-1), 'setWeights 0/100');
    return;
  }
  assert.equal(world.config, 'digits-original', `${outcome} on ${world.config}`);
  if (weights.length > 0) assert.equal(weights.at(-1), 'setWeights 100/0');
}

describe('commands and alarms in any order, on Temporal', function () {
  // The first start on a machine downloads or builds the server.
  this.timeout(3_000_000);
  const [crowds, size] = isWhole ? [10, 50] : [1, 50];

  it(`lose no abort, no answer and no record in ${crowds * size} rollouts (PENSTOCK_SEED=${seed})`, async () => {
    const scripts = fc.sample(script, { seed, numRuns: crowds * size });
    const outcomes = new Set<string>();
    for (let crowd = 0; crowd < crowds; crowd++) {
      const mine = scripts.slice(crowd * size, (crowd + 1) * size);
      const worlds = [...mine.map(() => world()), world(false)];
      const plays = await inWorlds(worlds, async (members) => {
        const plays: Play[] = members.map((member, i) => ({
          ...member,
          deeds: mine[i] ?? [],
          answers: new Map(),
        }));
        await playAll(plays);
        return plays;
      });
      for (const [i, play] of plays.entries()) {
        try {
          judge(play);
        } catch (error) {
          const { deeds, result, timeline } = play;
          const said = timeline?.map(({ at, message }) => `${at} ${message}`);
          throw new Error(`script ${crowd * size + i}: ${JSON.stringify({ deeds, result, said }, null, 1)}`, {
            cause: error,
          });
        }
        outcomes.add(play.result?.outcome ?? '');
      }
    }
    assert.ok(outcomes.has('promoted') && outcomes.has('aborted'), [...outcomes].join(', '));
  });
});
