import assert from 'node:assert/strict';
import { InvalidConnectionSettings, TemporalUnreachable } from '../../src/client.js';
import { penstock } from './cli.js';

describe('invalid arguments', () => {
  const lines: { argv: string[]; expected: RegExp }[] = [
    { argv: [], expected: /^Examples:/ },
    { argv: ['strat'], expected: /unknown command 'strat'\n\(Did you mean start\?\)/ },
    { argv: ['watch'], expected: /missing required argument 'endpoint'/ },
    { argv: ['abort', 'digits'], expected: /required option '--reason <text>' not specified/ },
    { argv: ['promote', 'digits', '--reason', 'x', '--ful'], expected: /Did you mean --full\?/ },
    { argv: ['worker', '--poll-interval', 'soon'], expected: /Expected a duration such as 30s/ },
    { argv: ['emulator', '--port', '70000'], expected: /whole number from 0 to 65535/ },
    { argv: ['emulator', '--pace', 'slow'], expected: /Allowed choices are fast, real/ },
    { argv: ['plan', 'x.yaml', '--requests-per-hour', 'many'], expected: /whole number from 1/ },
    { argv: ['plan', 'nowhere.yaml'], expected: /^Cannot read nowhere\.yaml/ },
  ];
  for (const { argv, expected } of lines) {
    it(`invalid arguments: penstock ${argv.join(' ')} -> exit code 2`, async () => {
      const { exitCode, stdout, stderr } = await penstock(argv);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, expected);
    });
  }
});

describe('error output', () => {
  const unreachable = new TemporalUnreachable('127.0.0.1:7233', 'connection refused');

  it('error output: expected error -> its message without a stack trace', async () => {
    const { exitCode, stderr } = await penstock(['list'], { connect: () => Promise.reject(unreachable) });
    assert.equal(exitCode, 1);
    assert.equal(stderr, `${unreachable.message}\n`);
  });

  it('error output: PENSTOCK_DEBUG=1 -> a stack trace', async () => {
    const env = { PENSTOCK_DEBUG: '1' };
    const { stderr } = await penstock(['list'], { env, connect: () => Promise.reject(unreachable) });
    assert.match(stderr, /\n {4}at /);
  });

  it('error output: unexpected error -> says so', async () => {
    const bug = () => Promise.reject(new TypeError('x is undefined'));
    const { exitCode, stderr } = await penstock(['list'], { connect: bug });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^Unexpected error: x is undefined/);
  });

  it('error output: invalid connection settings -> exit code 2', async () => {
    const connect = () => Promise.reject(new InvalidConnectionSettings("profile 'prod' not found"));
    assert.equal((await penstock(['list', '--profile', 'prod'], { connect })).exitCode, 2);
  });
});
