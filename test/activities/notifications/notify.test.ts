import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { SNSClientConfig } from '@aws-sdk/client-sns';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Notification } from '../../../src/activities/interface/notifications.js';
import { createSendNotification } from '../../../src/activities/notifications/notify.js';
import { notificationEvents, type Channel } from '../../../src/plan/compiled/notifications.js';
import { answer, deadUrl, hangUp, Receiver } from '../webhooks/receiver.js';

const topicArn = 'arn:aws:sns:eu-central-1:123456789012:rollouts';
const notification: Notification = {
  id: 'digits-1a2b3c4d/7',
  event: 'rollback',
  at: '2026-11-02T12:00:00.000Z',
  rolloutId: 'digits-1a2b3c4d',
  workflowId: 'rollout:digits',
  endpoint: 'digits',
  strategy: 'canary',
  message: 'error rate 2 % is not < 1 % <http://evil|click> & more',
};

interface SendOptions {
  channel: Channel;
  notification?: Notification;
  env?: Record<string, string>;
}

interface ExpectedFailure {
  type: string;
  isFinal: boolean;
  message: string | RegExp;
}

async function assertFails(sent: Promise<void>, { type, isFinal, message }: ExpectedFailure): Promise<void> {
  await assert.rejects(sent, (error) => {
    assert.ok(error instanceof ApplicationFailure, String(error));
    assert.deepEqual([error.type, error.nonRetryable], [type, isFinal], error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

describe('sendNotification', () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await Receiver.open()));
  afterEach(() => receiver.close());

  const snsConfig = (endpoint: string): SNSClientConfig => ({
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test-secret' },
  });
  const webhook = (
    address: (Channel & { kind: 'webhook' })['address'],
    secretEnv: string | null = null,
  ): Channel => ({
    notificationEvents: [...notificationEvents],
    kind: 'webhook',
    address,
    secretEnv,
  });
  const slack = (): Channel => ({
    notificationEvents: [...notificationEvents],
    kind: 'slack',
    address: { env: 'SLACK_URL' },
  });
  const sns = (arn = topicArn): Channel => ({
    notificationEvents: [...notificationEvents],
    kind: 'sns',
    topicArn: arn,
  });

  /** One attempt. */
  function send({ channel, env = {}, ...more }: SendOptions, snsUrl = receiver.url): Promise<void> {
    const environment = new MockActivityEnvironment(
      { startToCloseTimeoutMs: 60_000 },
      { logger: new DefaultLogger('ERROR') },
    );
    const sendNotification = createSendNotification({ sns: snsConfig(snsUrl), env });
    return environment.run(sendNotification, { channel, notification: more.notification ?? notification });
  }

  const overWebhook = (more: Partial<SendOptions> = {}) =>
    send({ channel: webhook({ url: receiver.url }), ...more });
  const name = () => receiver.url.replace('http://', '');

  it('sendNotification: webhook with a secret -> signed POST of the notification', async () => {
    const channel = webhook({ url: receiver.url }, 'HOOK_SECRET');
    await send({ channel, env: { HOOK_SECRET: 'hook-secret' } });
    const [request] = receiver.received;
    assert.deepEqual(JSON.parse(request?.body ?? ''), notification);
    assert.equal(request?.headers['idempotency-key'], notification.id);
    assert.match(String(request?.headers['x-penstock-signature']), /^t=\d+,v1=[0-9a-f]{64}$/);
  });

  it('sendNotification: Slack -> text without links and mentions', async () => {
    await send({ channel: slack(), env: { SLACK_URL: `${receiver.url}/T0/B0/token` } });
    const [request] = receiver.received;
    assert.equal(request?.path, '/T0/B0/token');
    assert.deepEqual(JSON.parse(request.body), {
      text:
        'digits: rolling back: error rate 2 % is not &lt; 1 % &lt;http://evil|click&gt; &amp; more\n' +
        'digits-1a2b3c4d, canary | rollout:digits | 2026-11-02T12:00:00.000Z',
    });
  });

  it('sendNotification: sent twice -> same body and key', async () => {
    await overWebhook();
    await overWebhook();
    const seen = receiver.received.map(({ body, headers }) => [body, headers['idempotency-key']]);
    assert.deepEqual(seen[0], seen[1]);
  });

  for (const status of [401, 403, 408, 425, 429, 500, 502, 503, 504])
    it(`sendNotification: webhook answers ${status} -> retryable failure after one request`, async () => {
      receiver.reply = answer(status);
      const message = `${name()} answers ${status}`;
      await assertFails(overWebhook(), { type: 'Unavailable', isFinal: false, message });
      assert.equal(receiver.received.length, 1);
    });

  it('sendNotification: connection closed -> retryable failure', async () => {
    receiver.reply = hangUp;
    const message = /closed the connection/;
    await assertFails(overWebhook(), { type: 'Unavailable', isFinal: false, message });
  });

  for (const status of [302, 400, 404, 410])
    it(`sendNotification: webhook answers ${status} -> final failure`, async () => {
      receiver.reply = answer(status, {}, { location: '/elsewhere' });
      const message = `${name()} answers ${status}`;
      await assertFails(overWebhook(), { type: 'Rejected', isFinal: true, message });
    });

  it('sendNotification: connection refused or variable missing -> retryable failure without the URL', async () => {
    const refused = send({ channel: slack(), env: { SLACK_URL: `${await deadUrl()}/T0/B0/token` } });
    const message = 'Slack (the receiver in SLACK_URL) cannot be reached (ECONNREFUSED)';
    await assertFails(refused, { type: 'Unavailable', isFinal: false, message });
    const withoutVariable = send({ channel: slack() });
    const missing = /no environment variable SLACK_URL/;
    await assertFails(withoutVariable, { type: 'Unavailable', isFinal: false, message: missing });
  });

  describe('SNS topics', () => {
    const published = () => new URLSearchParams(receiver.received[0]?.body);
    const ok = answer(
      200,
      `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
       <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>`,
      { 'content-type': 'text/xml' },
    );
    const refused = (status: number, code: string) =>
      answer(
        status,
        `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>
         <Code>${code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
        { 'content-type': 'text/xml' },
      );
    beforeEach(() => (receiver.reply = ok));

    it('sendNotification: SNS topic -> text, JSON and filter attributes', async () => {
      await send({ channel: sns() });
      assert.match(String(receiver.received[0]?.headers.authorization), /\/eu-central-1\/sns\/aws4_request/);
      const parameters = published();
      assert.equal(parameters.get('Action'), 'Publish');
      assert.equal(parameters.get('TopicArn'), topicArn);
      assert.equal(parameters.get('Subject'), 'digits: rolling back');
      assert.equal(parameters.get('MessageStructure'), 'json');
      const message = JSON.parse(parameters.get('Message') ?? '') as Record<string, string>;
      assert.match(message['default'] ?? '', /^digits: rolling back: error rate 2 % is not < 1 %/);
      for (const protocol of ['sqs', 'lambda', 'https'])
        assert.deepEqual(JSON.parse(message[protocol] ?? ''), notification);
      assert.equal(parameters.get('MessageAttributes.entry.1.Name'), 'event');
      assert.equal(parameters.get('MessageAttributes.entry.1.Value.StringValue'), 'rollback');
      assert.equal(parameters.get('MessageAttributes.entry.2.Name'), 'endpoint');
      assert.equal(parameters.get('MessageAttributes.entry.2.Value.StringValue'), 'digits');
      assert.equal(parameters.get('MessageAttributes.entry.3.Name'), 'idempotencyKey');
      assert.equal(parameters.get('MessageAttributes.entry.3.Value.StringValue'), notification.id);
      assert.equal(parameters.get('MessageGroupId'), null);
    });

    for (const event of notificationEvents)
      it(`sendNotification: SNS event ${event} -> subject of at most 100 ASCII characters`, async () => {
        const message = 'ä'.repeat(5_000);
        await send({
          channel: sns(),
          notification: { ...notification, event, endpoint: 'd'.repeat(63), message },
        });
        assert.match(published().get('Subject') ?? '', /^[\x20-\x7e]{1,100}$/);
      });

    it('sendNotification: FIFO topic, sent twice -> group id and the same deduplication id', async () => {
      for (let attempt = 1; attempt <= 2; attempt++) await send({ channel: sns(`${topicArn}.fifo`) });
      const digest = createHash('sha256').update(notification.id).digest('hex');
      for (const { body } of receiver.received) {
        const parameters = new URLSearchParams(body);
        assert.equal(parameters.get('MessageGroupId'), 'digits');
        assert.equal(parameters.get('MessageDeduplicationId'), digest);
      }
      assert.equal(receiver.received.length, 2);
    });

    it('sendNotification: SNS is throttled or fails once -> the SDK sends again', async () => {
      for (const reply of [refused(400, 'Throttling'), refused(500, 'InternalFailure'), hangUp]) {
        receiver.received.length = 0;
        receiver.replies(reply, ok);
        await send({ channel: sns() });
        assert.equal(receiver.received.length, 2);
      }
    });

    const unconfirmed = /^the topic rollouts did not confirm the notification: /;

    it('sendNotification: SNS denies access -> retryable failure, because another worker can have it', async () => {
      receiver.reply = refused(403, 'AuthorizationError');
      const sent = send({ channel: sns() });
      await assertFails(sent, { type: 'Unavailable', isFinal: false, message: /AuthorizationError/ });
      assert.equal(receiver.received.length, 1);
    });

    for (const [status, code] of [
      [400, 'InvalidParameter'],
      [404, 'NotFound'],
    ] as const)
      it(`sendNotification: SNS answers ${code} -> final failure`, async () => {
        receiver.reply = refused(status, code);
        await assertFails(send({ channel: sns() }), {
          type: 'Rejected',
          isFinal: true,
          message: unconfirmed,
        });
      });

    it('sendNotification: SNS unreachable -> retryable failure', async () => {
      const sent = send({ channel: sns() }, await deadUrl());
      await assertFails(sent, { type: 'Unavailable', isFinal: false, message: unconfirmed });
    });
  });
});
