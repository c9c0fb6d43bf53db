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

interface Response {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('codec server', () => {
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

  /** Sends a request like a browser. A header that is null is omitted. */
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
  ): Promise<Response> {
    const all = { origin, 'content-type': 'application/json', ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter((each) => each[1] !== null)) as Record<
      string,
      string
    >;
    return new Promise((resolve, reject) => {
      const sentRequest = request(`${to.url}${path}`, { method, headers: sent }, (response) => {
        const { statusCode: status = 0, headers } = response;
        text(response).then((body) => resolve({ status, headers, body }), reject);
      });
      sentRequest.on('error', reject);
      sentRequest.end(body);
    });
  }

  const sealed = async () => JSON.stringify(writePayloads(await codec.encode([jsonPayload(canary)])));

  it('codec server: /decode and /encode -> decrypts and encrypts payloads', async () => {
    const answer = await call('/decode', { body: await sealed(), headers: { 'x-namespace': 'default' } });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.deepEqual(readPayloads(answer.body).map(wholeOf), [wholeOf(jsonPayload(canary))]);
    const encoded = await call('/encode', { body: JSON.stringify(writePayloads([jsonPayload(canary)])) });
    assert.ok(!encoded.body.includes(Buffer.from(canary).toString('base64').slice(0, 12)));
    const [back] = await codec.decode(readPayloads(encoded.body));
    assert.deepEqual(wholeOf(back ?? {}), wholeOf(jsonPayload(canary)));
  });

  it('payload JSON: write, then read -> the same payloads', () =>
    fc.assert(
      fc.property(fc.array(payloads, { maxLength: 4 }), (given) => {
        const json = JSON.stringify(writePayloads(given));
        assert.deepEqual(readPayloads(json).map(wholeOf), given.map(wholeOf));
      }),
    ));

  it('codec server: CORS preflight -> allowed for the origin of the Web UI', async () => {
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

  const foreignCallers: [string, Record<string, string | null>][] = [
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page of another local port', { origin: 'http://127.0.0.1:8234' }],
    ['a page of the same host over https', { origin: 'https://127.0.0.1:8233' }],
    ['a page whose origin begins like that of the Web UI', { origin: `${origin}.evil.example` }],
    ['a page with a null origin', { origin: 'null' }],
    ['a program without a token', { origin: null }],
    ['a host name that resolves to this machine', { host: 'evil.example' }],
    ['a host name with the port that resolves to this machine', { host: 'evil.example:8234' }],
  ];
  for (const [caller, headers] of foreignCallers)
    it(`codec server: ${caller} -> 403 without CORS headers`, async () => {
      const answer = await call('/decode', { body: await sealed(), headers });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      assert.ok(!answer.body.includes(canary));
      const first = await call('/decode', { method: 'OPTIONS', headers });
      assert.equal(first.status, 403);
    });

  it('codec server: configured host name -> accepted', async () => {
    const headers = { host: 'codec.example' };
    assert.equal((await call('/decode', { body: await sealed(), headers })).status, 200);
  });

  it('codec server: token is set -> required of pages and programs', async () => {
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

  it('codec server: request outside the protocol -> 4xx', async () => {
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

  it('codec server: missing key -> 422 with its id', async () => {
    const foreign = await codecOf(`2025-01:${newKey()}`).encode([jsonPayload(canary)]);
    const answer = await call('/decode', { body: JSON.stringify(writePayloads(foreign)) });
    assert.equal(answer.status, 422);
    assert.match(answer.body, /\\"2025-01\\": .* has only 2026-11;/);
  });

  it('codec server: log -> method, path and status only', () => {
    assert.ok(logged.includes('POST /decode 200'));
    assert.ok(
      logged.every((line) => /^(POST|GET|OPTIONS) \/\w* \d{3}$/.test(line)),
      logged.join('\n'),
    );
  });
});

describe('penstock codec-server', () => {
  it('penstock codec-server: no options -> loopback, for the Web UI of the dev server', async () => {
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

  it('penstock codec-server: --host 0.0.0.0 without a token, or a short token -> exit code 2', async () => {
    const open = await penstock(['codec-server', '--host', '0.0.0.0']);
    assert.equal(open.exitCode, 2);
    assert.match(open.stderr, /pass --token-env/);
    const weak = await penstock(['codec-server', '--token-env', 'T'], { env: { T: 'short' } });
    assert.equal(weak.exitCode, 2);
    assert.ok(!weak.stderr.includes('short'));
  });

  it('penstock codec-server: invalid --origin -> exit code 2, text not shown', async () => {
    for (const text of ['127.0.0.1:8233', '*', 'file:///ui', 'http://me:secret@ui.example']) {
      const { exitCode, stderr } = await penstock(['codec-server', '--origin', text]);
      assert.equal(exitCode, 2, text);
      assert.match(stderr, /expected an origin such as/);
      assert.ok(!stderr.includes('secret'));
    }
  });
});
