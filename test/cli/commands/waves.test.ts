import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import {
  WavesAlreadyRunning,
  type LiveWaves,
  type StartedBy,
  type WavesJson,
  type WavesResult,
} from '../../../src/client.js';
import type { RolloutOperations } from '../../../src/cli/support/context.js';
import { exitCodes, outcomes } from '../../../src/plan/outcome.js';
import type { Command } from '../../../src/workflows/messages.js';
import { connectTo, penstock } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

const file = fileURLToPath(new URL('../specs/waves.yaml', import.meta.url));
const started = { name: 'everywhere', workflowId: 'waves:everywhere', runId: 'run-1' };

function statusOf(change: Partial<LiveWaves> = {}): LiveWaves {
  const rollout = { serving: null, phase: null, candidateWeight: null, outcome: null, reason: '' };
  return {
    name: 'everywhere',
    strategy: 'canary',
    phase: 'releasing',
    outcome: null,
    reason: 'digits-us, digits-ap',
    wave: { n: 2, of: 3 },
    paused: false,
    waitingFor: { what: 'every rollout of the wave to be promoted', until: null },
    failures: { n: 0, stopAfter: 1 },
    version: null,
    rollouts: [
      {
        ...rollout,
        endpoint: 'digits-eu',
        workflowId: 'rollout:digits-eu',
        wave: 1,
        state: 'rollbackWindow',
        reason: 'promoted; can still be undone',
        phase: 'rollbackWindow',
        candidateWeight: 100,
      },
      {
        ...rollout,
        endpoint: 'digits-us',
        workflowId: 'rollout:digits-us',
        wave: 2,
        state: 'running',
        phase: 'baking',
        candidateWeight: 10,
      },
      { ...rollout, endpoint: 'digits-ap', workflowId: 'rollout:digits-ap', wave: 2, state: 'notStarted' },
      { ...rollout, endpoint: 'digits-sa', workflowId: 'rollout:digits-sa', wave: 3, state: 'waiting' },
    ],
    startedBy: 'ana',
    startedAt: '2026-11-23T10:55:00.000Z',
    phaseSince: '2026-11-23T11:00:00.000Z',
    ...change,
  };
}

function resultOf(change: Partial<WavesResult> = {}): WavesResult {
  const rollouts = statusOf().rollouts.map(({ endpoint, workflowId, wave }) => ({
    ...{ endpoint, workflowId, wave, serving: null },
    ...{ state: 'ended' as const, outcome: 'promoted' as const, reason: 'verified' },
  }));
  return {
    name: 'everywhere',
    outcome: 'promoted',
    reason: '4 promoted',
    rollouts,
    notUndone: [],
    startedAt: '2026-11-23T10:55:00.000Z',
    endedAt: '2026-11-23T14:55:00.000Z',
    ...change,
  };
}

/** A call of any other method fails. */
function wavesOf(answers: Partial<RolloutOperations['waves']>): ReturnType<typeof connectTo> {
  return connectTo({ waves: answers as RolloutOperations['waves'] });
}

