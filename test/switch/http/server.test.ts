import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { splitOf } from '../split/splits.js';
import {
  answerWell,
  openEnvironment,
  send,
  type SwitchEnvironment,
  type EnvironmentOptions,
} from '../switch-environment.js';

describe('switch server', () => {
  let environment: SwitchEnvironment;
  const open = async (options: EnvironmentOptions = {}) => {
    environment = await openEnvironment({ splits: { shop: splitOf() }, ...options });
  };
  afterEach(() => environment.stop());

  /** Sends raw bytes. Resolves to everything received until the connection ends or is idle. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(environment.running.port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
      socket.setTimeout(1500, () => socket.destroy());
    });
  }

  it('switch server: default host -> loopback', async () => {
    await open();
    assert.match(environment.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('switch server: running -> live, ready, and Prometheus metrics', async () => {
    await open({ config: { endpoints: ['shop'] } });
    assert.equal((await send(environment, { user: 'ada' })).status, 200);
    assert.deepEqual(await (await fetch(`${environment.url}/healthz`)).json(), { live: true });
    const ready = (await (await fetch(`${environment.url}/readyz`)).json()) as { ready: boolean };
    assert.equal(ready.ready, true);
    const metrics = await (await fetch(`${environment.url}/metrics`)).text();
    assert.match(metrics, /penstock_switch_invocations_total\{endpoint="shop",role="\w+",status="200"\} 1/);
    assert.match(metrics, /penstock_switch_latency_seconds_bucket\{.*le="1".*\} 1/);
    assert.match(metrics, /penstock_switch_candidate_share_percent\{endpoint="shop"\} 50/);
  });

  it('switch server: unsupported requests -> errors in the format of SageMaker', async () => {
    await open();
    const statusOf = async (path: string, init: RequestInit = { method: 'POST', body: '{}' }) => {
      const response = await fetch(`${environment.url}${path}`, init);
      const { Message } = (await response.json()) as { Message: string };
      return [response.status, response.headers.get('x-amzn-errortype'), Message] as const;
    };
    assert.deepEqual(await statusOf('/endpoints/shop/async-invocations'), [
      404,
      'UnknownOperationException',
      'The switch does not support async-invocations; call SageMaker Runtime directly.',
    ]);
    assert.equal((await statusOf('/'))[0], 404);
    assert.equal((await statusOf('/endpoints/shop/invocations', { method: 'GET' }))[0], 405);
    for (const name of ['a%2Fb', '-shop', 'shop-', 'x'.repeat(64), '%00'])
      assert.deepEqual((await statusOf(`/endpoints/${name}/invocations`))[0], 400, name);
    assert.equal((await statusOf('/outcomes'))[0], 404);
    assert.equal(environment.backend.received.length, 0);
  });

  it('switch server: body above the limit, with or without a length -> 413', async () => {
    await open({ config: { limits: { body: '64KB' } } });
    const body = 'x'.repeat(64 * 1024 + 1);
    const response = await send(environment, { user: 'ada', body });
    assert.equal(response.status, 413);
    const chunked = `POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n${body}\r\n0\r\n\r\n`;
    assert.match(await raw(chunked), /^HTTP\/1\.1 413 /);
    assert.equal((await send(environment, { user: 'ada', body: body.slice(1) })).status, 200);
    assert.equal(environment.backend.received.length, 1);
  });

  it('switch server: ambiguous request length -> 400', async () => {
    await open();
    const head = 'POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\n';
    const both = `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET`;
    const twice = `${head}content-length: 2\r\ncontent-length: 4\r\n\r\n{}{}`;
    const folded = `${head}content-length: 2\r\nx-a: b\r\n c: d\r\n\r\n{}`;
    const unknown = `${head}transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
    for (const request of [both, twice, folded, unknown])
      assert.match(await raw(request), /^HTTP\/1\.1 400 /, request);
    assert.equal(environment.backend.received.length, 0);
  });

  it('switch server: client disconnects -> the call to SageMaker is aborted', async () => {
    await open();
    let isGone = false;
    environment.backend.behave = (_, response) => response.on('close', () => (isGone = true));
    const controller = new AbortController();
    const call = fetch(`${environment.url}/endpoints/shop/invocations`, {
      method: 'POST',
      body: '{}',
      signal: controller.signal,
    }).catch((error: Error) => error.name);
    while (environment.backend.received.length === 0) await delay(10);
    controller.abort();
    assert.equal(await call, 'AbortError');
    for (let i = 0; i < 100 && !isGone; i++) await delay(10);
    assert.ok(isGone);
  });

  it('switch server: SageMaker breaks off the response -> the client gets an incomplete response', async () => {
    await open();
    environment.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":');
      setTimeout(() => response.socket?.destroy(), 30);
    };
    const response = await send(environment, { user: 'ada' });
    await assert.rejects(response.text());
  });

  it('switch server: slow client and large response -> backpressure to SageMaker', async () => {
    await open();
    const size = 64 * 2 ** 20;
    let written = 0;
    environment.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      const part = Buffer.alloc(2 ** 16);
      const more = () => {
        while (written < size) {
          written += part.length;
          if (!response.write(part)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    };
    const response = await send(environment, { user: 'ada' });
    await delay(300);
    assert.ok(written < size, 'the switch must not buffer data that the client does not read');
    assert.equal((await response.arrayBuffer()).byteLength, size);
  });

  it('switch server: stop -> finishes requests in progress and accepts no new ones', async () => {
    await open();
    environment.backend.behave = (received, response) =>
      setTimeout(() => answerWell(received, response), 400);
    const call = send(environment, { user: 'ada' });
    while (environment.backend.received.length === 0) await delay(10);
    const stopped = environment.running.stop();
    await delay(50);
    await assert.rejects(send(environment, { user: 'grace' }));
    const response = await call;
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { ok: true });
    const before = performance.now();
    await stopped;
    assert.ok(performance.now() - before < 5000, 'an idle connection must not delay the stop');
  });
});
