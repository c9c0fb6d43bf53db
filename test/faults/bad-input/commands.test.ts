/** Signals and updates as anybody may send them: refused with a sentence or ignored with a note; the rollout goes on. */
import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { commandNames, type CommandName, validateCommand } from '../../../src/workflows/commands/rules.js';
import { sanitizeCommand, parseAlarmSignal } from '../../../src/workflows/commands/sanitize.js';
import type { Command, RolloutStatus } from '../../../src/workflows/messages.js';
import { timeSkipping } from '../../support/time-skipping.js';
import { withRollout, type RolloutUnderTest } from '../../workflows/harness.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { seed } from '../seed.js';
import { dice, times, type Dice } from './random-input.js';

/** What is refused as a signal stands in the history all the same: Temporal keeps what it is sent. */
const long = 'x'.repeat(20_000);
const megabyte = 'x'.repeat(1_000_000);
const noTexts: unknown[] = [
  1,
  true,
  null,
  [],
  {},
  ['ana'],
  { toString: 1 },
  { toString: null, valueOf: null },
  { length: 3 },
  1e308,
];
const badTexts = ['', ' ', '\n', '\0', '\0\0', '\u0007', '\ud800', 'x'.repeat(1_001), long];

/** No command, whatever the dice say: nobody asks, or nobody says why. */
const payloads: Record<string, (dice: Dice) => unknown[]> = {
  'no object': (dice) => [dice.oneOf([null, 1, -1, true, false, '', 'abort', long, 1e308])],
  'a list': (dice) => [
    dice.oneOf([[], ['ana', 'why'], [{ actor: 'ana', reason: 'why' }], Array(10_000).fill(1)]),
  ],
  'no argument': () => [],
  'texts in place of an object': () => ['ana', 'looks wrong'],
  nobody: (dice) => [
    dice.oneOf([{}, { reason: 'why' }, { reason: 'why', Actor: 'ana' }, { reason: 'why', user: 'ana' }]),
  ],
  'no reason': (dice) => [
    dice.oneOf([{ actor: 'ana' }, { actor: 'ana', Reason: 'why' }, { actor: 'ana', why: 'x' }]),
  ],
  'an actor that is no text': (dice) => [{ actor: dice.oneOf(noTexts), reason: 'why' }],
  'a reason that is no text': (dice) => [{ actor: 'ana', reason: dice.oneOf(noTexts) }],
  'an actor that says nothing, or too much': (dice) => [{ actor: dice.oneOf(badTexts), reason: 'why' }],
  'a reason that says nothing, or too much': (dice) => [{ actor: 'ana', reason: dice.oneOf(badTexts) }],
  'a proof that is no text, or too long': (dice) => [
    { actor: 'ana', reason: 'why', proof: dice.oneOf([null, true, 7, {}, [], '', 'x'.repeat(10_001)]) },
  ],
  'full that is neither': (dice) => [
    { actor: 'ana', reason: 'why', full: dice.oneOf(['true', 1, null, {}, [], 'x']) },
  ],
  prototypes: (dice) => [
    dice.oneOf([
      JSON.parse('{"__proto__": {"actor": "ana", "reason": "why"}}') as unknown,
      JSON.parse('{"constructor": {"prototype": {"actor": "ana"}}, "reason": "why"}') as unknown,
      { toString: 1, actor: { toString: 1 }, reason: 'why' },
    ]),
  ],
};
const kinds = Object.entries(payloads);

const alarms: unknown[] = [
  ...[
    undefined,
    null,
    1,
    'ALARM',
    [],
    {},
    { name: 1, state: 'ALARM' },
    { name: 'digits-5xx' },
    { state: 'ALARM' },
  ],
  ...[
    { name: ['digits-5xx'], state: 'ALARM' },
    { name: 'digits-5xx', state: {} },
    { name: long, state: 'ALARM' },
  ],
  { name: { toString: 1 }, state: { toString: 1 } },
];

const situation = {
  stage: 1,
  paused: false,
  canUndo: false,
  outcome: null,
  stopping: false,
  holding: true,
  startedBy: 'bo',
  gate: null,
} as const;

