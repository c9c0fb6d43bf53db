import { createHash } from 'node:crypto';
import {
  PublishCommand,
  SNSClient,
  type PublishCommandInput,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { ApplicationFailure } from '@temporalio/common';
import { mutateAws } from '../aws/errors.js';
import { nonRetryableFailure, retryableFailure } from '../temporal/failures.js';
import type { Notification } from '../interface/notifications.js';
import { headlineOf, notificationText } from './message-text.js';

type SendToTopic = (topicArn: string, notification: Notification) => Promise<void>;

/** One client for each region. Fails: Throttled, Unavailable; Rejected if a repetition would be rejected too. */
export function createTopicSender(config: SNSClientConfig): SendToTopic {
  const clients = new Map<string, SNSClient>();
  return async (topicArn, notification) => {
    const region = topicArn.split(':')[3] ?? '';
    const client = clients.get(region) ?? new SNSClient({ ...config, region });
    clients.set(region, client);
    const command = new PublishCommand(inputOf(topicArn, notification));
    try {
      await mutateAws((o) => client.send(command, o));
    } catch (error) {
      throw error instanceof ApplicationFailure ? failureOfTopic(topicArn, error) : error;
    }
  };
}

/** Another worker can have the credentials, so a denied access is not final. */
function failureOfTopic(topicArn: string, failure: ApplicationFailure): ApplicationFailure {
  const message = `the topic ${topicArn.split(':').at(-1)} did not confirm the notification: ${failure.message}`;
  if (failure.nonRetryable && failure.type !== 'AccessDenied')
    return nonRetryableFailure('Rejected', message, failure);
  return retryableFailure(failure.type === 'Throttled' ? 'Throttled' : 'Unavailable', message, {
    cause: failure,
  });
}

/**
 * People's subscriptions receive text, programs receive JSON. The attribute `idempotencyKey` is the same in every
 * attempt. A FIFO topic delivers only one of the messages with the same deduplication id within five minutes. Source:
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
function inputOf(topicArn: string, notification: Notification): PublishCommandInput {
  const { id, event, endpoint } = notification;
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
    MessageAttributes: {
      event: attribute(event),
      endpoint: attribute(endpoint),
      idempotencyKey: attribute(id),
    },
    ...(topicArn.endsWith('.fifo')
      ? {
          MessageGroupId: endpoint,
          MessageDeduplicationId: createHash('sha256').update(id).digest('hex'),
        }
      : {}),
  };
}
