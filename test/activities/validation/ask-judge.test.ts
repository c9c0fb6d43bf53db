import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createAskJudge, type JudgeOptions } from '../../../src/activities/validation/ask-judge.js';
import { failureOf } from '../activity-environment.js';
import { answer, deadUrl, hangUp, Receiver } from '../webhooks/receiver.js';

const secret = 'a-well-kept-secret';
const record = { body: { text: 'hello' }, contentType: 'application/json' };
const reply = { contentType: 'text/plain', text: 'hi' };

describe('createAskJudge', () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await Receiver.open()));
  afterEach(() => receiver.close());

  const ask = (
    options: Partial<JudgeOptions> = {},
    {
      asked = record,
      answered = reply,
    }: { asked?: object; answered?: { contentType: null; text: null } | typeof reply } = {},
  ) => {
    const judge = { address: { url: `${receiver.url}/judge` }, secretEnv: null };
    const rollout = { rolloutId: 'chat-1a2b3c4d', endpoint: 'chat', variant: 'b' };
    const askJudge = createAskJudge({ judge, rollout, env: {}, pausesMs: [1, 1], ...options });
    const run = () => askJudge(asked as typeof record, 2, answered);
    return new MockActivityEnvironment().run(run);
  };

  it('askJudge: yes -> right; the question has request and answer', async () => {
    receiver.reply = answer(200, { answer: 'yes' });
    assert.equal(await ask({}, { asked: { ...record, expect: 'a greeting' } }), null);
    const [request] = receiver.received;
    assert.equal(request?.headers['idempotency-key'], 'chat-1a2b3c4d:golden-3');
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      id: 'chat-1a2b3c4d:golden-3',
      rolloutId: 'chat-1a2b3c4d',
      endpoint: 'chat',
      variant: 'b',
      record: 3,
      request: { body: { text: 'hello' }, contentType: 'application/json' },
      answer: { contentType: 'text/plain', text: 'hi' },
      expect: 'a greeting',
    });
  });

  it('askJudge: secret set -> signed as the other webhooks, and hidden in the reason', async () => {
    receiver.reply = answer(200, { answer: 'no', reason: `bad ${secret}\nanswer` });
    const judge = { address: { url: receiver.url }, secretEnv: 'JUDGE_SECRET' };
    const said = await ask({ judge, env: { JUDGE_SECRET: secret } });
    assert.match(String(said), /^judge 127\.0\.0\.1:\d+ says no: bad \*\*\* answer$/);
    const [request] = receiver.received;
    const [, t, v1] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-penstock-signature'])) ?? [];
    assert.equal(v1, createHmac('sha256', secret).update(`${t}.${request?.body}`).digest('hex'));
  });

  it('askJudge: away for a moment -> asked again with the same id', async () => {
    receiver.replies(answer(503), hangUp, answer(200, { answer: 'yes' }));
    assert.equal(await ask(), null);
    const ids = receiver.received.map(({ headers }) => headers['idempotency-key']);
    assert.deepEqual(ids, Array(3).fill('chat-1a2b3c4d:golden-3'));
  });

  it('askJudge: stays away -> ValidationFailed after the last try', async () => {
    receiver.reply = answer(503);
    await assert.rejects(
      ask(),
      failureOf('ValidationFailed', /^b: judge \S+ answers 503, so record 3 is not judged/),
    );
    assert.equal(receiver.received.length, 3);
    const judge = { address: { url: await deadUrl() }, secretEnv: null };
    await assert.rejects(ask({ judge }), failureOf('ValidationFailed', /cannot be reached \(ECONNREFUSED\)/));
    const unset = { address: { env: 'JUDGE_URL' }, secretEnv: null };
    await assert.rejects(
      ask({ judge: unset }),
      failureOf('ValidationFailed', /no environment variable JUDGE_URL/),
    );
  });

  it('askJudge: rejected, redirected -> ValidationFailed without another try', async () => {
    for (const status of [404, 400, 302]) {
      receiver.received.length = 0;
      receiver.reply = answer(status);
      await assert.rejects(ask(), failureOf('ValidationFailed', new RegExp(`answers ${status}`)));
      assert.equal(receiver.received.length, 1);
    }
  });

  for (const body of [
    'yes',
    '{"answer": "YES"}',
    '{"answer": true}',
    '{"answer": "not yet"}',
    '[]',
    'null',
    '',
  ])
    it(`askJudge: 200 with ${body || 'an empty body'} -> ValidationFailed`, async () => {
      receiver.reply = answer(200, body);
      await assert.rejects(ask(), failureOf('ValidationFailed', /answers 200 with an invalid body/));
    });

  it('askJudge: answer that is not text -> wrong, and not sent', async () => {
    const found = await ask({}, { answered: { contentType: null, text: null } });
    assert.equal(found, 'the answer is not text in UTF-8');
    assert.deepEqual(receiver.received, []);
  });
});
