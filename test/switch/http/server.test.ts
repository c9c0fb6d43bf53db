import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { splitOf } from '../split/splits.js';
import { answerWell, openStage, send, type Stage, type StageOptions } from '../switch-environment.js';

describe('the switch’s server', () => {
  let stage: Stage;
  const open = async (options: StageOptions = {}) => {
    stage = await openStage({ splits: { shop: splitOf() }, ...options });
  };
  afterEach(() => stage.stop());

  /** Sends bytes as they are; resolves to everything that comes back until the connection ends or is quiet. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(stage.running.port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
      socket.setTimeout(1500, () => socket.destroy());
    });
  }

  it('listens on loopback unless told otherwise', async () => {
    await open();
    assert.match(stage.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is live and ready, and gives metrics to Prometheus', async () => {
    await open({ config: { endpoints: ['shop'] } });
    assert.equal((await send(stage, { user: 'ada' })).status, 200);
    assert.deepEqual(await (await fetch(`${stage.url}/healthz`)).json(), { live: true });
    const ready = (await (await fetch(`${stage.url}/readyz`)).json()) as { ready: boolean };
    assert.equal(ready.ready, true);
    const metrics = await (await fetch(`${stage.url}/metrics`)).text();
    assert.match(metrics, /penstock_switch_invocations_total\{endpoint="shop",role="\w+",status="200"\} 1/);
    assert.match(metrics, /penstock_switch_latency_seconds_bucket\{.*le="1".*\} 1/);
    assert.match(metrics, /penstock_switch_candidate_share_percent\{endpoint="shop"\} 50/);
  });

  it('refuses what it does not pass on, as SageMaker’s clients expect it', async () => {
    await open();
    const statusOf = async (path: string, init: RequestInit = { method: 'POST', body: '{}' }) => {
      const response = await fetch(`${stage.url}${path}`, init);
      const { Message } = (await response.json()) as { Message: string };
      return [response.status, response.headers.get('x-amzn-errortype'), Message] as const;
    };
    assert.deepEqual(await statusOf('/endpoints/shop/async-invocations'), [
      404,
      'UnknownOperationException',
      'The switch does not pass on async-invocations.',
    ]);
    assert.equal((await statusOf('/'))[0], 404);
    assert.equal((await statusOf('/endpoints/shop/invocations', { method: 'GET' }))[0], 405);
    for (const name of ['a%2Fb', '-shop', 'shop-', 'x'.repeat(64), '%00'])
      assert.deepEqual((await statusOf(`/endpoints/${name}/invocations`))[0], 400, name);
    assert.equal((await statusOf('/outcomes'))[0], 404);
    assert.equal(stage.backend.received.length, 0);
  });

  it('refuses a body above the limit: 413, with a length and without', async () => {
    await open({ config: { limits: { body: '64KB' } } });
    const body = 'x'.repeat(64 * 1024 + 1);
    const response = await send(stage, { user: 'ada', body });
    assert.equal(response.status, 413);
    const chunked = `POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n${body}\r\n0\r\n\r\n`;
    assert.match(await raw(chunked), /^HTTP\/1\.1 413 /);
    assert.equal((await send(stage, { user: 'ada', body: body.slice(1) })).status, 200);
    assert.equal(stage.backend.received.length, 1);
  });

  it('refuses requests whose length can be read in two ways', async () => {
    await open();
    const head = 'POST /endpoints/shop/invocations HTTP/1.1\r\nhost: a\r\n';
    const both = `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET`;
    const twice = `${head}content-length: 2\r\ncontent-length: 4\r\n\r\n{}{}`;
    const folded = `${head}content-length: 2\r\nx-a: b\r\n c: d\r\n\r\n{}`;
    const unknown = `${head}transfer-encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`;
    for (const request of [both, twice, folded, unknown])
      assert.match(await raw(request), /^HTTP\/1\.1 400 /, request);
    assert.equal(stage.backend.received.length, 0);
  });

  it('ends the call to SageMaker where the client hangs up', async () => {
    await open();
    let isGone = false;
    stage.backend.behave = (_, response) => response.on('close', () => (isGone = true));
    const controller = new AbortController();
    const call = fetch(`${stage.url}/endpoints/shop/invocations`, {
      method: 'POST',
      body: '{}',
      signal: controller.signal,
    }).catch((error: Error) => error.name);
    while (stage.backend.received.length === 0) await delay(10);
    controller.abort();
    assert.equal(await call, 'AbortError');
    for (let i = 0; i < 100 && !isGone; i++) await delay(10);
    assert.ok(isGone);
  });

  it('breaks off where SageMaker breaks off, so that half an answer is not taken for the whole', async () => {
    await open();
    stage.backend.behave = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"half":');
      setTimeout(() => response.socket?.destroy(), 30);
    };
    const response = await send(stage, { user: 'ada' });
    await assert.rejects(response.text());
  });

  it('waits with the rest of a large answer for a client that reads slowly', async () => {
    await open();
    const size = 64 * 2 ** 20;
    let written = 0;
    stage.backend.behave = (_, response) => {
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
    const response = await send(stage, { user: 'ada' });
    await delay(300);
    assert.ok(written < size, 'the switch must not take in what nobody reads');
    assert.equal((await response.arrayBuffer()).byteLength, size);
  });

  it('finishes what is under way before it stops, and takes nothing new', async () => {
    await open();
    stage.backend.behave = (received, response) => setTimeout(() => answerWell(received, response), 400);
    const call = send(stage, { user: 'ada' });
    while (stage.backend.received.length === 0) await delay(10);
    const stopped = stage.running.stop();
    await delay(50);
    await assert.rejects(send(stage, { user: 'grace' }));
    const response = await call;
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { ok: true });
    const before = performance.now();
    await stopped;
    assert.ok(performance.now() - before < 5000, 'a connection that is kept alive is no reason to wait');
  });
});
