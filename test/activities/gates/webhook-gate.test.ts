import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPollGateWebhook } from '../../../src/activities/gates/webhook-gate.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { GateQuestion } from '../../../src/activities/interface/notifications.js';
import { answer, deadUrl, hangUp, Receiver } from '../webhooks/receiver.js';

const secret = 'a-well-kept-secret';

describe('asking a gate', () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await Receiver.open()));
  afterEach(() => receiver.close());

  const question = (fields: Partial<GateQuestion> = {}): GateQuestion => ({
    id: 'digits-1a2b3c4d/webhook-before-25%',
    gate: 'webhook-before-25%',
    address: { url: `${receiver.url}/gate` },
    secretEnv: null,
    everySeconds: 60,
    rolloutId: 'digits-1a2b3c4d',
    endpoint: 'digits',
    stage: 2,
    weights: { baseline: 75, candidate: 25 },
    ...fields,
  });

  type Answer = Awaited<ReturnType<RolloutActivities['pollGateWebhook']>>;
  const ask = (fields: Partial<GateQuestion> = {}, env: Record<string, string> = {}): Promise<Answer> =>
    new MockActivityEnvironment().run(createPollGateWebhook({ env }), question(fields));

  /** The failure that has the server ask again. */
  async function waitingFor(fields: Partial<GateQuestion> = {}, env: Record<string, string> = {}) {
    const failure: unknown = await ask(fields, env).catch((error: unknown) => error);
    assert.ok(failure instanceof ApplicationFailure, String(failure));
    assert.equal(failure.type, 'InProgress');
    assert.equal(failure.nonRetryable, false);
    assert.equal(failure.nextRetryDelay, 60_000);
    assert.equal(failure.cause, undefined);
    return failure.message;
  }

  it('posts the question, with the same key at every try', async () => {
    receiver.replies(answer(202), answer(200, { answer: 'yes' }));
    await waitingFor();
    await ask();
    const [first, second] = receiver.received;
    assert.ok(first && second);
    assert.equal(`${first.method} ${first.path}`, 'POST /gate');
    assert.equal(first.headers['content-type'], 'application/json');
    assert.equal(first.headers['idempotency-key'], 'digits-1a2b3c4d/webhook-before-25%');
    assert.equal(first.headers['x-penstock-signature'], undefined);
    assert.deepEqual(JSON.parse(first.body), {
      id: 'digits-1a2b3c4d/webhook-before-25%',
      gate: 'webhook-before-25%',
      rolloutId: 'digits-1a2b3c4d',
      endpoint: 'digits',
      stage: 2,
      weights: { baseline: 75, candidate: 25 },
    });
    assert.equal(second.body, first.body);
    assert.equal(second.headers['idempotency-key'], first.headers['idempotency-key']);
  });

  it('signs time and body', async () => {
    receiver.reply = answer(200, { answer: 'yes' });
    await ask({ secretEnv: 'GATE_SECRET' }, { GATE_SECRET: secret });
    const [request] = receiver.received;
    const [, t, v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-penstock-signature'])) ?? [];
    assert.ok(Math.abs(Number(t) - Date.now() / 1000) < 60);
    assert.equal(v1, createHmac('sha256', secret).update(`${t}.${request?.body}`).digest('hex'));
  });

  it('returns yes and no, with their reasons', async () => {
    const name = receiver.url.replace('http://', '');
    receiver.reply = answer(200, { answer: 'yes' });
    assert.deepEqual(await ask(), { answer: 'yes', message: `${name} says yes` });
    receiver.reply = answer(200, { answer: 'no', reason: ' tests\n are\u0000 red ' });
    assert.deepEqual(await ask(), { answer: 'no', message: `${name} says no: tests are red` });
    receiver.reply = answer(200, { answer: 'no', reason: 'x'.repeat(1_000) });
    assert.ok((await ask()).message.length < 300);
  });

  const waits: [string, Parameters<typeof answer>, RegExp][] = [
    [
      'not yet',
      [200, { answer: 'not yet', reason: 'tests run' }],
      /^webhook-before-25%: .* says not yet: tests run$/,
    ],
    ['202', [202, { answer: 'yes' }], /says not yet/],
    ['204', [204, ''], /answers 204/],
    ['a 5xx, whatever it holds', [500, { answer: 'yes' }], /answers 500/],
    ['429', [429], /answers 429$/],
    ['404', [404], /rejects the request with 404; check the gate's address and secret/],
    ['401', [401], /rejects the request with 401/],
    ['no JSON', [200, '<html>yes</html>'], /with an invalid body; expected .* with \{"answer"/],
    ['JSON of another kind', [200, '"yes"'], /with an invalid body; expected .* with \{"answer"/],
    ['no more than null', [200, 'null'], /with an invalid body; expected .* with \{"answer"/],
    [
      'an answer that is not one of the three',
      [200, { answer: 'YES' }],
      /with an invalid body; expected .* with \{"answer"/,
    ],
    [
      'an answer of the wrong type',
      [200, { answer: ['yes'] }],
      /with an invalid body; expected .* with \{"answer"/,
    ],
    ['an answer of more than 64 KB', [200, { answer: 'yes', more: 'x'.repeat(70_000) }], /at most 64 KB/],
  ];
  for (const [what, reply, message] of waits)
    it(`asks again after ${what}`, async () => {
      receiver.reply = answer(...reply);
      assert.match(await waitingFor(), message);
    });

  it('follows no redirect', async () => {
    receiver.reply = (response, { path }) =>
      answer(
        path === '/gate' ? 307 : 200,
        { answer: 'yes' },
        { location: '/elsewhere' },
      )(response, {
        method: '',
        path,
        headers: {},
        body: '',
      });
    assert.match(await waitingFor(), /answers 307; Penstock does not follow redirects/);
    assert.equal(receiver.received.length, 1);
  });

  it('asks again where the connection breaks off, or none comes about', async () => {
    receiver.reply = hangUp;
    assert.match(await waitingFor(), /closed the connection/);
    assert.match(
      await waitingFor({ address: { url: await deadUrl() } }),
      /cannot be reached \(ECONNREFUSED\)/,
    );
  });

  it('asks again where half an answer comes', async () => {
    receiver.reply = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"answer":"yes"}');
      setTimeout(() => response.socket?.destroy(), 50);
    };
    assert.match(await waitingFor(), /with an invalid body; expected .* with \{"answer"/);
  });

  it('asks again where no answer comes within 10 s', async () => {
    receiver.reply = () => undefined;
    assert.match(await waitingFor(), /did not answer within 10 s/);
  });

  it('ends when it is cancelled, though no answer comes', async () => {
    const environment = new MockActivityEnvironment();
    receiver.reply = () => environment.cancel();
    const asked = environment.run(createPollGateWebhook({ env: {} }), question());
    await assert.rejects(asked, CancelledFailure);
  });

  it('asks again where the worker lacks the variable, and says which', async () => {
    const lacks = /no environment variable (GATE_URL|GATE_SECRET)$/;
    assert.match(await waitingFor({ address: { env: 'GATE_URL' } }), lacks);
    assert.match(await waitingFor({ secretEnv: 'GATE_SECRET' }, { GATE_SECRET: '' }), lacks);
    assert.equal(receiver.received.length, 0);
  });

  it('sends nothing to a URL from the environment that a spec could not have', async () => {
    const env = { GATE_URL: 'http://ci.example.com/token-7' };
    const message = await waitingFor({ address: { env: 'GATE_URL' } }, env);
    assert.match(message, /plain http is for loopback hosts only/);
    assert.equal(message.includes('example'), false);
  });

  it('keeps URL and secret to itself, even where they come back', async () => {
    const env = { GATE_URL: `${receiver.url}/token-7`, GATE_SECRET: secret };
    const fields = { address: { env: 'GATE_URL' }, secretEnv: 'GATE_SECRET' };
    const told = async () => {
      const sentences = [];
      receiver.reply = answer(200, { answer: 'no', reason: `${secret} at ${env.GATE_URL}` });
      sentences.push((await ask(fields, env)).message);
      receiver.reply = answer(200, { answer: 'not yet', reason: `${'x'.repeat(190)}${secret}` });
      sentences.push(await waitingFor(fields, env));
      for (const reply of [answer(500, secret), hangUp]) {
        receiver.reply = reply;
        sentences.push(await waitingFor(fields, env));
      }
      sentences.push(await waitingFor(fields, { ...env, GATE_URL: `${await deadUrl()}/token-7` }));
      return sentences.join('\n');
    };
    const text = await told();
    assert.match(text, /the receiver in GATE_URL says no: \*\*\* at \*\*\*/);
    for (const part of ['a-well', 'token-7', '127.0.0.1']) assert.equal(text.includes(part), false, text);
  });

  const repeated: [what: string, url: string, said: string, told: string][] = [
    ['its path', '/hooks/T0K3N', 'no route POST /hooks/T0K3N', 'no route POST ***'],
    ['its path without the query', '/hooks/T0K3N?v=1', 'no /hooks/T0K3N, v1', 'no ***, v1'],
    ['its path with the query', '/g?key=s3cr3t', 'cannot POST /g?key=s3cr3t', 'cannot POST ***'],
    ['a long segment', '/hooks/T0K3N-77/build', 'token T0K3N-77 of hooks', 'token *** of hooks'],
    ['a long value of the query', '/gate?key=k-1234567', 'key k-1234567 is old', 'key *** is old'],
    ['it, as it is normalised', '/a/../hooks/T0K3N', 'HOST/hooks/T0K3N is shut', '*** is shut'],
    ['it, decoded', '/hooks/k%20k/%C3%BC-1234567', 'no /hooks/k k/ü-1234567, no ü-1234567', 'no ***, no ***'],
    ['nothing of it', '/', 'no / of 5/7', 'no / of 5/7'],
  ];
  for (const [what, path, said, told] of repeated)
    it(`hides a secret URL where ${what} comes back`, async () => {
      const env = { GATE_URL: `${receiver.url}${path}` };
      receiver.reply = answer(200, { answer: 'no', reason: said.replace('HOST', receiver.url) });
      const { message } = await ask({ address: { env: 'GATE_URL' } }, env);
      assert.equal(message, `the receiver in GATE_URL says no: ${told}`);
    });
});
