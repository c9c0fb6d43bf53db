import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPollGateWebhook } from '../../../src/activities/gates/webhook-gate.js';
import { redactSecrets } from '../../../src/activities/webhooks/redact.js';
import type { RolloutActivities } from '../../../src/activities/interface/activities.js';
import type { GateQuestion } from '../../../src/activities/interface/notifications.js';
import { answer, deadUrl, hangUp, Receiver } from '../webhooks/receiver.js';

const secret = 'a-well-kept-secret';

describe('pollGateWebhook', () => {
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

  /** Message of the retryable failure, after which the server starts the next attempt. */
  async function pollMessage(fields: Partial<GateQuestion> = {}, env: Record<string, string> = {}) {
    const failure: unknown = await ask(fields, env).catch((error: unknown) => error);
    assert.ok(failure instanceof ApplicationFailure, String(failure));
    assert.equal(failure.type, 'InProgress');
    assert.equal(failure.nonRetryable, false);
    assert.equal(failure.nextRetryDelay, 60_000);
    assert.equal(failure.cause, undefined);
    return failure.message;
  }

  it('pollGateWebhook: two attempts -> same body and idempotency key', async () => {
    receiver.replies(answer(202), answer(200, { answer: 'yes' }));
    await pollMessage();
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

  it('pollGateWebhook: secret set -> signature over time and body', async () => {
    receiver.reply = answer(200, { answer: 'yes' });
    await ask({ secretEnv: 'GATE_SECRET' }, { GATE_SECRET: secret });
    const [request] = receiver.received;
    const [, t, v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-penstock-signature'])) ?? [];
    assert.ok(Math.abs(Number(t) - Date.now() / 1000) < 60);
    assert.equal(v1, createHmac('sha256', secret).update(`${t}.${request?.body}`).digest('hex'));
  });

  it('pollGateWebhook: answer yes or no -> answer with its reason in one short line', async () => {
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
      'answer not yet',
      [200, { answer: 'not yet', reason: 'tests run' }],
      /^webhook-before-25%: .* says not yet: tests run$/,
    ],
    ['202', [202, { answer: 'yes' }], /says not yet/],
    ['204', [204, ''], /answers 204/],
    ['5xx with an answer in its body', [500, { answer: 'yes' }], /answers 500/],
    ['429', [429], /answers 429$/],
    ['404', [404], /rejects the request with 404; check the gate's address and secret/],
    ['401', [401], /rejects the request with 401/],
    ['body that is not JSON', [200, '<html>yes</html>'], /with an invalid body; expected .* with \{"answer"/],
    ['JSON string', [200, '"yes"'], /with an invalid body; expected .* with \{"answer"/],
    ['JSON null', [200, 'null'], /with an invalid body; expected .* with \{"answer"/],
    ['unknown answer', [200, { answer: 'YES' }], /with an invalid body; expected .* with \{"answer"/],
    [
      'answer of a wrong type',
      [200, { answer: ['yes'] }],
      /with an invalid body; expected .* with \{"answer"/,
    ],
    ['body over 64 KB', [200, { answer: 'yes', more: 'x'.repeat(70_000) }], /at most 64 KB/],
  ];
  for (const [what, reply, message] of waits)
    it(`pollGateWebhook: ${what} -> polls again`, async () => {
      receiver.reply = answer(...reply);
      assert.match(await pollMessage(), message);
    });

  it('pollGateWebhook: redirect -> does not follow it, polls again', async () => {
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
    assert.match(await pollMessage(), /answers 307; Penstock does not follow redirects/);
    assert.equal(receiver.received.length, 1);
  });

  it('pollGateWebhook: connection closed or refused -> polls again', async () => {
    receiver.reply = hangUp;
    assert.match(await pollMessage(), /closed the connection/);
    assert.match(
      await pollMessage({ address: { url: await deadUrl() } }),
      /cannot be reached \(ECONNREFUSED\)/,
    );
  });

  it('pollGateWebhook: truncated body -> polls again', async () => {
    receiver.reply = (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"answer":"yes"}');
      setTimeout(() => response.socket?.destroy(), 50);
    };
    assert.match(await pollMessage(), /with an invalid body; expected .* with \{"answer"/);
  });

  it('pollGateWebhook: no response within 10 s -> polls again', async () => {
    receiver.reply = () => undefined;
    assert.match(await pollMessage(), /did not answer within 10 s/);
  });

  it('pollGateWebhook: cancelled while waiting for the response -> ends', async () => {
    const environment = new MockActivityEnvironment();
    receiver.reply = () => environment.cancel();
    const attempt = environment.run(createPollGateWebhook({ env: {} }), question());
    await assert.rejects(attempt, CancelledFailure);
  });

  it('pollGateWebhook: environment variable missing -> polls again, message names the variable', async () => {
    const missing = /no environment variable (GATE_URL|GATE_SECRET)$/;
    assert.match(await pollMessage({ address: { env: 'GATE_URL' } }), missing);
    assert.match(await pollMessage({ secretEnv: 'GATE_SECRET' }, { GATE_SECRET: '' }), missing);
    assert.equal(receiver.received.length, 0);
  });

  for (const name of ['constructor', 'toString', '__proto__'])
    it(`pollGateWebhook: variable ${name}, which every object inherits -> missing`, async () => {
      const missing = new RegExp(`no environment variable ${name}$`);
      assert.match(await pollMessage({ address: { env: name } }), missing);
      assert.match(await pollMessage({ secretEnv: name }), missing);
      assert.equal(receiver.received.length, 0);
    });

  it('redactSecrets: variables that every object inherits -> the text stays', () => {
    const text = `the receiver said ${String(Object)}`;
    const receiverOf = { address: { env: 'constructor' }, secretEnv: 'toString' };
    assert.equal(redactSecrets(text, receiverOf, {}), text);
  });

  it('pollGateWebhook: URL from the environment is invalid -> sends nothing', async () => {
    const env = { GATE_URL: 'http://ci.example.com/token-7' };
    const message = await pollMessage({ address: { env: 'GATE_URL' } }, env);
    assert.match(message, /plain http is for loopback hosts only/);
    assert.equal(message.includes('example'), false);
  });

  it('pollGateWebhook: receiver repeats URL and secret -> messages contain neither', async () => {
    const env = { GATE_URL: `${receiver.url}/token-7`, GATE_SECRET: secret };
    const fields = { address: { env: 'GATE_URL' }, secretEnv: 'GATE_SECRET' };
    const allMessages = async () => {
      const messages = [];
      receiver.reply = answer(200, { answer: 'no', reason: `${secret} at ${env.GATE_URL}` });
      messages.push((await ask(fields, env)).message);
      receiver.reply = answer(200, { answer: 'not yet', reason: `${'x'.repeat(190)}${secret}` });
      messages.push(await pollMessage(fields, env));
      for (const reply of [answer(500, secret), hangUp]) {
        receiver.reply = reply;
        messages.push(await pollMessage(fields, env));
      }
      messages.push(await pollMessage(fields, { ...env, GATE_URL: `${await deadUrl()}/token-7` }));
      return messages.join('\n');
    };
    const text = await allMessages();
    assert.match(text, /the receiver in GATE_URL says no: \*\*\* at \*\*\*/);
    for (const part of ['a-well', 'token-7', '127.0.0.1']) assert.equal(text.includes(part), false, text);
  });

  const repeated: [what: string, url: string, reason: string, redacted: string][] = [
    ['the path', '/hooks/T0K3N', 'no route POST /hooks/T0K3N', 'no route POST ***'],
    ['the path without the query', '/hooks/T0K3N?v=1', 'no /hooks/T0K3N, v1', 'no ***, v1'],
    ['the path with the query', '/g?key=s3cr3t', 'cannot POST /g?key=s3cr3t', 'cannot POST ***'],
    ['a long segment', '/hooks/T0K3N-77/build', 'token T0K3N-77 of hooks', 'token *** of hooks'],
    ['a long value of the query', '/gate?key=k-1234567', 'key k-1234567 is old', 'key *** is old'],
    ['the normalized form', '/a/../hooks/T0K3N', 'HOST/hooks/T0K3N is shut', '*** is shut'],
    [
      'the decoded form',
      '/hooks/k%20k/%C3%BC-1234567',
      'no /hooks/k k/ü-1234567, no ü-1234567',
      'no ***, no ***',
    ],
    ['no part', '/', 'no / of 5/7', 'no / of 5/7'],
  ];
  for (const [what, path, reason, redacted] of repeated)
    it(`pollGateWebhook: receiver repeats ${what} of a secret URL -> redacted`, async () => {
      const env = { GATE_URL: `${receiver.url}${path}` };
      receiver.reply = answer(200, { answer: 'no', reason: reason.replace('HOST', receiver.url) });
      const { message } = await ask({ address: { env: 'GATE_URL' } }, env);
      assert.equal(message, `the receiver in GATE_URL says no: ${redacted}`);
    });
});
