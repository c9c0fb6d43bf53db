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
  /** For clients in the topics' own regions. */
  sns: SNSClientConfig;
  env: Environment;
  /** Waits between tries of which nothing has arrived; 2 s and 8 s unless given. */
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
      return { delivered: false, message: `${name} may have been told by an attempt that broke off` };
    await recordSendIntent();
    const delivery = await sendUntilSettled(() => send(channel, notification, sendToTopic, env), waitsMs);
    return { delivered: delivery.kind === 'delivered', message: `${name} ${clauseOf(delivery)}` };
  };
}

interface Announcement {
  sending: true;
}

function mayHaveBeenSent(): boolean {
  const details = activityInfo().heartbeatDetails as Partial<Announcement> | null | undefined;
  return details?.sending === true;
}

/**
 * Returns once the server has it. A plain heartbeat is on its way at best when it returns, and a worker that dies then would have
 * sent without a trace.
 */
async function recordSendIntent(): Promise<void> {
  try {
    await getClient().activity.heartbeat(activityInfo().taskToken, { sending: true } satisfies Announcement);
  } catch (error) {
    throw retryableFailure('Unavailable', 'Temporal did not take down that a notice is about to be sent', {
      cause: error,
    });
  }
}

/** Only what has certainly not arrived is sent again. */
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

function clauseOf(delivery: DeliveryResult): string {
  switch (delivery.kind) {
    case 'delivered':
      return 'has been told';
    case 'undelivered':
      return delivery.reason;
    case 'unknown':
      return `${delivery.reason}, and may have been told: it is not told again`;
  }
}
