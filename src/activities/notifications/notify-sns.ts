import { createHash } from 'node:crypto';
import {
  PublishCommand,
  SNSClient,
  type PublishCommandInput,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { cancellationSignal, Context } from '@temporalio/activity';
import { deliveryOf, type DeliveryResult } from './delivery.js';
import type { Notification } from '../interface/notifications.js';
import { headlineOf, notificationText } from './message-text.js';
import { codeOf, isBeforeSending, timeoutMs } from '../webhooks/signed-post.js';

export type SendToTopic = (topicArn: string, notification: Notification) => Promise<DeliveryResult>;

/**
 * No keep-alive: a reused connection may close during a request, and then it is unknown whether the request has
 * arrived.
 */
const requestHandler = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } };

/**
 * One client for each region. Clients do not retry, because the SDK would not report whether an earlier try may
 * have arrived.
 */
export function createTopicSender(config: SNSClientConfig): SendToTopic {
  const clients = new Map<string, SNSClient>();
  return (topicArn, notification) => {
    const region = topicArn.split(':')[3] ?? '';
    const client =
      clients.get(region) ?? new SNSClient({ requestHandler, ...config, region, maxAttempts: 1 });
    clients.set(region, client);
    return publish(client, inputOf(topicArn, notification));
  };
}

async function publish(client: SNSClient, input: PublishCommandInput): Promise<DeliveryResult> {
  const abortSignal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(timeoutMs)]);
  try {
    await client.send(new PublishCommand(input), { abortSignal });
    return { kind: 'delivered' };
  } catch (error) {
    if (cancellationSignal().aborted) return await Context.current().cancelled;
    return classify(error);
  }
}

function classify(error: unknown): DeliveryResult {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  const reason = `did not confirm the notification (${codeOf(error) ?? name})`;
  const status = $metadata?.httpStatusCode;
  if (/Thrott/.test(name)) return { kind: 'undelivered', reason, retryable: true };
  if (status !== undefined) return deliveryOf(status, reason);
  if (name === 'CredentialsProviderError' || isBeforeSending(codeOf(error)))
    return { kind: 'undelivered', reason, retryable: true };
  return { kind: 'unknown', reason };
}

/**
 * People's subscriptions receive text, programs receive JSON. A FIFO topic drops duplicates by the
 * deduplication id.
 */
function inputOf(topicArn: string, notification: Notification): PublishCommandInput {
  const text = notificationText(notification);
  const json = JSON.stringify(notification);
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  return {
    TopicArn: topicArn,
    Subject: headlineOf(notification),
    MessageStructure: 'json',
    Message: JSON.stringify({
      default: text,
      sqs: json,
      lambda: json,
      http: json,
      https: json,
      firehose: json,
    }),
    MessageAttributes: { event: attribute(notification.event), endpoint: attribute(notification.endpoint) },
    ...(topicArn.endsWith('.fifo')
      ? {
          MessageGroupId: notification.endpoint,
          MessageDeduplicationId: createHash('sha256').update(notification.id).digest('hex'),
        }
      : {}),
  };
}
