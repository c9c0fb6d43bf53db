import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { SNSClientConfig } from '@aws-sdk/client-sns';
import type { Client } from '@temporalio/client';
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
  heartbeatDetails?: unknown;
  /** Temporal's response to the heartbeat before the sending. */
  heartbeat?: (details: unknown) => Promise<void>;
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

  type Outcome = { delivered: boolean; message: string };
  async function send(
    { channel, env = {}, heartbeatDetails, ...more }: SendOptions,
    snsUrl = receiver.url,
  ): Promise<Outcome> {
    const { heartbeat = () => Promise.resolve() } = more;
    const client = {
      activity: { heartbeat: (_: unknown, details: unknown) => heartbeat(details) },
      withAbortSignal: (_: AbortSignal, run: () => unknown) => run(),
    };
    const environment = new MockActivityEnvironment(
      { heartbeatDetails },
      { client: client as unknown as Client, logger: new DefaultLogger('ERROR') },
    );
    const sendNotification = createSendNotification({ sns: snsConfig(snsUrl), env, waitsMs: [10, 20] });
    return environment.run(sendNotification, { channel, notification: more.notification ?? notification });
  }

  const overWebhook = (more: Partial<SendOptions> = {}) =>
    send({ channel: webhook({ url: receiver.url }), ...more });
  const name = () => receiver.url.replace('http://', '');

  it('sendNotification: webhook with a secret -> signed POST of the notification', async () => {
    const channel = webhook({ url: receiver.url }, 'HOOK_SECRET');
    const sent = await send({ channel, env: { HOOK_SECRET: 'hook-secret' } });
    assert.deepEqual(sent, { delivered: true, message: `${name()} received the notification` });
    const [request] = receiver.received;
    assert.deepEqual(JSON.parse(request?.body ?? ''), notification);
    assert.equal(request?.headers['idempotency-key'], notification.id);
    assert.match(String(request?.headers['x-penstock-signature']), /^t=\d+,v1=[0-9a-f]{64}$/);
  });

  it('sendNotification: Slack -> text without links and mentions', async () => {
    const sent = await send({ channel: slack(), env: { SLACK_URL: `${receiver.url}/T0/B0/token` } });
    assert.deepEqual(sent, {
      delivered: true,
      message: 'Slack (the receiver in SLACK_URL) received the notification',
    });
    const [request] = receiver.received;
    assert.equal(request?.path, '/T0/B0/token');
    assert.deepEqual(JSON.parse(request.body), {
      text:
        'digits: rolling back: error rate 2 % is not &lt; 1 % &lt;http://evil|click&gt; &amp; more\n' +
        'digits-1a2b3c4d, canary | rollout:digits | 2026-11-02T12:00:00.000Z',
    });
  });

  it('sendNotification: any channel -> heartbeat is recorded before the request', async () => {
    const seen: [unknown, number][] = [];
    await overWebhook({
      heartbeat: (details) => {
        seen.push([details, receiver.received.length]);
        return Promise.resolve();
      },
    });
    assert.deepEqual(seen, [[{ sending: true }, 0]]);
    assert.equal(receiver.received.length, 1);
  });

  it('sendNotification: heartbeat fails -> sends nothing, retryable failure', async () => {
    const sent = overWebhook({ heartbeat: () => Promise.reject(new Error('unavailable')) });
    await assert.rejects(
      sent,
      (error) =>
        error instanceof ApplicationFailure && error.type === 'Unavailable' && error.nonRetryable === false,
    );
    assert.equal(receiver.received.length, 0);
  });

  it('sendNotification: earlier attempt may have sent it -> not sent again', async () => {
    const sent = await overWebhook({ heartbeatDetails: { sending: true } });
    assert.deepEqual(sent, {
      delivered: false,
      message: `${name()} may have received the notification from an earlier attempt; Penstock does not send it again`,
    });
    assert.equal(receiver.received.length, 0);
  });

  for (const status of [429, 503])
    it(`sendNotification: webhook answers ${status} -> retries with the same body`, async () => {
      receiver.replies(answer(status), answer(status), answer(204, ''));
      assert.equal((await overWebhook()).delivered, true);
      assert.equal(receiver.received.length, 3);
      assert.equal(new Set(receiver.received.map(({ body }) => body)).size, 1);
    });

  it('sendNotification: 503 three times -> not delivered, activity succeeds', async () => {
    receiver.reply = answer(503);
    assert.deepEqual(await overWebhook(), { delivered: false, message: `${name()} answers 503` });
    assert.equal(receiver.received.length, 3);
  });

  for (const status of [500, 502, 504])
    it(`sendNotification: webhook answers ${status} -> not sent again`, async () => {
      receiver.reply = answer(status);
      const { delivered, message } = await overWebhook();
      assert.equal(delivered, false);
      assert.match(
        message,
        new RegExp(
          `answers ${status} and may have received the notification; Penstock does not send it again`,
        ),
      );
      assert.equal(receiver.received.length, 1);
    });

  it('sendNotification: connection closed -> not sent again', async () => {
    receiver.reply = hangUp;
    const { delivered, message } = await overWebhook();
    assert.equal(delivered, false);
    assert.match(message, /closed the connection.*may have received the notification/);
    assert.equal(receiver.received.length, 1);
  });

  for (const status of [302, 400, 404])
    it(`sendNotification: webhook answers ${status} -> not delivered, no retry`, async () => {
      receiver.reply = answer(status, {}, { location: '/elsewhere' });
      assert.deepEqual(await overWebhook(), { delivered: false, message: `${name()} answers ${status}` });
      assert.equal(receiver.received.length, 1);
    });

  it('sendNotification: connection refused or variable missing -> not delivered, message without the URL', async () => {
    const sent = await send({ channel: slack(), env: { SLACK_URL: `${await deadUrl()}/T0/B0/token` } });
    const message = 'Slack (the receiver in SLACK_URL) cannot be reached (ECONNREFUSED)';
    assert.deepEqual(sent, { delivered: false, message });
    const withoutVariable = await send({ channel: slack() });
    assert.equal(withoutVariable.delivered, false);
    assert.match(withoutVariable.message, /no environment variable SLACK_URL/);
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
      const sent = await send({ channel: sns() });
      assert.deepEqual(sent, { delivered: true, message: 'the topic rollouts received the notification' });
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

    it('sendNotification: FIFO topic -> group id and deduplication id', async () => {
      await send({ channel: sns(`${topicArn}.fifo`) });
      assert.equal(published().get('MessageGroupId'), 'digits');
      const digest = createHash('sha256').update(notification.id).digest('hex');
      assert.equal(published().get('MessageDeduplicationId'), digest);
    });

    it('sendNotification: SNS throttles -> retries', async () => {
      receiver.replies(refused(400, 'Throttling'), refused(503, 'ServiceUnavailable'), ok);
      assert.equal((await send({ channel: sns() })).delivered, true);
      assert.equal(receiver.received.length, 3);
    });

    it('sendNotification: SNS refuses -> not delivered, message names the error', async () => {
      receiver.reply = refused(403, 'AuthorizationError');
      const sent = await send({ channel: sns() });
      assert.equal(sent.delivered, false);
      assert.match(sent.message, /the topic rollouts did not confirm the notification \(.*Authorization/);
      assert.equal(receiver.received.length, 1);
    });

    it('sendNotification: SNS error after the request was sent -> not sent again', async () => {
      for (const reply of [refused(500, 'InternalFailure'), hangUp]) {
        receiver.received.length = 0;
        receiver.reply = reply;
        const sent = await send({ channel: sns() });
        assert.equal(sent.delivered, false);
        assert.match(sent.message, /may have received the notification; Penstock does not send it again/);
        assert.equal(receiver.received.length, 1);
      }
    });

    it('sendNotification: SNS unreachable -> not delivered, activity succeeds', async () => {
      const sent = await send({ channel: sns() }, await deadUrl());
      assert.equal(sent.delivered, false);
      assert.match(sent.message, /did not confirm the notification \(ECONNREFUSED\)/);
    });
  });
});
