/**
 * Malformed signals and updates, as any client may send them. Updates are rejected with a message. Signals are ignored and
 * recorded in the timeline. The rollout continues.
 */
import assert from 'node:assert/strict';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { commandNames, type CommandName, validateCommand } from '../../../src/workflows/commands/rules.js';
import { sanitizeCommand, parseAlarmSignal } from '../../../src/workflows/commands/sanitize.js';
import type { Command, RolloutStatus } from '../../../src/workflows/messages.js';
import { FakeActivities } from '../../workflows/fake-activities.js';
import { withRollout, type SimulatedRollout } from '../../workflows/harness.js';
import { seed } from '../seed.js';
import { randomCases, times, type RandomCase } from './random-input.js';

/** Limited in size: Temporal stores rejected signals in the history too. */
const long = 'x'.repeat(20_000);
const megabyte = 'x'.repeat(1_000_000);
const nonStrings: unknown[] = [
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
const badStrings = ['', ' ', '\n', '\0', '\0\0', '\u0007', '\ud800', 'x'.repeat(1_001), long];

/** Each payload is invalid as a command: for example, it has no actor or no reason. */
const payloads: Record<string, (random: RandomCase) => unknown[]> = {
  'no object': (random) => [random.oneOf([null, 1, -1, true, false, '', 'abort', long, 1e308])],
  'a list': (random) => [
    random.oneOf([[], ['ana', 'why'], [{ actor: 'ana', reason: 'why' }], Array(10_000).fill(1)]),
  ],
  'no argument': () => [],
  'strings instead of an object': () => ['ana', 'looks wrong'],
  'no actor': (random) => [
    random.oneOf([{}, { reason: 'why' }, { reason: 'why', Actor: 'ana' }, { reason: 'why', user: 'ana' }]),
  ],
  'no reason': (random) => [
    random.oneOf([{ actor: 'ana' }, { actor: 'ana', Reason: 'why' }, { actor: 'ana', why: 'x' }]),
  ],
  'an actor that is not a string': (random) => [{ actor: random.oneOf(nonStrings), reason: 'why' }],
  'a reason that is not a string': (random) => [{ actor: 'ana', reason: random.oneOf(nonStrings) }],
  'an actor that is empty or too long': (random) => [{ actor: random.oneOf(badStrings), reason: 'why' }],
  'a reason that is empty or too long': (random) => [{ actor: 'ana', reason: random.oneOf(badStrings) }],
  'a proof that is not a string, or too long': (random) => [
    { actor: 'ana', reason: 'why', proof: random.oneOf([null, true, 7, {}, [], '', 'x'.repeat(10_001)]) },
  ],
  'full that is not a boolean': (random) => [
    { actor: 'ana', reason: 'why', full: random.oneOf(['true', 1, null, {}, [], 'x']) },
  ],
  prototypes: (random) => [
    random.oneOf([
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

describe(`malformed commands (PENSTOCK_SEED=${seed})`, () => {
  it('command rules: malformed payload -> rejected with a message that names the expected form', () => {
    for (const random of randomCases(1_000 * times, 'rules')) {
      const [kind, make] = random.oneOf(kinds);
      const name = random.oneOf(commandNames);
      const command = sanitizeCommand(make(random)[0]) as Command;
      const rejection = validateCommand(name, command, { ...situation, phase: 'baking' });
      assertMessage(rejection, name, kind);
    }
  });

  it('sanitized commands: malformed payload -> only strings within the length limit remain', () => {
    for (const random of randomCases(300 * times, 'legible')) {
      const given = random.oneOf(kinds)[1](random)[0];
      const sanitized = sanitizeCommand(given) as Record<string, unknown> | null;
      if (typeof sanitized !== 'object' || sanitized === null) continue;
      for (const text of [sanitized['actor'], sanitized['reason']])
        assert.ok(
          text === undefined ||
            (typeof text === 'string' && text.length <= 1_001 && !/[\0\u0007]/.test(text)),
        );
    }
  });

  it('alarm signals: malformed payload -> ignored, reason is truncated', () => {
    for (const alarm of alarms)
      assert.equal(parseAlarmSignal(alarm), null, JSON.stringify(alarm)?.slice(0, 100));
    const { reason = '' } = parseAlarmSignal({ name: 'a', state: 'ALARM', reason: megabyte }) ?? {};
    assert.equal(reason.length, 1_000);
  });

  it('malformed commands: sent to a rollout -> updates rejected, signals ignored, rollout unchanged', async () => {
    const fake = new FakeActivities();
    fake.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(fake, async (running) => {
      await running.phase('baking');
      const before = essenceOf(await running.status());
      const signals = 60 * times;
      for (const random of randomCases(signals, 'signals'))
        await running.handle.signal(random.oneOf(commandNames), ...random.oneOf(kinds)[1](random));
      for (const alarm of alarms)
        await running.handle.signal('alarm', ...(alarm === undefined ? [] : [alarm]));
      for (const random of randomCases(40 * times, 'updates')) {
        const name = random.oneOf(commandNames);
        const [kind, make] = random.oneOf(kinds);
        await assertRejected(running, name, kind, make(random));
      }
      await running.handle.signal('abort', { actor: 'ana', reason: megabyte });
      await assertRejected(running, 'abort', 'a megabyte', [{ actor: 'ana', reason: megabyte }]);
      assert.deepEqual(essenceOf(await running.status()), before);
      await assertRecorded(running, signals + 1);
      await assertNoTaskFailed(running);
      await running.send('abort', { actor: 'ana', reason: 'enough' });
      assert.equal((await running.result()).outcome, 'aborted');
    });
  });

  it('undecodable signal payloads: sent to a rollout -> rollout continues and accepts commands', async () => {
    const fake = new FakeActivities();
    fake.reports.push(({ mode }) => (mode === 'bake' ? 'watching' : {}));
    await withRollout(fake, async (running) => {
      await running.phase('baking');
      for (const payload of undecodable) {
        running.temporal.running(running.handle.workflowId).signal('pause', [payload]);
        await running.temporal.settle();
      }
      await running.send('pause', { actor: 'ana', reason: 'check that commands work' });
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
  ['unknown/encoding', '{}'],
  ['binary/encrypted', '{}'],
  ['json/protobuf', '{}'],
] as const;
const undecodable = [
  {},
  { data: bytes('{}') },
  ...encodings.map(([encoding, data]) => ({ metadata: { encoding: bytes(encoding) }, data: bytes(data) })),
];

async function assertRejected(
  running: SimulatedRollout,
  name: CommandName,
  kind: string,
  args: unknown[],
): Promise<void> {
  await assert.rejects(
    running.handle.executeUpdate(name, { args }),
    (error) => {
      assert.ok(error instanceof WorkflowUpdateFailedError, `${kind}: ${String(error)}`);
      assertMessage(error.cause?.message ?? null, name, kind);
      return true;
    },
    `${name}, ${kind}`,
  );
}

function assertMessage(rejection: string | null, name: string, kind: string): void {
  assert.ok(rejection !== null && rejection.length < 300, `${kind}: ${rejection?.slice(0, 400)}`);
  assert.match(rejection, new RegExp(`^${name}: expected `), kind);
  assert.doesNotMatch(rejection, /undefined|\[object|\0/, kind);
}

function essenceOf({ phase, paused, hold, step, variants, outcome }: RolloutStatus): object {
  return { phase, paused, hold, step, outcome, weights: variants.map(({ setWeight }) => setWeight) };
}

/** Each signal is in the timeline, without its megabyte of text. */
async function assertRecorded(running: SimulatedRollout, signals: number): Promise<void> {
  const timeline = await running.timeline();
  const commands = timeline.filter(({ kind }) => kind === 'command');
  assert.equal(commands.length, signals);
  assert.ok(commands.every((entry) => entry.kind === 'command' && !entry.accepted));
  const longest = Math.max(...timeline.map((entry) => JSON.stringify(entry).length));
  assert.ok(longest < 10_000, `an entry of ${longest} characters`);
}

async function assertNoTaskFailed(running: SimulatedRollout): Promise<void> {
  const { events } = await running.handle.fetchHistory();
  const failed = events?.filter((event) => event.workflowTaskFailedEventAttributes) ?? [];
  assert.deepEqual(
    failed.map((event) => event.workflowTaskFailedEventAttributes?.failure?.message),
    [],
  );
}