describe('penstock start with waves', () => {
  it('penstock start with waves: golden file -> its records are in the spec; prints how to follow', async () => {
    let spec: WavesJson | null = null;
    const start = (given: WavesJson) => ((spec = given), Promise.resolve(started));
    const { exitCode, stdout, stderr } = await penstock(['start', file], wavesOf({ start }));
    assert.deepEqual([exitCode, stdout], [0, 'waves:everywhere\n']);
    assert.match(stderr, /penstock waves everywhere/);
    assert.match(JSON.stringify(spec), /"validate":{"golden":{"records":\[/);
  });

  it('penstock start with waves: --task-queue -> the waves are started on that queue', async () => {
    let given: unknown = null;
    const start = (_spec: WavesJson, by: StartedBy) => ((given = by.taskQueue), Promise.resolve(started));
    await penstock(['start', file, '--task-queue', 'penstock-us'], wavesOf({ start }));
    assert.equal(given, 'penstock-us');
  });

  it('penstock start with waves: --wait -> one line per change, then the outcome of each rollout', async () => {
    const statuses = [statusOf({ phase: 'planning', rollouts: [] }), statusOf(), statusOf()];
    let end: (result: WavesResult) => void = () => undefined;
    const ended = new Promise<WavesResult>((resolve) => (end = resolve));
    const connected = wavesOf({
      start: () => Promise.resolve(started),
      wait: () => ended,
      get: () => {
        const next = statuses.shift();
        if (!next) end(resultOf());
        return Promise.resolve(
          next ?? statusOf({ phase: 'ended', outcome: 'promoted', reason: '4 promoted' }),
        );
      },
    });
    const { exitCode, stdout, stderr } = await penstock(['start', file, '--wait'], connected);
    assert.equal(exitCode, 0);
    assertSnapshot('waves-result', stdout);
    assertSnapshot('waves-lines', stderr);
  });

  for (const outcome of outcomes)
    it(`penstock start with waves: outcome ${outcome} -> exit code ${exitCodes[outcome]}`, async () => {
      const connected = wavesOf({
        start: () => Promise.resolve(started),
        wait: () => Promise.resolve(resultOf({ outcome })),
        get: () => Promise.resolve(statusOf({ phase: 'ended', outcome })),
      });
      const { exitCode, stdout } = await penstock(['start', file, '--wait', '--json'], connected);
      assert.equal(exitCode, exitCodes[outcome]);
      assert.equal((JSON.parse(stdout) as WavesResult).outcome, outcome);
    });

  it('penstock start with waves: already running -> exit code 1', async () => {
    const start = () => Promise.reject(new WavesAlreadyRunning('everywhere', 'waves:everywhere', 'bea'));
    const { exitCode, stderr } = await penstock(['start', file], wavesOf({ start }));
    assert.equal(exitCode, 1);
    assert.match(stderr, /already running \(waves:everywhere\), started by bea/);
  });
});

describe('penstock waves', () => {
  it('penstock waves: running waves -> a table', async () => {
    const { exitCode, stdout } = await penstock(
      ['waves', 'everywhere'],
      wavesOf({ get: () => Promise.resolve(statusOf({ paused: true })) }),
    );
    assert.equal(exitCode, 0);
    assertSnapshot('waves', stdout);
  });

  it('penstock waves: --json -> one document', async () => {
    const get = () => Promise.resolve(statusOf());
    const { stdout } = await penstock(['waves', 'everywhere', '--json'], wavesOf({ get }));
    assert.deepEqual(JSON.parse(stdout), statusOf());
  });

  for (const verb of ['abort', 'pause', 'resume'] as const)
    it(`penstock waves ${verb}: sends the actor and the reason`, async () => {
      const sent: unknown[] = [];
      const send = (name: string, command: Command) => (
        sent.push(name, command),
        Promise.resolve(statusOf())
      );
      const argv = ['waves', verb, 'everywhere', '--reason', 'wrong model', '--actor', 'bea'];
      const { exitCode, stdout } = await penstock(argv, wavesOf({ [verb]: send }));
      assert.equal(exitCode, 0);
      assert.deepEqual(sent, ['everywhere', { actor: 'bea', reason: 'wrong model' }]);
      assert.equal(
        stdout,
        `${verb} accepted: waves everywhere are releasing, wave 2 of 3: digits-us, digits-ap\n`,
      );
    });

  it('penstock waves abort: no --reason -> exit code 2', async () => {
    const { exitCode, stderr } = await penstock(['waves', 'abort', 'everywhere']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /--reason/);
  });
});

describe('a spec with waves', () => {
  it('penstock lint: spec with waves -> checks it', async () => {
    const { exitCode, stdout } = await penstock(['lint', file]);
    assert.equal(exitCode, 0);
    assert.equal(stdout, `✔ ${file} is a valid spec\n`);
  });

  it('penstock plan: spec with waves -> the waves, and the plan of the first endpoint', async () => {
    const { exitCode, stdout } = await penstock(['plan', file]);
    assert.equal(exitCode, 0);
    assert.match(
      stdout,
      /^everywhere: 2 waves, a pause of 1h between them; stop after 1 not promoted, then keep\n/,
    );
    assert.match(stdout, /2 +digits-us, digits-ap +penstock-us\n/);
    assert.match(stdout, /\ndigits-eu: canary, 1 guardrail,/);
  });
});
