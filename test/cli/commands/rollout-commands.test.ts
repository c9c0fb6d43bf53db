import assert from 'node:assert/strict';
import { exitCodes, outcomes } from '../../../src/plan/outcome.js';
import {
  CommandRejected,
  NoWorker,
  RolloutEndedAbnormally,
  RolloutNotFound,
  type LiveStatus,
  type RolloutSummary,
} from '../../../src/client.js';
import { bakingStatus, endedStatus, verdictOf } from '../../client/rollouts/statuses.js';
import { Collected, connectTo, penstock, resultOf, rolloutOf, type Calls } from '../cli.js';
import { assertSnapshot } from '../snapshots.js';

describe('penstock watch', () => {
  const fourth = verdictOf('errorRate', 'pass', 'withinBound', 'error rate 0.40 % < 1 %, window 4 of 6');

  it('writes a line a change where there is no terminal, and the result at the end', async () => {
    const statuses = [bakingStatus(), bakingStatus(), bakingStatus({ verdicts: [fourth] }), endedStatus()];
    const { exitCode, stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf(statuses, {})));
    assert.equal(exitCode, 0);
    assertSnapshot('watch-lines', stdout);
  });

  it('redraws the view on a terminal', async () => {
    const stdout = new Collected({ isTTY: true });
    const connected = connectTo(rolloutOf([bakingStatus(), endedStatus()], {}));
    await penstock(['watch', 'digits'], { ...connected, stdout, env: { NO_COLOR: '1' } });
    assert.match(stdout.text, /├─ ✔ AllTraffic/);
    assert.match(stdout.text, /candidate set 5 %, actual 5 %/);
    assert.match(stdout.text, /✔ digits promoted: the candidate serves all traffic\n/);
  });

  it('writes a document a change with --json, the result last', async () => {
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

  it('goes on while no worker answers, and says it once', async () => {
    const away = new NoWorker('digits', 'baking');
    const statuses = [bakingStatus(), away, away, bakingStatus({ paused: true }), endedStatus()];
    const { exitCode, stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf(statuses, {})));
    assert.equal(exitCode, 0);
    assert.equal(stdout.match(/No worker responds/g)?.length, 1);
    assert.match(stdout, /No worker responds[^]*paused/);
  });

  for (const outcome of outcomes) {
    it(`exits with ${exitCodes[outcome]} where the rollout is ${outcome}`, async () => {
      const connected = connectTo(rolloutOf([endedStatus({ outcome })], { outcome }));
      assert.equal((await penstock(['watch', 'digits'], connected)).exitCode, exitCodes[outcome]);
    });
  }

  it('calls for a person where the rollback failed', async () => {
    const result = { outcome: 'rollbackFailed' as const, leftovers: ['endpoint config digits-0a1b2c3d-ab'] };
    const { stdout } = await penstock(['watch', 'digits'], connectTo(rolloutOf([endedStatus()], result)));
    assert.match(stdout, /left over: endpoint config digits-0a1b2c3d-ab\n {2}A person is needed/);
  });

  it('exits with 1 where the workflow was ended from outside', async () => {
    const wait = () => Promise.reject(new RolloutEndedAbnormally('digits', 'terminated by mistake'));
    const get = () => Promise.resolve(bakingStatus({ execution: 'terminated' }));
    const { exitCode, stderr } = await penstock(['watch', 'digits'], connectTo({ wait, get }));
    assert.equal(exitCode, 1);
    assert.match(stderr, /terminated by mistake.*Nothing was rolled back/);
  });

  it('ends at SIGTERM with 143', async () => {
    const { exitCode, stderr } = await penstock(['watch', 'digits'], {
      ...connectTo({ wait: () => new Promise(() => undefined), get: () => Promise.resolve(bakingStatus()) }),
      waitForInterrupt: () => Promise.resolve('SIGTERM'),
    });
    assert.equal(exitCode, 143);
    assert.match(stderr, /The rollout of digits goes on/);
  });
});

describe('penstock status', () => {
  it('shows one frame of the view', async () => {
    const get = () => Promise.resolve(bakingStatus());
    const { exitCode, stdout } = await penstock(['status', 'digits'], connectTo({ get }));
    assert.equal(exitCode, 0);
    assertSnapshot('view-baking', stdout);
  });

  it('has the whole status as JSON', async () => {
    const get = () => Promise.resolve(bakingStatus());
    const { stdout } = await penstock(['status', 'digits', '--json'], connectTo({ get }));
    assert.deepEqual(JSON.parse(stdout), bakingStatus());
  });

  it('ends with 1 where there is no such rollout', async () => {
    const get = () => Promise.reject(new RolloutNotFound('nobody'));
    const { exitCode, stderr } = await penstock(['status', 'nobody'], connectTo({ get }));
    assert.equal(exitCode, 1);
    assert.equal(stderr, 'There is no rollout of nobody. `penstock list --all` shows all rollouts.\n');
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
    it(`send who and why: ${[verb, ...flags].join(' ')}`, async () => {
      const calls: Calls = [];
      const argv = [verb, 'digits', '--reason', 'why', ...flags];
      const { exitCode, stdout } = await penstock(argv, connectTo(answers, calls));
      assert.equal(exitCode, 0);
      assert.equal(calls[1], call);
      const standing = 'digits is baking, paused, step 2 of 5: watching the candidate at 5 %';
      assert.equal(stdout, `${verb} accepted: ${standing}\n`);
    });
  }

  it('print the new status with --json', async () => {
    const argv = ['pause', 'digits', '--reason', 'why', '--json'];
    const { stdout } = await penstock(argv, connectTo(answers));
    assert.deepEqual(JSON.parse(stdout), bakingStatus({ paused: true }));
  });

  it('end with 1 and the reason where they are refused', async () => {
    const refused = new CommandRejected('digits', 'resume', 'the rollout is not paused');
    const resume = () => Promise.reject(refused);
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
    startedAt: '2026-11-23T10:55:00.000Z',
    endedAt: null,
  };
  const gone: RolloutSummary = {
    ...digits,
    endpoint: 'recommendations',
    execution: 'terminated',
    strategy: null,
    phase: null,
    candidateWeight: null,
    startedBy: null,
  };

  it('is a table', async () => {
    const calls: Calls = [];
    const list = () => Promise.resolve([digits, gone]);
    const { stdout } = await penstock(['list', '--all'], connectTo({ list }, calls));
    assert.equal(calls[1], 'list {"all":true}');
    assertSnapshot('list', stdout);
  });

  it('is an array with --json, also where nothing runs', async () => {
    const { stdout } = await penstock(['list', '--json'], connectTo({ list: () => Promise.resolve([]) }));
    assert.equal(stdout, '[]\n');
  });

  it('says where nothing runs, on stderr', async () => {
    const { stdout, stderr } = await penstock(['list'], connectTo({ list: () => Promise.resolve([]) }));
    assert.equal(stdout, '');
    assert.match(stderr, /No rollout is running/);
  });
});