describe(`commands that cannot be (PENSTOCK_SEED=${seed})`, () => {
  it('are refused in a sentence that says what is wanted, by every rule', () => {
    for (const throws of dice(1_000 * times, 'rules')) {
      const [kind, make] = throws.oneOf(kinds);
      const name = throws.oneOf(commandNames);
      const command = sanitizeCommand(make(throws)[0]) as Command;
      const refusal = validateCommand(name, command, { ...situation, phase: 'baking' });
      assertSentence(refusal, name, kind);
    }
  });

  it('leave nothing that is no text, or longer than a command may be', () => {
    for (const throws of dice(300 * times, 'legible')) {
      const given = throws.oneOf(kinds)[1](throws)[0];
      const told = sanitizeCommand(given) as Record<string, unknown> | null;
      if (typeof told !== 'object' || told === null) continue;
      for (const text of [told['actor'], told['reason']])
        assert.ok(
          text === undefined ||
            (typeof text === 'string' && text.length <= 1_001 && !/[\0\u0007]/.test(text)),
        );
    }
  });

  it('are no alarms either', () => {
    for (const alarm of alarms)
      assert.equal(parseAlarmSignal(alarm), null, JSON.stringify(alarm)?.slice(0, 100));
    const { reason = '' } = parseAlarmSignal({ name: 'a', state: 'ALARM', reason: megabyte }) ?? {};
    assert.equal(reason.length, 1_000);
  });

  it('as updates are refused, as signals ignored, and the rollout stays as it was and can be aborted', async () => {
    const world = new FakeActivities();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      const before = essenceOf(await running.status());
      const signals = 60 * times;
      for (const throws of dice(signals, 'signals'))
        await running.handle.signal(throws.oneOf(commandNames), ...throws.oneOf(kinds)[1](throws));
      for (const alarm of alarms)
        await running.handle.signal('alarm', ...(alarm === undefined ? [] : [alarm]));
      for (const throws of dice(40 * times, 'updates')) {
        const name = throws.oneOf(commandNames);
        const [kind, make] = throws.oneOf(kinds);
        await assertRefused(running, name, kind, make(throws));
      }
      await running.handle.signal('abort', { actor: 'ana', reason: megabyte });
      await assertRefused(running, 'abort', 'a megabyte', [{ actor: 'ana', reason: megabyte }]);
      assert.deepEqual(essenceOf(await running.status()), before);
      await assertNotes(running, signals + 1);
      await assertNoTaskFailed(running);
      await running.send('abort', { actor: 'ana', reason: 'enough' });
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('as bytes that nobody can read do not stop the rollout', async () => {
    const world = new FakeActivities();
    world.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(world, async (running) => {
      await running.phase('baking');
      const { client } = await timeSkipping();
      for (const payload of unreadable)
        await client.workflowService.signalWorkflowExecution({
          namespace: client.options.namespace,
          workflowExecution: { workflowId: running.handle.workflowId },
          signalName: 'pause',
          input: { payloads: [payload] },
        });
      await running.send('pause', { actor: 'ana', reason: 'to see that it listens' });
      assert.equal((await running.status()).paused, true);
      await assertNoTaskFailed(running);
      await running.send('abort', { actor: 'ana', reason: 'enough' });
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });
});

const bytes = (text: string) => new TextEncoder().encode(text);
const encodings = [
  ['json/plain', '{'],
  ['json/plain', ''],
  ['json/plain', '\0\ufffd'],
  ['binary/plain', 'abc'],
  ['binary/null', ''],
  ['nobody/knows', '{}'],
  ['binary/encrypted', '{}'],
  ['json/protobuf', '{}'],
] as const;
const unreadable = [
  {},
  { data: bytes('{}') },
  ...encodings.map(([encoding, data]) => ({ metadata: { encoding: bytes(encoding) }, data: bytes(data) })),
];

async function assertRefused(
  running: RolloutUnderTest,
  name: CommandName,
  kind: string,
  args: unknown[],
): Promise<void> {
  await assert.rejects(
    running.handle.executeUpdate(name, { args: args as [Command] }),
    (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError, `${kind}: ${String(error)}`);
      assertSentence(error.cause?.message ?? null, name, kind);
      return true;
    },
    `${name}, ${kind}`,
  );
}

function assertSentence(refusal: string | null, name: string, kind: string): void {
  assert.ok(refusal !== null && refusal.length < 300, `${kind}: ${refusal?.slice(0, 400)}`);
  assert.match(refusal, new RegExp(`^${name}(:| takes one object)`), kind);
  assert.doesNotMatch(refusal, /undefined|\[object|\0/, kind);
}

function essenceOf({ phase, paused, hold, step, variants, outcome }: RolloutStatus): object {
  return { phase, paused, hold, step, outcome, weights: variants.map(({ setWeight }) => setWeight) };
}

/** Each signal is in the timeline, and none has brought its megabyte along. */
async function assertNotes(running: RolloutUnderTest, signals: number): Promise<void> {
  const timeline = await running.timeline();
  const commands = timeline.filter(({ kind }) => kind === 'command');
  assert.equal(commands.length, signals);
  assert.ok(commands.every((entry) => entry.kind === 'command' && !entry.accepted));
  const longest = Math.max(...timeline.map((entry) => JSON.stringify(entry).length));
  assert.ok(longest < 10_000, `an entry of ${longest} characters`);
}

async function assertNoTaskFailed(running: RolloutUnderTest): Promise<void> {
  const { events } = await running.handle.fetchHistory();
  const failed = events?.filter((event) => event.workflowTaskFailedEventAttributes) ?? [];
  assert.deepEqual(
    failed.map((event) => event.workflowTaskFailedEventAttributes?.failure?.message),
    [],
  );
}
