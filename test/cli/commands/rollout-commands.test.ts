import assert from 'node:assert/strict';
import { exitCodes, outcomes } from '../../../src/plan/outcome.js';
import {
  CommandRejected,
  NoWorker,
  RolloutEndedAbnormally,
  RolloutNotFound,
  TemporalUnreachable,
  type LiveStatus,
  type RolloutSummary,
} from '../../../src/client.js';
import { bakingStatus, endedStatus, verdictOf } from '../../client/rollouts/statuses.js';
import { Collected, connectTo, penstock, resultOf, rolloutOf, type Calls } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

describe('penstock watch', () => {
  const fourth = verdictOf('errorRate', 'pass', 'withinBound', 'error rate 0.40 % < 1 %, window 4 of 6');

  it('penstock watch: no terminal -> one line per change, then the result', async () => {
    const statuses = [bakingStatus(), bakingStatus(), bakingStatus({ verdicts: [fourth] }), endedStatus()];
    const { exitCode, stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf(statuses, {})));
    assert.equal(exitCode, 0);
    assertSnapshot('watch-lines', stdout);
  });

  it('penstock watch: terminal -> redraws the view', async () => {
    const stdout = new Collected({ isTTY: true });
    const connected = connectTo(rolloutOf([bakingStatus(), endedStatus()], {}));
    await penstock(['watch', 'digits'], { ...connected, stdout, env: { NO_COLOR: '1' } });
    assert.match(stdout.text, /├─ ✔ AllTraffic/);
    assert.match(stdout.text, /candidate set 5 %, actual 5 %/);
    assert.match(stdout.text, /✔ digits promoted: the candidate serves all traffic\n/);
  });

  it('penstock watch: --json -> one document per change, the result last', async () => {
    const [watch] = bakingStatus().pending;
    const onlyLater = bakingStatus({ pending: [{ ...watch!, attempt: 10 }] });
    const statuses = [bakingStatus(), onlyLater, bakingStatus({ paused: true }), endedStatus()];
    const connected = connectTo(rolloutOf(statuses, { outcome: 'aborted' }));
    const { exitCode, stdout } = await penstock(['watch', 'digits', '--json'], connected);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LiveStatus);
    assert.equal(exitCode, 11);
    assert.deepEqual(
      documents.slice(0, -1).map(({ phase, paused }) => [phase, paused]),
      [
        ['baking', false],
        ['baking', true],
        ['ended', false],
      ],
    );
    assert.deepEqual(documents.at(-1), resultOf({ outcome: 'aborted' }));
  });

  it('penstock watch: no worker responds -> one warning, and it continues', async () => {
    const noWorker = new NoWorker('digits', { phase: 'baking', taskQueue: 'penstock' });
    const statuses = [bakingStatus(), noWorker, noWorker, bakingStatus({ paused: true }), endedStatus()];
    const { exitCode, stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf(statuses, {})));
    assert.equal(exitCode, 0);
    assert.equal(stdout.match(/No worker responds/g)?.length, 1);
    assert.match(stdout, /No worker responds[^]*paused/);
  });

  for (const outcome of outcomes) {
    it(`penstock watch: outcome ${outcome} -> exit code ${exitCodes[outcome]}`, async () => {
      const connected = connectTo(rolloutOf([endedStatus({ outcome })], { outcome }));
      assert.equal((await penstock(['watch', 'digits'], connected)).exitCode, exitCodes[outcome]);
    });
  }

  it('penstock watch: outcome rollbackFailed -> asks for manual action', async () => {
    const result = { outcome: 'rollbackFailed' as const, leftovers: ['endpoint config digits-0a1b2c3d-ab'] };
    const { stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf([endedStatus()], result)));
    assert.match(stdout, /leftover: endpoint config digits-0a1b2c3d-ab\n {2}Manual action required/);
  });

  it('penstock watch: the workflow was terminated -> exit code 1', async () => {
    const wait = () => Promise.reject(new RolloutEndedAbnormally('digits', 'terminated by mistake'));
    const get = () => Promise.resolve(bakingStatus({ execution: 'terminated' }));
    const { exitCode, stderr } = await penstock(['watch', 'digits'], connectTo({ wait, get }));
    assert.equal(exitCode, 1);
    assert.match(stderr, /terminated by mistake.*Nothing was rolled back/);
  });

  it('penstock watch: SIGTERM -> exit code 143', async () => {
    const { exitCode, stderr } = await penstock(['watch', 'digits'], {
      ...connectTo({ wait: () => new Promise(() => undefined), get: () => Promise.resolve(bakingStatus()) }),
      waitForInterrupt: () => Promise.resolve('SIGTERM'),
    });
    assert.equal(exitCode, 143);
    assert.match(stderr, /The rollout of digits keeps running/);
  });
});

describe('penstock status', () => {
  it('penstock status: running rollout -> one frame of the view', async () => {
    const get = () => Promise.resolve(bakingStatus());
    const { exitCode, stdout } = await penstock(['status', 'digits'], connectTo({ get }));
    assert.equal(exitCode, 0);
    assertSnapshot('view-baking', stdout);
  });

  it('penstock status: --json -> the whole status', async () => {
    const get = () => Promise.resolve(bakingStatus());
    const { stdout } = await penstock(['status', 'digits', '--json'], connectTo({ get }));
    assert.deepEqual(JSON.parse(stdout), bakingStatus());
  });

  it('penstock status: unknown endpoint -> exit code 1', async () => {
    const get = () => Promise.reject(new RolloutNotFound('unknown'));
    const { exitCode, stderr } = await penstock(['status', 'unknown'], connectTo({ get }));
    assert.equal(exitCode, 1);
    assert.equal(stderr, 'There is no rollout of unknown. `penstock list --all` shows all rollouts.\n');
  });
});

