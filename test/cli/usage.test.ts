import assert from 'node:assert/strict';
import { InvalidConnectionSettings, TemporalUnreachable } from '../../src/client.js';
import { penstock } from './cli.js';

describe('bad usage', () => {
  const lines: { argv: string[]; says: RegExp }[] = [
    { argv: [], says: /^Examples:/ },
    { argv: ['strat'], says: /unknown command 'strat'\n\(Did you mean start\?\)/ },
    { argv: ['watch'], says: /missing required argument 'endpoint'/ },
    { argv: ['abort', 'digits'], says: /required option '--reason <why>' not specified/ },
    { argv: ['promote', 'digits', '--reason', 'x', '--ful'], says: /Did you mean --full\?/ },
    { argv: ['worker', '--poll-interval', 'soon'], says: /A duration such as 30s/ },
    { argv: ['emulator', '--port', '70000'], says: /whole number from 0 to 65535/ },
    { argv: ['emulator', '--pace', 'slow'], says: /Allowed choices are fast, real/ },
    { argv: ['plan', 'x.yaml', '--requests-per-hour', 'many'], says: /whole number from 1/ },
    { argv: ['plan', 'nowhere.yaml'], says: /^nowhere\.yaml cannot be read/ },
  ];
  for (const { argv, says } of lines) {
    it(`ends with 2: penstock ${argv.join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await penstock(argv);
      assert.equal(exitCode, 2);
      assert.equal(stdout, '');
      assert.match(stderr, says);
    });
  }
});

describe('failures', () => {
  const away = new TemporalUnreachable('127.0.0.1:7233', 'connection refused');

  it('are one sentence without a stack', async () => {
    const { exitCode, stderr } = await penstock(['list'], { connect: () => Promise.reject(away) });
    assert.equal(exitCode, 1);
    assert.equal(stderr, `${away.message}\n`);
  });

  it('have their stack with PENSTOCK_DEBUG=1', async () => {
    const env = { PENSTOCK_DEBUG: '1' };
    const { stderr } = await penstock(['list'], { env, connect: () => Promise.reject(away) });
    assert.match(stderr, /\n {4}at /);
  });

  it('that nobody foresaw say so', async () => {
    const bug = () => Promise.reject(new TypeError('x is undefined'));
    const { exitCode, stderr } = await penstock(['list'], { connect: bug });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^Unforeseen: x is undefined/);
  });

  it('of the connection settings are bad usage', async () => {
    const connect = () => Promise.reject(new InvalidConnectionSettings("profile 'prod' not found"));
    assert.equal((await penstock(['list', '--profile', 'prod'], { connect })).exitCode, 2);
  });
});
