import { createHash } from 'node:crypto';
import {
  PublishCommand,
  SNSClient,
  type PublishCommandInput,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { cancellationSignal, Context } from '@temporalio/activity';
import { deliveryOf, type Delivery } from './delivery.js';
import type { Notice } from '../interface/notifications.js';
import { headlineOf, textOf } from './message-text.js';
import { codeOf, isBeforeSending, timeoutMs } from '../webhooks/signed-post.js';

export type SendToTopic = (topicArn: string, notice: Notice) => Promise<Delivery>;

/** A kept connection may be closed just as it is used again, and then nobody knows what has arrived. */
const requestHandler = { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } };

/** A client for each topic's region. None tries twice by itself: it would not say what may have arrived. */
export function createTopicSender(config: SNSClientConfig): SendToTopic {
  const clients = new Map<string, SNSClient>();
  return (topicArn, notice) => {
    const region = topicArn.split(':')[3] ?? '';
    const client =
      clients.get(region) ?? new SNSClient({ requestHandler, ...config, region, maxAttempts: 1 });
    clients.set(region, client);
    return publish(client, inputOf(topicArn, notice));
  };
}

async function publish(client: SNSClient, input: PublishCommandInput): Promise<Delivery> {
  const abortSignal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(timeoutMs)]);
  try {
    await client.send(new PublishCommand(input), { abortSignal });
    return { kind: 'delivered' };
  } catch (error) {
    if (cancellationSignal().aborted) return await Context.current().cancelled;
    return classify(error);
  }
}

function classify(error: unknown): Delivery {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  const why = `was not told (${codeOf(error) ?? name})`;
  const status = $metadata?.httpStatusCode;
  if (/Thrott/.test(name)) return { kind: 'undelivered', why, again: true };
  if (status !== undefined) return deliveryOf(status, why);
  if (name === 'CredentialsProviderError' || isBeforeSending(codeOf(error)))
    return { kind: 'undelivered', why, again: true };
  return { kind: 'unclear', why };
}

/** People's subscriptions get the text, programs the notice as JSON. A FIFO topic drops repetitions by itself. */
function inputOf(topicArn: string, notice: Notice): PublishCommandInput {
  const text = textOf(notice);
  const json = JSON.stringify(notice);
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  return {
    TopicArn: topicArn,
    Subject: headlineOf(notice),
    MessageStructure: 'json',
    Message: JSON.stringify({
      default: text,
      sqs: json,
      lambda: json,
      http: json,
      https: json,
      firehose: json,
    }),
    MessageAttributes: { occasion: attribute(notice.occasion), endpoint: attribute(notice.endpoint) },
    ...(topicArn.endsWith('.fifo')
      ? {
          MessageGroupId: notice.endpoint,
          MessageDeduplicationId: createHash('sha256').update(notice.id).digest('hex'),
        }
      : {}),
  };
}