describe('following after the end', () => {
  /** A client whose poll is in progress until it is closed, as gRPC ends it then. */
  function pollingUntilClosed(wait: () => Promise<never>): ReturnType<typeof connectTo> {
    let fail: (error: Error) => void = () => undefined;
    const get = () => new Promise<never>((_, reject) => (fail = reject));
    const close = async () => {
      fail(new TemporalUnreachable('127.0.0.1:7233', 'Cancelled on client'));
      // The rejection arrives before the process ends.
      await new Promise((resolve) => setImmediate(resolve));
    };
    return connectTo({ get, wait, close });
  }

  it('penstock watch: interrupted during a poll -> the cancelled poll is not reported', async () => {
    const { exitCode, stdout, stderr } = await penstock(['watch', 'digits'], {
      ...pollingUntilClosed(() => new Promise<never>(() => undefined)),
      waitForInterrupt: () => Promise.resolve('SIGINT'),
    });
    assert.deepEqual([exitCode, stdout], [130, '']);
    assert.doesNotMatch(stderr, /Cancelled on client/);
  });

  it('penstock watch: rollout ends abnormally during a poll -> only the end is reported', async () => {
    const ended = new RolloutEndedAbnormally('digits', 'terminated');
    const { exitCode, stdout, stderr } = await penstock(
      ['watch', 'digits'],
      pollingUntilClosed(() => Promise.reject(ended)),
    );
    assert.deepEqual([exitCode, stdout, stderr], [1, '', `${ended.message}\n`]);
  });
});

describe('operator commands', () => {
  const accept = () => Promise.resolve(bakingStatus({ paused: true }));
  const verbs = ['promote', 'approve', 'abort', 'undo', 'pause', 'resume', 'retry'] as const;
  const answers = Object.fromEntries(verbs.map((verb) => [verb, accept]));
  const sent: [string[], string][] = [
    [['promote', '--full'], 'promote "digits" {"actor":"tester@host","reason":"why","full":true}'],
    [['promote'], 'promote "digits" {"actor":"tester@host","reason":"why"}'],
    [['abort', '--actor', 'ada'], 'abort "digits" {"actor":"ada","reason":"why"}'],
    ...(['approve', 'undo', 'pause', 'resume', 'retry'] as const).map((verb): [string[], string] => [
      [verb],
      `${verb} "digits" {"actor":"tester@host","reason":"why"}`,
    ]),
  ];
  for (const [[verb = '', ...flags], call] of sent) {
    it(`penstock ${[verb, ...flags].join(' ')}: sends the actor and the reason`, async () => {
      const calls: Calls = [];
      const argv = [verb, 'digits', '--reason', 'why', ...flags];
      const { exitCode, stdout } = await penstock(argv, connectTo(answers, calls));
      assert.equal(exitCode, 0);
      assert.equal(calls[1], call);
      const summary = 'digits is baking, paused, step 2 of 5: watching the candidate at 5 %';
      assert.equal(stdout, `${verb} accepted: ${summary}\n`);
    });
  }

  it('penstock pause: --json -> the new status', async () => {
    const argv = ['pause', 'digits', '--reason', 'why', '--json'];
    const { stdout } = await penstock(argv, connectTo(answers));
    assert.deepEqual(JSON.parse(stdout), bakingStatus({ paused: true }));
  });

  it('penstock resume: rejected by the rollout -> exit code 1 and the reason', async () => {
    const rejected = new CommandRejected('digits', 'resume', 'the rollout is not paused');
    const resume = () => Promise.reject(rejected);
    const argv = ['resume', 'digits', '--reason', 'why'];
    const { exitCode, stderr } = await penstock(argv, connectTo({ resume }));
    assert.equal(exitCode, 1);
    assert.equal(stderr, 'Cannot resume digits: the rollout is not paused\n');
  });
});

describe('penstock list', () => {
  const digits: RolloutSummary = {
    endpoint: 'digits',
    workflowId: 'rollout:digits',
    runId: 'run-1',
    execution: 'running',
    strategy: 'canary',
    phase: 'baking',
    candidateWeight: 5,
    outcome: null,
    startedBy: 'ada@laptop',
    approvedVersion: null,
    startedAt: '2026-11-23T10:55:00.000Z',
    endedAt: null,
  };
  const terminated: RolloutSummary = {
    ...digits,
    endpoint: 'recommendations',
    execution: 'terminated',
    strategy: null,
    phase: null,
    candidateWeight: null,
    startedBy: null,
  };

  it('penstock list: --all -> a table', async () => {
    const calls: Calls = [];
    const list = () => Promise.resolve([digits, terminated]);
    const { stdout } = await penstock(['list', '--all'], connectTo({ list }, calls));
    assert.equal(calls[1], 'list {"all":true}');
    assertSnapshot('list', stdout);
  });

  it('penstock list: --json without rollouts -> an empty array', async () => {
    const { stdout } = await penstock(['list', '--json'], connectTo({ list: () => Promise.resolve([]) }));
    assert.equal(stdout, '[]\n');
  });

  it('penstock list: no running rollout -> says so on stderr', async () => {
    const { stdout, stderr } = await penstock(['list'], connectTo({ list: () => Promise.resolve([]) }));
    assert.equal(stdout, '');
    assert.match(stderr, /No rollout is running/);
  });
});
