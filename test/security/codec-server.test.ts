import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { startCodecServer, type RunningCodecServer } from '../../src/codec/codec-server.js';
import { readPayloads, writePayloads } from '../../src/codec/payload-json.js';
import { penstock } from '../cli/cli.js';
import { codecOf, jsonPayload, newKey, payloads, wholeOf } from './payloads.js';

const origin = 'http://127.0.0.1:8233';
const canary = 'canary-of-a-spec';

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('the codec server', () => {
  const codec = codecOf(`2026-11:${newKey()}`);
  const logged: string[] = [];
  let server: RunningCodecServer;
  let guarded: RunningCodecServer;
  const token = 'a-token-of-some-length';
  before(async () => {
    const options = { codec, host: '127.0.0.1', port: 0, origins: [origin], hostNames: ['codec.example'] };
    server = await startCodecServer({ ...options, token: null, log: (line) => logged.push(line) });
    guarded = await startCodecServer({ ...options, token, log: (line) => logged.push(line) });
  });
  after(async () => {
    await server.stop();
    await guarded.stop();
  });

  /** As a browser would; a header that is null is left out. */
  async function call(
    path: string,
    {
      method = 'POST',
      body = '',
      headers = {},
      to = server,
    }: {
      method?: string;
      body?: string;
      headers?: Record<string, string | null>;
      to?: RunningCodecServer;
    } = {},
  ): Promise<Answered> {
    const all = { origin, 'content-type': 'application/json', ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter((each) => each[1] !== null)) as Record<
      string,
      string
    >;
    return new Promise((resolve, reject) => {
      const asked = request(`${to.url}${path}`, { method, headers: sent }, (response) => {
        const { statusCode: status = 0, headers } = response;
        text(response).then((body) => resolve({ status, headers, body }), reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  const sealed = async () => JSON.stringify(writePayloads(await codec.encode([jsonPayload(canary)])));

  it('decrypts what Temporal holds for the Web UI, and encrypts what that sends', async () => {
    const answer = await call('/decode', { body: await sealed(), headers: { 'x-namespace': 'default' } });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.deepEqual(readPayloads(answer.body).map(wholeOf), [wholeOf(jsonPayload(canary))]);
    const encoded = await call('/encode', { body: JSON.stringify(writePayloads([jsonPayload(canary)])) });
    assert.ok(!encoded.body.includes(Buffer.from(canary).toString('base64').slice(0, 12)));
    const [back] = await codec.decode(readPayloads(encoded.body));
    assert.deepEqual(wholeOf(back ?? {}), wholeOf(jsonPayload(canary)));
  });

  it('takes every payload there and back', () =>
    fc.assert(
      fc.property(fc.array(payloads, { maxLength: 4 }), (given) => {
        const json = JSON.stringify(writePayloads(given));
        assert.deepEqual(readPayloads(json).map(wholeOf), given.map(wholeOf));
      }),
    ));

  it('answers the browser that asks first', async () => {
    const headers = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
      'access-control-request-private-network': 'true',
      'content-type': null,
    };
    const { status, headers: answered } = await call('/decode', { method: 'OPTIONS', headers });
    assert.equal(status, 204);
    assert.equal(answered['access-control-allow-origin'], origin);
    assert.match(answered['access-control-allow-headers'] ?? '', /x-namespace/);
    assert.equal(answered['access-control-allow-private-network'], 'true');
  });

  const strangers: [string, Record<string, string | null>][] = [
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:8234' }],
    ['a page of the same name over https', { origin: 'https://127.0.0.1:8233' }],
    ['a page whose origin only begins like the Web UI’s', { origin: `${origin}.evil.example` }],
    ['a page without an origin', { origin: 'null' }],
    ['no page', { origin: null }],
    ['a page that had its name point here', { host: 'evil.example' }],
    ['a page that had its name point here, with the port', { host: 'evil.example:8234' }],
  ];
  for (const [who, headers] of strangers)
    it(`gives nothing to ${who}, not even leave to read the answer`, async () => {
      const answer = await call('/decode', { body: await sealed(), headers });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      assert.ok(!answer.body.includes(canary));
      const first = await call('/decode', { method: 'OPTIONS', headers });
      assert.equal(first.status, 403);
    });

  it('may be called by the names that it was told', async () => {
    const headers = { host: 'codec.example' };
    assert.equal((await call('/decode', { body: await sealed(), headers })).status, 200);
  });

  it('with a token, wants it of every caller, and then lets programs in too', async () => {
    const body = await sealed();
    const statusWith = async (headers: Record<string, string | null>) =>
      (await call('/decode', { body, headers, to: guarded })).status;
    assert.equal(await statusWith({}), 401);
    assert.equal(await statusWith({ authorization: 'Bearer wrong' }), 401);
    assert.equal(await statusWith({ authorization: token }), 401);
    assert.equal(await statusWith({ authorization: `Bearer ${token}` }), 200);
    assert.equal(await statusWith({ authorization: `Bearer ${token}`, origin: null }), 200);
    assert.equal(await statusWith({ origin: null }), 401);
    assert.equal(await statusWith({ authorization: `Bearer ${token}`, origin: 'https://evil.example' }), 403);
    assert.equal((await call('/decode', { method: 'OPTIONS', to: guarded })).status, 204);
  });

  it('refuses what is not of the protocol', async () => {
    assert.equal((await call('/')).status, 404);
    assert.equal((await call('/decode', { method: 'GET' })).status, 405);
    assert.equal(
      (await call('/decode', { headers: { 'content-type': 'text/plain' }, body: '{}' })).status,
      415,
    );
    for (const body of ['', 'x', '[]', '{}', '{"payloads": 1}', '{"payloads": [{"data": 1}]}'])
      assert.equal((await call('/decode', { body })).status, 400, body);
    const large = JSON.stringify({ payloads: [{ data: 'a'.repeat(17 * 2 ** 20) }] });
    const { status } = await call('/decode', { body: large }).catch(() => ({ status: 413 }));
    assert.equal(status, 413);
  });

  it('says which key is missing', async () => {
    const foreign = await codecOf(`2025-01:${newKey()}`).encode([jsonPayload(canary)]);
    const answer = await call('/decode', { body: JSON.stringify(writePayloads(foreign)) });
    assert.equal(answer.status, 422);
    assert.match(answer.body, /\\"2025-01\\" cannot be read: .* has only 2026-11 here/);
  });

  it('logs who was answered how, and nothing of what', () => {
    assert.ok(logged.includes('POST /decode 200'));
    assert.ok(
      logged.every((line) => /^(POST|GET|OPTIONS) \/\w* \d{3}$/.test(line)),
      logged.join('\n'),
    );
  });
});

describe('penstock codec-server', () => {
  it('listens on loopback for the Web UI of the development server', async () => {
    let given = {};
    const stop = () => Promise.resolve();
    const { exitCode, stderr } = await penstock(['codec-server'], {
      startCodecServer: (options) => {
        given = { ...options, env: undefined, log: undefined };
        return Promise.resolve({ url: 'http://127.0.0.1:8234', stop });
      },
      waitForInterrupt: () => Promise.resolve('SIGINT' as const),
    });
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /codec server on http:\/\/127.0.0.1:8234 for http:\/\/127.0.0.1:8233/);
    assert.deepEqual(given, {
      ...{ port: 8234, host: '127.0.0.1', token: null, env: undefined, log: undefined },
      ...{ origins: ['http://127.0.0.1:8233'], hostNames: [] },
    });
  });

  it('refuses to decrypt for other machines without a token', async () => {
    const open = await penstock(['codec-server', '--host', '0.0.0.0']);
    assert.equal(open.exitCode, 2);
    assert.match(open.stderr, /it needs --token-env/);
    const weak = await penstock(['codec-server', '--token-env', 'T'], { env: { T: 'short' } });
    assert.equal(weak.exitCode, 2);
    assert.ok(!weak.stderr.includes('short'));
  });

  it('refuses an origin that no browser would send', async () => {
    for (const text of ['127.0.0.1:8233', '*', 'file:///ui', 'http://me:secret@ui.example']) {
      const { exitCode, stderr } = await penstock(['codec-server', '--origin', text]);
      assert.equal(exitCode, 2, text);
      assert.match(stderr, /must be like/);
      assert.ok(!stderr.includes('secret'));
    }
  });
});
