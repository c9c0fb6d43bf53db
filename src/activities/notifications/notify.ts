import type { SNSClientConfig } from '@aws-sdk/client-sns';
import { activityInfo, getClient, sleep } from '@temporalio/activity';
import type { Channel } from '../../plan/compiled/notifications.js';
import type { DeliveryResult } from './delivery.js';
import { retryableFailure } from '../temporal/failures.js';
import type { RolloutActivities } from '../interface/activities.js';
import type { Notification } from '../interface/notifications.js';
import { nameOfHttp, sendOverHttp } from './notify-http.js';
import { createTopicSender, type SendToTopic } from './notify-sns.js';
import type { Environment } from '../webhooks/signed-post.js';

export interface NotifyDeps {
  /** For SNS clients, one for each topic's region. */
  sns: SNSClientConfig;
  env: Environment;
  /** Delays before the retries of a notification that has certainly not arrived. Default: 2 s and 8 s. */
  waitsMs?: readonly number[];
}

export function createSendNotification({
  sns,
  env,
  waitsMs = [2_000, 8_000],
}: NotifyDeps): RolloutActivities['sendNotification'] {
  const sendToTopic = createTopicSender(sns);
  return async ({ channel, notification }) => {
    const name = nameOf(channel);
    if (mayHaveBeenSent())
      return {
        delivered: false,
        message: `${name} may have received the notification from an earlier attempt; Penstock does not send it again`,
      };
    await recordSendIntent();
    const delivery = await sendUntilSettled(() => send(channel, notification, sendToTopic, env), waitsMs);
    return { delivered: delivery.kind === 'delivered', message: `${name} ${describeResult(delivery)}` };
  };
}

interface SendIntent {
  sending: true;
}

function mayHaveBeenSent(): boolean {
  const details = activityInfo().heartbeatDetails as Partial<SendIntent> | null | undefined;
  return details?.sending === true;
}

/**
 * Returns after the server has recorded the intent. A plain heartbeat returns before the server has it. If the
 * worker then died, the server would not know that the worker may have sent the notification.
 */
async function recordSendIntent(): Promise<void> {
  try {
    await getClient().activity.heartbeat(activityInfo().taskToken, { sending: true } satisfies SendIntent);
  } catch (error) {
    throw retryableFailure(
      'Unavailable',
      'Temporal did not record that this attempt sends the notification',
      {
        cause: error,
      },
    );
  }
}

/** Retries only if the notification has certainly not arrived. */
async function sendUntilSettled(
  send: () => Promise<DeliveryResult>,
  waitsMs: readonly number[],
): Promise<DeliveryResult> {
  let delivery = await send();
  for (const waitMs of waitsMs) {
    if (delivery.kind !== 'undelivered' || !delivery.retryable) break;
    await sleep(waitMs);
    delivery = await send();
  }
  return delivery;
}

function send(
  channel: Channel,
  notification: Notification,
  sendToTopic: SendToTopic,
  env: Environment,
): Promise<DeliveryResult> {
  return channel.kind === 'sns'
    ? sendToTopic(channel.topicArn, notification)
    : sendOverHttp(channel, notification, env);
}

function nameOf(channel: Channel): string {
  return channel.kind === 'sns' ? `the topic ${channel.topicArn.split(':').at(-1)}` : nameOfHttp(channel);
}

function describeResult(delivery: DeliveryResult): string {
  switch (delivery.kind) {
    case 'delivered':
      return 'received the notification';
    case 'undelivered':
      return delivery.reason;
    case 'unknown':
      return `${delivery.reason} and may have received the notification; Penstock does not send it again`;
  }
}
